using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Channels.DingTalk;
using Notify.Channels.Email;
using Notify.Channels.Feishu;
using Notify.Channels.Sending;
using Notify.Channels.SmsAliyun;
using Notify.Channels.SmsTwilio;
using Notify.Channels.Webhook;
using Notify.Channels.WeCom;
using Notify.Kernel.Http;

namespace Notify.Channels;

public static class ChannelRegistration
{
    /// <summary>Registers all channels, in the order in which people choose among them.</summary>
    public static IServiceCollection AddChannels(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(x => new ChannelCatalog(x.GetServices<IChannel>(), WeComChannel.TypeName));
        services.TryAddSingleton<OpenedSecrets>();
        services.AddProblemTexts(ChannelProblemTexts.Lines);
        services.AddEmail(configuration);
        services.AddSmsAliyun(configuration);
        services.AddSmsTwilio(configuration);
        services.AddWeCom(configuration);
        services.AddDingTalk(configuration);
        services.AddFeishu(configuration);
        services.AddWebhook(configuration);
        return services;
    }
}
