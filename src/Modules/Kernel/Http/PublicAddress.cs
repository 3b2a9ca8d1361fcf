using System.Net;
using Microsoft.Extensions.Configuration;

namespace Notify.Kernel.Http;

/// <summary>
/// The address at which people and other systems reach Notify, possibly below a path of a proxy (<c>https://ops.example.com/notify/</c>). All
/// links to Notify (in messages, <c>Location</c> headers, documents) are made here.
/// </summary>
public sealed class PublicAddress
{
    public const string Setting = "Notify:PublicUrl";

    /// <exception cref="ArgumentException">The setting is not an address to which a path can be added.</exception>
    public PublicAddress(IConfiguration settings)
    {
        var given = settings[Setting]?.Trim();
        IsGiven = !string.IsNullOrEmpty(given);
        if (IsGiven && FaultOf(given!) is { } fault) throw new ArgumentException(fault, nameof(settings));
        Url = new Uri(IsGiven ? given! : Listening(settings["urls"])).AbsoluteUri.TrimEnd('/');
        PathBase = new Uri(Url).AbsolutePath.TrimEnd('/');
    }

    /// <summary>Whether the setting exists. If not, it is the listening address, which others often cannot reach.</summary>
    public bool IsGiven { get; }

    /// <summary>Without a trailing slash.</summary>
    public string Url { get; }

    /// <summary>The path below which a proxy serves Notify, such as <c>/notify</c>; empty if there is none.</summary>
    public string PathBase { get; }

    /// <param name="path">Without a leading slash: <c>api/v1/alarms</c>.</param>
    public string LinkTo(string path) => $"{Url}/{path}";

    /// <summary>The same without the host, for a <c>Location</c> header: a client follows it on the host that it called.</summary>
    /// <inheritdoc cref="LinkTo"/>
    public string PathTo(string path) => $"{PathBase}/{path}";

    /// <summary>What is wrong with the setting, for the operator; null: nothing.</summary>
    public static string? FaultOf(string given)
    {
        const string wanted =
            "Set it to the address at which people reach Notify, such as https://ops.example.com or https://ops.example.com/notify/.";
        if (!Uri.TryCreate(given, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
            return $"Notify:PublicUrl is '{given}', which is not an http or https address. {wanted}";
        // The message repeats neither the value nor the credentials.
        if (url.UserInfo.Length > 0) return $"Notify:PublicUrl contains a user name or password, which every message would show. {wanted}";
        if (given.Contains('?', StringComparison.Ordinal)) return $"Notify:PublicUrl has a query ('?…'), after which no path can be added. {wanted}";
        if (given.Contains('#',
            StringComparison.Ordinal)) return $"Notify:PublicUrl has a fragment ('#…'), after which no path can be added. {wanted}";
        return null;
    }

    /// <summary>If the server listens on all addresses, the machine's name replaces the host.</summary>
    private static string Listening(string? urls)
    {
        var first = urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "http://127.0.0.1";
        if (IsEverywhere(first) is not { } rest) return Uri.TryCreate(first, UriKind.Absolute, out _) ? first : "http://127.0.0.1";
        var name = Uri.CheckHostName(Dns.GetHostName()) == UriHostNameType.Dns ? Dns.GetHostName() : "127.0.0.1";
        var named = first[..(first.IndexOf("://", StringComparison.Ordinal) + 3)] + name + rest;
        return Uri.TryCreate(named, UriKind.Absolute, out _) ? named : "http://127.0.0.1";
    }

    /// <summary>If a server with this address listens on all networks of the machine, the part after the host; else null.</summary>
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
