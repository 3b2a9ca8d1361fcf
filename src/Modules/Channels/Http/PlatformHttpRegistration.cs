using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Http;

/// <summary>The HTTP settings in a channel's configuration section.</summary>
public class PlatformHttpOptions
{
    /// <summary>The timeout of one request, from the wait for a connection to the last byte of the answer.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The timeout of a connection and its TLS handshake.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

public static class PlatformHttpRegistration
{
    /// <summary>Adds an HTTP client for the channel. It follows no redirects, keeps no cookies, and does not log addresses.</summary>
    /// <param name="channel">The channel's type.</param>
    /// <param name="section">The channel's configuration section, such as <c>Notify:Pager</c>.</param>
    /// <param name="goesWherePeopleSay">Whether people enter the addresses that it calls, so that they must be checked.</param>
    public static OptionsBuilder<TOptions> AddPlatformHttp<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string channel, string section, bool goesWherePeopleSay = false)
        where TOptions : PlatformHttpOptions
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KnownSecrets>();
        services.AddHttpClient(channel, client =>
            {
                // HttpClient's own timeout cannot be told from a caller's cancellation.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            // The default loggers write URLs, which contain keys and tokens.
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler((handler, provider) =>
            {
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.ConnectTimeout = provider.GetRequiredService<IOptions<TOptions>>().Value.ConnectTimeout;
                // The platform's addresses change; and a message sent on an idle connection that a firewall has dropped would be lost.
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30);
                if (goesWherePeopleSay) handler.ConnectCallback = provider.GetRequiredService<OutgoingAddresses>().ConnectAsync;
            });
        services.CheckDuration($"{section}:Timeout", Durations.LongestWait).CheckDuration($"{section}:ConnectTimeout", Durations.LongestWait);
        return services.AddOptions<TOptions>().Bind(configuration.GetSection(section)).ValidateOnStart();
    }

    public static HttpClient PlatformClient(this IServiceProvider provider, string channel) =>
        provider.GetRequiredService<IHttpClientFactory>().CreateClient(channel);

    public static PlatformHttp PlatformHttp<TOptions>(this IServiceProvider provider, string channel)
        where TOptions : PlatformHttpOptions =>
        new(provider.PlatformClient(channel), provider.GetRequiredService<IOptions<TOptions>>().Value.Timeout,
            provider.GetRequiredService<KnownSecrets>(), provider.GetRequiredService<TimeProvider>());
}
