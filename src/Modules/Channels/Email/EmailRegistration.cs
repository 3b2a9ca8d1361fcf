using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Email;

/// <summary>The section <c>Notify:Email</c>. Its timeouts are those of requests for access tokens; a mail server's are in its service.</summary>
public sealed class EmailOptions : PlatformHttpOptions
{
    public const string Section = "Notify:Email";

    /// <summary>Mails a minute by one user of one server; what waits longer is told together. 0: no limit. The default is what Exchange Online takes
    /// (https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits).</summary>
    public int LimitPerMinute { get; set; } = 30;

    /// <summary>Recipients of one mail; more get the same mail again. At least 1. The default is what every server must take (RFC 5321,
    /// 4.5.3.1.8).</summary>
    public int RecipientsPerMail { get; set; } = 100;

    /// <summary>How long a lane that is blocked by a setting waits before it is tried for the first time. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether token endpoints without TLS may be entered.</summary>
    public bool AllowHttp { get; set; }
}

public static class EmailRegistration
{
    public static IServiceCollection AddEmail(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(EmailOptions.Section).Get<EmailOptions>() ?? new();
        if (options.LimitPerMinute < 0 || options.RecipientsPerMail < 1 || options.ProbeInterval <= TimeSpan.Zero)
        {
            throw new StartException(
                $"{EmailOptions.Section}: LimitPerMinute must not be negative, RecipientsPerMail must be at least 1, ProbeInterval more than zero.");
        }

        services.AddPlatformHttp<EmailOptions>(configuration, EmailChannel.TypeName, EmailOptions.Section, goesWherePeopleSay: true);
        return services.AddProblemTexts(EmailProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var addresses = new Lazy<OutgoingAddresses>(x.GetRequiredService<OutgoingAddresses>);
            var delivery = new EmailDelivery(
                addresses,
                (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation),
                new(x.GetRequiredService<KnownSecrets>),
                new(new(() => x.PlatformHttp<EmailOptions>(EmailChannel.TypeName)), x.GetRequiredService<TimeProvider>()), options,
                x.GetRequiredService<TimeProvider>());
            return new EmailChannel(
                EmailSettings.Described(new OutgoingAddresses(configuration), options.AllowHttp), delivery,
                new EmailConnectionTest(addresses, delivery, new EmailTexts()));
        });
    }
}
