using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Channels.Sms;

/// <summary>The configuration section of an SMS channel.</summary>
public abstract class SmsOptions : PlatformHttpOptions
{
    /// <summary>Origins that a service may use as the address of the API, in addition to the platform's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one number; further ones are sent later, merged if the channel can. 0: no limit. Nobody reads more, and
    /// carriers filter more.</summary>
    public int MobileLimitPerMinute { get; set; } = 10;

    /// <summary>How long a blocked lane waits before the first probe. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);

    internal LaneLimits ToLimits() => new(MobileLimitPerMinute, 0, 0) { Members = MobileNumber.Kind, ProbeInterval = ProbeInterval };
}

internal static class SmsRegistration
{
    public static OptionsBuilder<TOptions> AddSmsOptions<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string channel, string section)
        where TOptions : SmsOptions =>
        services.CheckDuration($"{section}:ProbeInterval", Durations.LongestInterval).AddPlatformHttp<TOptions>(configuration, channel, section)
            .Validate(x => x.MobileLimitPerMinute >= 0, $"{section}:MobileLimitPerMinute must be 0 or more.");
}
