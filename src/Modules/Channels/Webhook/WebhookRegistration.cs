using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel.Http;

namespace Notify.Channels.Webhook;

/// <summary>The configuration section <c>Notify:Webhook</c>.</summary>
public sealed class WebhookOptions : PlatformHttpOptions
{
    public const string Section = "Notify:Webhook";

    /// <summary>Whether addresses without TLS may be entered.</summary>
    public bool AllowHttp { get; set; }
}

public static class WebhookRegistration
{
    public static IServiceCollection AddWebhook(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatformHttp<WebhookOptions>(configuration, WebhookChannel.TypeName, WebhookOptions.Section, goesWherePeopleSay: true);
        return services.AddProblemTexts(WebhookProblemTexts.Lines).AddSingleton<IChannel>(x => new WebhookChannel(
            WebhookSettings.Described(new OutgoingAddresses(configuration), configuration.GetValue<bool>($"{WebhookOptions.Section}:AllowHttp")),
            new WebhookDelivery(
                new(() => x.PlatformHttp<WebhookOptions>(WebhookChannel.TypeName)),
                (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation),
                x.GetService<TimeProvider>() ?? TimeProvider.System)));
    }
}
