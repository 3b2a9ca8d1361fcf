using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;

namespace Notify.Channels.Sms;

/// <summary>The section of a channel that sends SMS.</summary>
public abstract class SmsOptions : PlatformHttpOptions
{
    /// <summary>Origins that a service may name as the address of the API, beside the platform's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one number; what waits longer goes later, merged where the channel merges. 0: no limit. Nobody reads more, and
    /// carriers filter more out.</summary>
    public int MobileLimitPerMinute { get; set; } = 10;

    /// <summary>How long a blocked lane waits before it is tried for the first time. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);

    internal LaneLimits ToLimits() => new(MobileLimitPerMinute, 0, 0) { Members = MobileNumber.Kind, ProbeInterval = ProbeInterval };
}

internal static class SmsRegistration
{
    public static OptionsBuilder<TOptions> AddSmsOptions<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string channel, string section)
        where TOptions : SmsOptions =>
        services.AddPlatformHttp<TOptions>(configuration, channel, section)
            .Validate(x => x.MobileLimitPerMinute >= 0 && x.ProbeInterval > TimeSpan.Zero,
                $"{section}:MobileLimitPerMinute must be 0 or more, and {section}:ProbeInterval more than zero.");
}
