using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Email;

/// <summary>The configuration section <c>Notify:Email</c>. Its timeouts are for token requests; a mail server's are in its service.</summary>
public sealed class EmailOptions : PlatformHttpOptions
{
    public const string Section = "Notify:Email";

    /// <summary>Mails a minute from one user of one server; notifications that wait longer are merged. 0: no limit. The default is Exchange Online's
    /// limit (https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits).</summary>
    public int LimitPerMinute { get; set; } = 30;

    /// <summary>The maximum number of recipients of one mail; further ones get the same mail separately. At least 1. The default is the number that
    /// every server must accept (RFC 5321, 4.5.3.1.8).</summary>
    public int RecipientsPerMail { get; set; } = 100;

    /// <summary>How long a lane blocked by a configuration fault waits before the first probe. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether token endpoints without TLS may be entered.</summary>
    public bool AllowHttp { get; set; }
}

public static class EmailRegistration
{
    public static IServiceCollection AddEmail(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(EmailOptions.Section).Get<EmailOptions>() ?? new();
        if (options.LimitPerMinute < 0 || options.RecipientsPerMail < 1)
        {
            throw new StartException(
                $"{EmailOptions.Section}: LimitPerMinute must not be negative, RecipientsPerMail must be at least 1.");
        }

        services.CheckDuration($"{EmailOptions.Section}:ProbeInterval", Durations.LongestInterval);
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
