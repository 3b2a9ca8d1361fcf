using System.Net;
using Microsoft.Extensions.Configuration;

namespace Notify.Kernel.Http;

/// <summary>
/// How people and other systems reach Notify, which a proxy may have put below a path (<c>https://ops.example.com/notify/</c>). Whatever leads to
/// Notify
/// from outside (messages, <c>Location</c> headers, documents) is made here.
/// </summary>
public sealed class PublicAddress
{
    public const string Setting = "Notify:PublicUrl";

    /// <exception cref="ArgumentException">The setting is no address to which a path can be added.</exception>
    public PublicAddress(IConfiguration settings)
    {
        var given = settings[Setting]?.Trim();
        IsGiven = !string.IsNullOrEmpty(given);
        if (IsGiven && FaultOf(given!) is { } fault) throw new ArgumentException(fault, nameof(settings));
        Url = new Uri(IsGiven ? given! : Listening(settings["urls"])).AbsoluteUri.TrimEnd('/');
        PathBase = new Uri(Url).AbsolutePath.TrimEnd('/');
    }

    /// <summary>Whether somebody has said it. Else it is where Notify listens, which others often cannot open.</summary>
    public bool IsGiven { get; }

    /// <summary>Without a slash at its end.</summary>
    public string Url { get; }

    /// <summary>The path below which a proxy shows Notify, such as <c>/notify</c>; empty when there is none.</summary>
    public string PathBase { get; }

    /// <param name="path">Without a slash at its beginning: <c>api/v1/alarms</c>.</param>
    public string LinkTo(string path) => $"{Url}/{path}";

    /// <summary>The same without the host, for a <c>Location</c> header: whoever follows it takes the way by which the request came.</summary>
    /// <inheritdoc cref="LinkTo"/>
    public string PathTo(string path) => $"{PathBase}/{path}";

    /// <summary>What is wrong with the setting, for the operator; null when nothing is.</summary>
    public static string? FaultOf(string given)
    {
        const string wanted =
            "Set it to the address at which people reach Notify, such as https://ops.example.com or https://ops.example.com/notify/.";
        if (!Uri.TryCreate(given, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
            return $"Notify:PublicUrl is '{given}', which is not an http or https address. {wanted}";
        // Neither its value nor the credentials are repeated.
        if (url.UserInfo.Length > 0) return $"Notify:PublicUrl contains a user name or password, which every message would show. {wanted}";
        if (given.Contains('?', StringComparison.Ordinal)) return $"Notify:PublicUrl has a query ('?…'), after which no path can be added. {wanted}";
        if (given.Contains('#',
            StringComparison.Ordinal)) return $"Notify:PublicUrl has a fragment ('#…'), after which no path can be added. {wanted}";
        return null;
    }

    /// <summary>An address by which a server listens everywhere leads nowhere: the machine's name stands in its place.</summary>
    private static string Listening(string? urls)
    {
        var first = urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "http://127.0.0.1";
        if (IsEverywhere(first) is not { } rest) return Uri.TryCreate(first, UriKind.Absolute, out _) ? first : "http://127.0.0.1";
        var name = Uri.CheckHostName(Dns.GetHostName()) == UriHostNameType.Dns ? Dns.GetHostName() : "127.0.0.1";
        return first[..(first.IndexOf("://", StringComparison.Ordinal) + 3)] + name + rest;
    }

    /// <summary>Whether a server at this address is open to every network of the machine; what follows the host then, else null.</summary>
    public static string? IsEverywhere(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal);
        if (start < 0) return null;
        var rest = url[(start + 3)..];
        foreach (var host in (string[])["0.0.0.0", "*", "+", "[::]"])
            if (rest.StartsWith(host, StringComparison.Ordinal)
                && (rest.Length == host.Length || rest[host.Length] is ':' or '/')) return rest[host.Length..];
        return null;
    }
}
