using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Kernel.Http;

namespace Notify.Channels.SmsAliyun;

/// <summary>The configuration section <c>Notify:SmsAliyun</c>.</summary>
public sealed class AliyunOptions : SmsOptions
{
    public const string Section = "Notify:SmsAliyun";
}

public static class AliyunRegistration
{
    public static IServiceCollection AddSmsAliyun(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSmsOptions<AliyunOptions>(configuration, AliyunChannel.TypeName, AliyunOptions.Section);
        return services.AddProblemTexts(AliyunProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var options = x.GetRequiredService<IOptions<AliyunOptions>>().Value;
            var client = new Lazy<AliyunClient>(() => new(
                x.PlatformHttp<AliyunOptions>(AliyunChannel.TypeName), x.GetRequiredService<TimeProvider>()));
            var delivery = new AliyunDelivery(
                client, options.ToLimits(), (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation));
            return new AliyunChannel(
                AliyunSettings.Described(options.AllowedOrigins), delivery, new AliyunConnectionTest(client, delivery, new AliyunTexts()));
        });
    }
}
