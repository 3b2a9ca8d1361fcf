using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Notify.Host.Postgres;

/// <summary>A running server as its postmaster.pid describes it.</summary>
sealed record Postmaster(int ProcessId, int Port, string Status)
{
    public bool IsStopping => Status == "stopping";
}

/// <summary>The files and processes of one cluster: created once, configured at each start.</summary>
sealed class Cluster(string dataDirectory, PostgresBinaries binaries, ServerAccount account, ClusterPasswords passwords)
{
    public string Directory { get; } = DirectoryIn(dataDirectory);
    string PostmasterFile => Path.Combine(Directory, "postmaster.pid");
    public string StartLog { get; } = Path.Combine(dataDirectory, "postgres-start.log");

    public static string DirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "postgres");

    /// <summary>The major version that created the cluster in this data directory; null: there is none.</summary>
    public static int? MajorIn(string dataDirectory)
    {
        var file = Path.Combine(DirectoryIn(dataDirectory), "PG_VERSION");
        return File.Exists(file) ? int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Creates the cluster, its two roles and the database, unless they exist. A cluster appears under its name only when it is
    /// complete.</summary>
    public async Task EnsureInitializedAsync(CancellationToken cancellation)
    {
        if (System.IO.Directory.Exists(Directory)) return;
        var unfinished = Directory + ".new";
        if (System.IO.Directory.Exists(unfinished)) System.IO.Directory.Delete(unfinished, recursive: true);
        await account.MakeDirectoryAsync(unfinished, cancellation);

        var locales = await ServerAccount.Ourselves.RunAsync("/", "locale", ["-a"], input: null, cancellation);
        // Both sort by code point, which no upgrade of the C library changes; C.UTF-8 also knows the case of letters beyond ASCII.
        var locale = locales.Output.Split('\n').Any(l => l.Trim() is "C.utf8" or "C.UTF-8") ? "C.UTF-8" : "C";
        var initdb = await account.RunAsync(unfinished, binaries.Initdb,
            ["-D", ServerAccount.DirectoryPath, "--username=postgres", "--encoding=UTF8", $"--locale={locale}", "--data-checksums",
            "--auth-local=peer", "--auth-host=reject"],
            input: null, cancellation);
        if (initdb.ExitCode != 0) throw Failed("PostgreSQL could not make its database cluster", initdb.Output);

        var roles = await account.RunAsync(unfinished, binaries.Postgres, ["--single", "-D", ServerAccount.DirectoryPath, "postgres"],
            $"""
            ALTER ROLE postgres PASSWORD '{passwords.Superuser}'
            CREATE ROLE notify LOGIN PASSWORD '{passwords.Notify}'
            CREATE DATABASE notify OWNER notify
            
            """, cancellation);
        // In this mode the exit code does not show that a statement failed.
        if (roles.ExitCode != 0 || roles.Output.Contains("ERROR:", StringComparison.Ordinal))
            throw Failed("PostgreSQL could not make its roles and database", roles.Output);
        System.IO.Directory.Move(unfinished, Directory);
    }

    /// <summary>Rewrites postgresql.conf and pg_hba.conf. What an administrator sets by ALTER SYSTEM is kept separately by PostgreSQL and takes
    /// precedence.</summary>
    public async Task ConfigureAsync(int port, IReadOnlyDictionary<string, string> overrides, CancellationToken cancellation)
    {
        var lz4 = await account.RunAsync(Directory, binaries.Postgres,
            ["-D", ServerAccount.DirectoryPath, "-C", "wal_compression", "-c", "wal_compression=lz4"], input: null, cancellation);
        var settings = ClusterSettings.For(port, lz4.ExitCode == 0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        foreach (var (name, value) in overrides) settings[name] = value;

        var text = new StringBuilder("# Written by Notify at each start. Use ALTER SYSTEM for lasting changes.\n");
        foreach (var (name, value) in settings) text.Append(
            CultureInfo.InvariantCulture, $"{name} = '{value.Replace("'", "''", StringComparison.Ordinal)}'\n");
        await ReplaceAsync("postgresql.conf", text.ToString(), cancellation);
        await ReplaceAsync("pg_hba.conf", "host all all 127.0.0.1/32 scram-sha-256\n", cancellation);
    }

    /// <summary>
    /// The directory belongs to the server's user, so root must not write through a link that is there: the new file must not have existed,
    /// and the rename replaces a link and not its target.
    /// </summary>
    async Task ReplaceAsync(string name, string text, CancellationToken cancellation)
    {
        var target = Path.Combine(Directory, name);
        var made = target + ".new";
        File.Delete(made);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        };
        await using (var stream = new FileStream(made, options))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
            stream.Flush(flushToDisk: true);
        }

        File.Move(made, target, overwrite: true);
    }

    /// <summary>The port of the last start, or null.</summary>
    public int? LastPort()
    {
        var file = Path.Combine(Directory, "postgresql.conf");
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("port = '", StringComparison.Ordinal)) : null;
        return line is not null && int.TryParse(line["port = '".Length..^1], CultureInfo.InvariantCulture, out var port) ? port : null;
    }

    /// <summary>Starts the server and returns its process id at once.</summary>
    public int Start() => account.StartDetached(Directory, StartLog, binaries.Postgres, ["-D", ServerAccount.DirectoryPath]);

    /// <summary>What postmaster.pid says, whether or not that process lives; null when there is none or it is being written.</summary>
    public Postmaster? ReadPostmaster()
    {
        try
        {
            var lines = File.ReadAllLines(PostmasterFile);
            return lines.Length >= 8 && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid)
                && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port)
                ? new Postmaster(pid, port, lines[7].Trim())
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Call only when no process serves the cluster.</summary>
    public void DeletePostmasterFile() => File.Delete(PostmasterFile);

    /// <summary>
    /// The server processes that work in this directory, also those whose parent was killed. Listed as the server's user, who may inspect its own
    /// processes where root in a container may not. The directory itself is compared, so that links and renames do not matter.
    /// </summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync(CancellationToken cancellation)
    {
        const string list = """
            for process in /proc/[0-9]*; do
                [ "$process/cwd" -ef /proc/self/fd/9 ] && read -r name <"$process/comm" && [ "$name" = postgres ] && echo "${process#/proc/}"
            done 2>/dev/null
            """;
        var result = await account.RunAsync(Directory, "sh", ["-c", list], input: null, cancellation);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Whether the process runs; a zombie does not.</summary>
    public static bool IsRunning(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..] is not ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static void Signal(int processId, ServerSignal signal) => _ = Kill(processId, (int)signal);

    /// <summary>The end of what the server wrote before it opened its own log, or of that log when it got so far.</summary>
    public string StartMessages()
    {
        var text = File.Exists(StartLog) ? File.ReadAllText(StartLog) : "";
        var log = new DirectoryInfo(Path.Combine(Directory, "log"));
        if (text.Contains("redirecting log output", StringComparison.Ordinal) && log.Exists && log.GetFiles()
            .MaxBy(f => f.LastWriteTimeUtc) is { } newest)
            text += File.ReadAllText(newest.FullName);
        return text;
    }

    public EmbeddedPostgresException Failed(string what, string output)
    {
        var tail = output.Replace(passwords.Superuser, "****", StringComparison.Ordinal).Replace(passwords.Notify, "****", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(12);
        return new EmbeddedPostgresException($"{what} in {Directory}. It said:\n{string.Join('\n', tail)}");
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Kill(int processId, int signal);
}

/// <summary>What the server understands by a signal, with its number on Linux.</summary>
enum ServerSignal
{
    /// <summary>SIGINT: end transactions, write everything, stop.</summary>
    Fast = 2,
    /// <summary>SIGQUIT: stop at once; the next start recovers from the log.</summary>
    Immediate = 3,
    /// <summary>SIGKILL</summary>
    Kill = 9,
}
