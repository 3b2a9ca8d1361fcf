using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Host.Operating;

/// <summary>Logs at startup, one line each, addresses that the operator may not have intended.</summary>
internal static class Addresses
{
    public static void TellOfAddresses(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Notify.Addresses");
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var listening = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var database = app.Configuration.GetConnectionString("Notify") ?? "";
            foreach (var line in OfDatabase(database).Concat(Of(app.Services.GetRequiredService<PublicAddress>(), listening)))
                logger.LogWarning("{Remark}", line);
        });
    }

    /// <summary>Warnings about the connection to a PostgreSQL on another machine.</summary>
    internal static IEnumerable<string> OfDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var hosts = (settings.Host ?? "").Split(',').Where(x => !IsThisMachine(x.Trim())).ToList();
        if (hosts.Count == 0 || settings.SslMode == SslMode.VerifyFull) yield break;
        const string advice = "set SSL Mode=VerifyFull (and Root Certificate, for a company's own authority) in ConnectionStrings__Notify";
        yield return settings.SslMode is SslMode.Require or SslMode.VerifyCA
            ? $"The connection to PostgreSQL ({string.Join(", ", hosts)}) is encrypted, but the name in its certificate is not checked: {advice}"
            : $"The connection to PostgreSQL ({string.Join(", ", hosts)}) may be made without TLS: {advice}";
    }

    /// <summary>A socket is a path, or begins with @.</summary>
    private static bool IsThisMachine(string host) =>
        host is "" or ['/' or '@', ..] || (IPAddress.TryParse(PortLess(host), out var address) && IPAddress.IsLoopback(address))
        || PortLess(host).Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static string PortLess(string host) =>
        host.LastIndexOf(':') is > 0 and var colon && host.IndexOf(':', StringComparison.Ordinal) == colon ? host[..colon] : host.Trim('[', ']');

    internal static IEnumerable<string> Of(PublicAddress address, IEnumerable<string> listening)
    {
        var everywhere = listening.Where(x => PublicAddress.IsEverywhere(x) is not null).ToList();
        if (everywhere.Count > 0)
        {
            yield return $"Notify listens on every network of this machine ({string.Join(", ", everywhere)}): "
                + "set ASPNETCORE_URLS to one address, or let only a TLS proxy reach this one";
        }

        if (!address.IsGiven)
            yield return $"Notify__PublicUrl is not set: links in messages point to {address.Url}, which other machines may not be able to open";
    }
}
