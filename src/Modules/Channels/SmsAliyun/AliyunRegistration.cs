using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Kernel.Http;

namespace Notify.Channels.SmsAliyun;

/// <summary>The section <c>Notify:SmsAliyun</c>.</summary>
public sealed class AliyunOptions : PlatformHttpOptions
{
    public const string Section = "Notify:SmsAliyun";

    /// <summary>Of endpoints, beside Alibaba Cloud's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one number; what waits longer goes later. 0: no limit.</summary>
    public int MobileLimitPerMinute { get; set; } = 10;

    /// <summary>How long a blocked account waits before it is tried for the first time. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);
}

public static class AliyunRegistration
{
    public static IServiceCollection AddSmsAliyun(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatformHttp<AliyunOptions>(configuration, AliyunChannel.TypeName, AliyunOptions.Section)
            .Validate(x => x.MobileLimitPerMinute >= 0 && x.ProbeInterval > TimeSpan.Zero,
                "Notify:SmsAliyun:MobileLimitPerMinute must be 0 or more, and Notify:SmsAliyun:ProbeInterval more than zero.");
        return services.AddProblemTexts(AliyunProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var options = x.GetRequiredService<IOptions<AliyunOptions>>().Value;
            var client = new Lazy<AliyunClient>(() => new(
                x.PlatformHttp<AliyunOptions>(AliyunChannel.TypeName), x.GetRequiredService<TimeProvider>()));
            var delivery = new AliyunDelivery(
                client, new LaneLimits(options.MobileLimitPerMinute, 0, 0) { Members = MobileNumber.Kind, ProbeInterval = options.ProbeInterval },
                (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation));
            return new AliyunChannel(
                AliyunSettings.Described(options.AllowedOrigins), delivery, new AliyunConnectionTest(client, delivery, new AliyunTexts()));
        });
    }
}
