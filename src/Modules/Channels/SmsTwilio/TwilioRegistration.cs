using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsTwilio;

/// <summary>The configuration section <c>Notify:SmsTwilio</c>.</summary>
public sealed class TwilioOptions : SmsOptions
{
    public const string Section = "Notify:SmsTwilio";

    /// <summary>The base address of the API for services without an address of their own. An http or https URL.</summary>
    public Uri ApiBaseUrl { get; set; } = new("https://api.twilio.com");

    /// <summary>Price of one segment by the contract with Twilio, more than 0, shown in the preview of a message. Null: no price is shown.</summary>
    public decimal? SegmentPrice { get; set; }

    /// <summary>Of <see cref="SegmentPrice"/>.</summary>
    public string Currency { get; set; } = "USD";
}

public static class TwilioRegistration
{
    public static IServiceCollection AddSmsTwilio(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSmsOptions<TwilioOptions>(configuration, TwilioChannel.TypeName, TwilioOptions.Section)
            .Validate(x => x.ApiBaseUrl.IsAbsoluteUri && x.ApiBaseUrl.Scheme is "https" or "http",
                "Notify:SmsTwilio:ApiBaseUrl must be an http or https URL.")
            .Validate(x => x.SegmentPrice is null or > 0 and < 1000, "Notify:SmsTwilio:SegmentPrice must be more than 0 and less than 1000.")
            .Validate(x => !string.IsNullOrWhiteSpace(x.Currency), "Notify:SmsTwilio:Currency must not be empty.");
        return services.AddProblemTexts(TwilioProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var options = x.GetRequiredService<IOptions<TwilioOptions>>().Value;
            var client = new Lazy<TwilioClient>(() => new(x.PlatformHttp<TwilioOptions>(TwilioChannel.TypeName)));
            var delivery = new TwilioDelivery(client, options.ApiBaseUrl, options.ToLimits(), RevealAsync);
            return new TwilioChannel(
                TwilioSettings.Described(options.AllowedOrigins), delivery, new TwilioReports(RevealAsync),
                new TwilioConnectionTest(client, delivery, new TwilioTexts()),
                options.SegmentPrice is { } price ? new SmsPrice(price, options.Currency) : null);

            ValueTask<string> RevealAsync(SecretRef secret, CancellationToken cancellation) =>
                x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation);
        });
    }
}
