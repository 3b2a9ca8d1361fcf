using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>The client to the platform: it follows no redirects, and no log writes its addresses.</summary>
internal static class WeComHttpClient
{
    private const string ClientName = "wecom";

    public static IServiceCollection AddWeComClient(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KnownSecrets>();
        services.AddOptions<WeComOptions>()
            .Bind(configuration.GetSection(WeComOptions.Section))
            .Validate(x => x.ApiBaseUrl.IsAbsoluteUri && x.ApiBaseUrl.Scheme is "https" or "http",
                "Notify:WeCom:ApiBaseUrl must be an http or https URL.")
            .Validate(x => x.Timeout > TimeSpan.Zero && x.ConnectTimeout > TimeSpan.Zero, "Notify:WeCom timeouts must be more than zero.")
            .ValidateOnStart();
        services.AddHttpClient(ClientName, client =>
            {
                // The client's own deadline cannot tell a caller's cancellation from its own.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            // The default loggers write URLs, and here those hold keys and tokens.
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler((handler, provider) =>
            {
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.ConnectTimeout = provider.GetRequiredService<IOptions<WeComOptions>>().Value.ConnectTimeout;
                // The platform's addresses change; and an idle connection that a firewall forgot loses the message sent on it.
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30);
            });
        services.TryAddSingleton(provider => new WeComClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(ClientName),
            provider.GetRequiredService<IOptions<WeComOptions>>().Value,
            provider.GetRequiredService<KnownSecrets>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ISharedTokens>()));
        return services;
    }
}
