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
    /// <summary>Registers all channels. The first is the default of messages and actions without a type.</summary>
    public static IServiceCollection AddChannels(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<ChannelCatalog>();
        services.TryAddSingleton<OpenedSecrets>();
        services.AddProblemTexts(ChannelProblemTexts.Lines);
        services.AddWeCom(configuration);
        services.AddWebhook(configuration);
        services.AddFeishu(configuration);
        services.AddEmail(configuration);
        services.AddDingTalk(configuration);
        services.AddSmsTwilio(configuration);
        services.AddSmsAliyun(configuration);
        return services;
    }
}
