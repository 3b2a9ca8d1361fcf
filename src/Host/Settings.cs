using Notify.Access;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Operation.Keys;
using Notify.Operation.Rebuild;

namespace Notify.Host;

public static class Settings
{
    public const string DefaultUrl = "http://127.0.0.1:8066";

    /// <summary>Settings files are next to the program, wherever it is started from; generated code is written to the current directory.</summary>
    public static string ContentRoot(string[] args) => args is ["codegen", ..] ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;

    /// <summary>The arguments from which settings are read: without options of commands, which have no value and would take the next setting for
    /// one.</summary>
    public static string[] WithoutOptions(string[] args) => [.. args.Where(x => x != ResetCommand.Approvals)];

    /// <summary>A first argument that is not an option names a command (db-apply, codegen write, …).</summary>
    public static bool NamesCommand(string[] args) => args.Length > 0 && !args[0].StartsWith('-');

    /// <summary>
    /// The given directory; by default <c>.data</c> beside the solution if Notify runs from its sources, otherwise in the current directory. Never
    /// below the program, which an upgrade replaces as a whole, including any keys in it.
    /// </summary>
    /// <exception cref="StartException">It would be below the program.</exception>
    internal static string DataDirectoryOf(string? given, string current, string program)
    {
        var solution = program;
        while (solution is not null && !File.Exists(Path.Combine(solution, "Notify.sln"))) solution = Path.GetDirectoryName(solution);
        var data = Path.GetFullPath(given is { Length: > 0 } ? given : Path.Combine(solution ?? current, ".data"), current);
        return IsBelow(data, program) || (solution is not null && IsBelow(data, Path.Combine(solution, "artifacts")))
            ? throw new StartException(
                $"The data directory {data} is inside the program's directory, which an upgrade replaces together with the keys. Set Notify:DataDirectory to another directory.")
            : data;
    }

    /// <summary>Whether the command starts a whole node, which ends with it.</summary>
    private static bool StartsNode(string[] args) => RebuildCommand.IsNamed(args) || ResetCommand.IsNamed(args);

    /// <summary>Other commands (db-apply) need no data directory if a database is given, and create none.</summary>
    private static bool NeedsData(WebApplicationBuilder builder, string[] args) =>
        !NamesCommand(args) || StartsNode(args) || KeysCommand.IsNamed(args)
            || (args is not ["codegen", ..] && string.IsNullOrEmpty(builder.Configuration.GetConnectionString("Notify")));

    private static bool IsBelow(string path, string directory) =>
        Path.GetRelativePath(directory, path) is var way && !Path.IsPathRooted(way) && way.Split(Path.DirectorySeparatorChar)[0] != "..";

    /// <exception cref="StartException">It cannot be created, or belongs to somebody else.</exception>
    internal static void MakeDataDirectory(string data)
    {
        try
        {
            DataDirectory.Make(data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"The data directory {data} cannot be created or used: {e.Message} Set Notify:DataDirectory to a directory in which {Environment.UserName} may write.",
                e);
        }
    }

    /// <exception cref="StartException">There is one on which nothing can listen.</exception>
    internal static void CheckUrls(string urls)
    {
        if (urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(IsListenedOn)) return;
        throw new StartException(
            "ASPNETCORE_URLS (or --urls) has an address on which Notify cannot listen. Write each as http://127.0.0.1:8066 or https://0.0.0.0:8443, with ; between them and no path after them.");
    }

    private static bool IsListenedOn(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.Scheme.ToUpperInvariant() is "HTTP" or "HTTPS" && address.PathBase.Length == 0
                && (address.IsUnixPipe || address.IsNamedPipe || address.Port is >= 0 and <= ushort.MaxValue);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Fills in the defaults (docs/operations.md).</summary>
    public static void AddNotifySettings(this WebApplicationBuilder builder, string[] args)
    {
        var configuration = builder.Configuration;
        if (NeedsData(builder, args))
        {
            var data = DataDirectoryOf(configuration["Notify:DataDirectory"], Directory.GetCurrentDirectory(),
                AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            MakeDataDirectory(data);
            configuration["Notify:DataDirectory"] = data;
        }

        configuration["Notify:DataDirectory"] ??= Path.Combine(Directory.GetCurrentDirectory(), ".data");
        // Another node may be running, and nobody calls this one.
        if (StartsNode(args)) configuration["urls"] = "http://127.0.0.1:0";
        if (string.IsNullOrEmpty(configuration["urls"])) configuration["urls"] = DefaultUrl;
        CheckUrls(configuration["urls"]!);
        if (configuration[PublicAddress.Setting]?.Trim() is { Length: > 0 } url && PublicAddress.FaultOf(url) is { } fault) throw new StartException(
            fault);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
            kestrel.Limits.MaxConcurrentConnections = 10_000;
        });
    }
}
