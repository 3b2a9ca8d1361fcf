using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsTwilio;

/// <summary>The section <c>Notify:SmsTwilio</c>.</summary>
public sealed class TwilioOptions : PlatformHttpOptions
{
    public const string Section = "Notify:SmsTwilio";

    /// <summary>Where the API is, for services that name no other address. An http or https URL.</summary>
    public Uri ApiBaseUrl { get; set; } = new("https://api.twilio.com");

    /// <summary>Of the address of the API in a service, beside Twilio's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one number; what waits longer is told in one. 0: no limit. Nobody reads more, and carriers filter more
    /// out.</summary>
    public int MobileLimitPerMinute { get; set; } = 10;

    /// <summary>How long a blocked sender waits before it is tried for the first time. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);
}

public static class TwilioRegistration
{
    public static IServiceCollection AddSmsTwilio(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatformHttp<TwilioOptions>(configuration, TwilioChannel.TypeName, TwilioOptions.Section)
            .Validate(x => x.MobileLimitPerMinute >= 0 && x.ProbeInterval > TimeSpan.Zero,
                "Notify:SmsTwilio:MobileLimitPerMinute must be 0 or more, and Notify:SmsTwilio:ProbeInterval more than zero.")
            .Validate(x => x.ApiBaseUrl.IsAbsoluteUri && x.ApiBaseUrl.Scheme is "https" or "http",
                "Notify:SmsTwilio:ApiBaseUrl must be an http or https URL.");
        return services.AddProblemTexts(TwilioProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var options = x.GetRequiredService<IOptions<TwilioOptions>>().Value;
            var client = new Lazy<TwilioClient>(() => new(x.PlatformHttp<TwilioOptions>(TwilioChannel.TypeName)));
            var delivery = new TwilioDelivery(
                client, options.ApiBaseUrl,
                new LaneLimits(options.MobileLimitPerMinute, 0, 0) { Members = MobileNumber.Kind, ProbeInterval = options.ProbeInterval },
                RevealAsync);
            return new TwilioChannel(
                TwilioSettings.Described(options.AllowedOrigins), delivery, new TwilioReports(RevealAsync),
                new TwilioConnectionTest(client, delivery, new TwilioTexts()));

            ValueTask<string> RevealAsync(SecretRef secret, CancellationToken cancellation) =>
                x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation);
        });
    }
}
