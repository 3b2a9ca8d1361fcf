using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Notify.Kernel;

namespace Notify.Host.Operating;

/// <summary>
/// Reverse proxies in front of Notify, from <c>Notify__Proxies__0…</c>, as addresses (<c>10.0.0.5</c>) or networks (<c>10.0.0.0/24</c>).
/// X-Forwarded-For and X-Forwarded-Proto are accepted only from them: what the history records as the source of a request is then the caller's
/// address, and a forged header changes nothing.
/// </summary>
internal static class Proxies
{
    private const string Setting = "Notify:Proxies";

    /// <exception cref="StartException">A proxy is neither an address nor a network.</exception>
    public static void UseProxies(this WebApplication app)
    {
        var options = OptionsOf(app.Configuration.GetSection(Setting).Get<string[]>() ?? []);
        if (options is not null) app.UseForwardedHeaders(options);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Notify.Proxies");
        var told = 0;
        app.Use((http, next) =>
        {
            // The middleware removes the headers that it has accepted.
            if (http.Request.Headers.ContainsKey("X-Forwarded-For") && Interlocked.Exchange(ref told, 1) == 0)
            {
                logger.LogWarning(
                    "A request from {Address} names another origin in X-Forwarded-For, which is ignored. If {Proxy} is your reverse proxy, set Notify__Proxies__0 to it",
                    http.Connection.RemoteIpAddress, http.Connection.RemoteIpAddress);
            }

            return next(http);
        });
    }

    /// <returns>Null: there is no proxy.</returns>
    internal static ForwardedHeadersOptions? OptionsOf(string[] proxies)
    {
        if (proxies.Length == 0) return null;
        // Through any number of proxies: the first address from the right that is not a proxy's is the caller's.
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy.Trim(), out var address)) options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(proxy.Trim(), out var network)) options.KnownIPNetworks.Add(network);
            else throw new StartException($"{Setting}: '{proxy}' is neither an address, such as 10.0.0.5, nor a network, such as 10.0.0.0/24.");
        }

        return options;
    }
}
