using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Http;

/// <summary>The part of a channel's section that is about reaching its platform.</summary>
public class PlatformHttpOptions
{
    /// <summary>For one request, from the wait for a connection to the last byte of the answer. More than zero.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For the connection and its TLS handshake. More than zero.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

public static class PlatformHttpRegistration
{
    /// <summary>A client of the channel's own, which follows no redirects, keeps no cookies, and whose addresses no log writes.</summary>
    /// <param name="channel">The channel's type.</param>
    /// <param name="section">The channel's section, such as <c>Notify:Pager</c>.</param>
    /// <param name="goesWherePeopleSay">Whether people enter the addresses that it calls, so that these are judged.</param>
    public static OptionsBuilder<TOptions> AddPlatformHttp<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string channel, string section, bool goesWherePeopleSay = false)
        where TOptions : PlatformHttpOptions
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KnownSecrets>();
        services.AddHttpClient(channel, client =>
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
                handler.ConnectTimeout = provider.GetRequiredService<IOptions<TOptions>>().Value.ConnectTimeout;
                // The platform's addresses change; and an idle connection that a firewall forgot loses the message sent on it.
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30);
                if (goesWherePeopleSay) handler.ConnectCallback = provider.GetRequiredService<OutgoingAddresses>().ConnectAsync;
            });
        return services.AddOptions<TOptions>().Bind(configuration.GetSection(section))
            .Validate(x => x.Timeout > TimeSpan.Zero && x.ConnectTimeout > TimeSpan.Zero, $"{section} timeouts must be more than zero.")
            .ValidateOnStart();
    }

    public static HttpClient PlatformClient(this IServiceProvider provider, string channel) =>
        provider.GetRequiredService<IHttpClientFactory>().CreateClient(channel);

    public static PlatformHttp PlatformHttp<TOptions>(this IServiceProvider provider, string channel)
        where TOptions : PlatformHttpOptions =>
        new(provider.PlatformClient(channel), provider.GetRequiredService<IOptions<TOptions>>().Value.Timeout,
            provider.GetRequiredService<KnownSecrets>(), provider.GetRequiredService<TimeProvider>());
}
