using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Notify.Kernel.Http;

/// <summary>
/// Where Notify may connect on behalf of people who configure it. An address entered in a form must not give access to Notify's own machine, the
/// cloud's metadata service or the plant's network. Names are resolved when connecting, and the resolved address is checked, so that a name whose
/// address changes between check and use gains nothing. Addresses from the installation's own configuration (a platform, a mail relay) are
/// trusted and not checked here.
/// <list type="bullet">
/// <item><c>Notify__Outgoing__AllowedHosts__0…</c>: the only hosts that may be reached, such as <c>hooks.example.com</c> or <c>*.example.com</c>;
/// none: every host with a public address. A listed host may have a private address.</item>
/// <item><c>Notify__Outgoing__AllowedNetworks__0…</c>: private networks that may be reached in addition, such as <c>10.20.0.0/16</c>.</item>
/// </list>
/// </summary>
public sealed class OutgoingAddresses
{
    public const string Section = "Notify:Outgoing";

    private readonly string[] hosts;
    private readonly IPNetwork[] networks;

    /// <summary>IANA's registries of special-purpose addresses (RFC 6890). Those that are only documented or reserved are closed too, since nobody
    /// can say where they lead in one network.</summary>
    private static readonly IPNetwork[] closed =
    [
        .. ((string[])
        [
            // This machine and its link, with the cloud's metadata service; protocols; the retired relay of 6to4; multicast and what is reserved.
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3",
            // Private (RFC 1918, RFC 6598), for measurements (RFC 2544), for documentation (RFC 5737).
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
            // All of IPv6 except 2000::/3, which alone is given to public networks: so also this machine and its link, private networks, and IPv4
            // addresses embedded by NAT64 (RFC 6052, RFC 8215) or in the retired ways (::/96).
            "::/3", "4000::/2", "8000::/1",
            // Protocols, with Teredo, which embeds IPv4 addresses (RFC 4380); 6to4, which does too (RFC 3056); documentation (RFC 3849, RFC 9637).
            "2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20",
        ]).Select(IPNetwork.Parse),
    ];

    /// <exception cref="StartException">A setting is not a host or a network.</exception>
    public OutgoingAddresses(IConfiguration settings)
    {
        var section = settings.GetSection(Section);
        hosts = [.. (section.GetSection("AllowedHosts").Get<string[]>() ?? []).Select(x => x.Trim().ToLowerInvariant())];
        foreach (var host in hosts)
        {
            var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
                throw new StartException($"{Section}:AllowedHosts: '{host}' is not a host name, such as hooks.example.com or *.example.com.");
        }

        networks = [.. (section.GetSection("AllowedNetworks").Get<string[]>() ?? []).Select(x => IPNetwork.TryParse(x.Trim(), out var network)
            ? network : throw new StartException($"{Section}:AllowedNetworks: '{x}' is not a network, such as 10.20.0.0/16."))];
    }

    /// <summary>Checks a host before its name is resolved; null: no fault.</summary>
    public string? FaultOf(string host)
    {
        host = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        if (IsListed(host)) return null;
        if (IPAddress.TryParse(host, out var address)) return FaultOf(host, address);
        return hosts.Length > 0 ? $"{host} is not one of the allowed hosts ({Section}:AllowedHosts)." : null;
    }

    /// <summary>Checks an address of a host; null: no fault.</summary>
    public string? FaultOf(string host, IPAddress address)
    {
        if (IsListed(host.Trim('[', ']').TrimEnd('.').ToLowerInvariant())) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (networks.Any(x => x.Contains(address))) return null;
        if (hosts.Length > 0) return $"{host} is not one of the allowed hosts ({Section}:AllowedHosts).";
        return closed.Any(x => x.Contains(address))
            ? $"{host} has the address {address}, which is not public. Allow the host ({Section}:AllowedHosts) or its network ({Section}:AllowedNetworks)."
            : null;
    }

    /// <summary>Resolves, checks and connects; for <see cref="SocketsHttpHandler.ConnectCallback"/> and for other protocols.</summary>
    /// <exception cref="HttpRequestException">No address of the host may be reached.</exception>
    public async ValueTask<NetworkStream> ConnectAsync(DnsEndPoint target, CancellationToken cancellation)
    {
        var found = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var open = found.Where(x => FaultOf(target.Host, x) is null).ToArray();
        if (open.Length == 0)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, found.Length == 0 ? $"{target.Host} has no address." : FaultOf(target.Host, found[0]));
        }

        return await ConnectAsync(socket => socket.ConnectAsync(open, target.Port, cancellation));
    }

    /// <summary>For an HTTP client that calls addresses entered by people. A configured proxy is trusted; since the proxy resolves names, only the
    /// host's name is checked then.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var wanted = context.InitialRequestMessage.RequestUri!;
        if (string.Equals(wanted.IdnHost, context.DnsEndPoint.Host, StringComparison.OrdinalIgnoreCase))
            return await ConnectAsync(context.DnsEndPoint, cancellation);
        if (FaultOf(wanted.IdnHost) is { } fault) throw new HttpRequestException(HttpRequestError.ConnectionError, fault);
        return await ConnectAsync(socket => socket.ConnectAsync(context.DnsEndPoint, cancellation));
    }

    private static async Task<NetworkStream> ConnectAsync(Func<Socket, ValueTask> connect)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await connect(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsListed(string host) =>
        hosts.Any(x => x.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(x[1..], StringComparison.Ordinal) : host == x);
}
