using Microsoft.Extensions.Configuration;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Operation.Nodes;

/// <summary>Settings as they may be recorded: a possible secret is replaced by its keyed fingerprint.</summary>
internal static class ShownSettings
{
    private static readonly string[] secretWords = ["key", "secret", "password", "token", "credential", "sas", "pwd", "webhook"];

    public static IReadOnlyDictionary<string, string> Of(IConfiguration configuration, MasterKey key)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in configuration.GetSection("Notify").AsEnumerable().Append(new("urls", configuration["urls"])))
            if (!string.IsNullOrEmpty(value)) shown[name] = Show(name, value, key);
        if (configuration.GetConnectionString("Notify") is not { Length: > 0 } connection) return shown;
        foreach (var (name, value) in new NpgsqlConnectionStringBuilder(connection))
            if (value?.ToString() is { Length: > 0 } text) shown[$"ConnectionStrings:Notify:{name}"] = Show(name, text, key);
        return shown;
    }

    /// <summary>The last part of the name decides. The path of a file is not secret, even if its content is. An address may contain a password before
    /// its host, or a key in its query; the address of a webhook is secret as a whole.</summary>
    private static string Show(string name, string value, MasterKey key)
    {
        var last = name[(name.LastIndexOf(':') + 1)..];
        var isSecret = secretWords.Any(x => last.Contains(x, StringComparison.OrdinalIgnoreCase)) && !last.EndsWith("File", StringComparison.Ordinal);
        return isSecret || (Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.UserInfo.Length > 0 || uri.Query.Length > 0))
            ? $"fingerprint {key.Fingerprint(value)}" : value;
    }
}
