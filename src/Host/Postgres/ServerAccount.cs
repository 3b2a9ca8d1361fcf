using System.Diagnostics;
using System.Globalization;

namespace Notify.Host.Postgres;

sealed record ToolResult(int ExitCode, string Output);

/// <summary>
/// The user as whom the server and its tools run. PostgreSQL refuses to run as root; started by root, it runs as an unprivileged user who owns the
/// cluster's directory and nothing else.
/// </summary>
sealed record ServerAccount(int? UserId, int? GroupId)
{
    /// <summary>
    /// The path by which a program gets the directory it works on. The server's user may lack access to the directories above it (a clone in /root, a
    /// private temporary directory), and Notify must not open them up. So Notify opens the directory, and the program inherits it under this
    /// descriptor and reaches it through this link, which needs no access to the directories above. The working directory would not do: PostgreSQL 15
    /// leaves it to find its own location and could not return.
    /// </summary>
    public const string DirectoryPath = "/proc/self/fd/9";

    public static ServerAccount Ourselves { get; } = new(null, null);

    /// <param name="clusterDirectory">An existing cluster keeps its owner.</param>
    /// <exception cref="EmbeddedPostgresException">We are root and there is no user to run as.</exception>
    public static async Task<ServerAccount> ForAsync(string clusterDirectory, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess) return Ourselves;
        if (Directory.Exists(clusterDirectory))
        {
            var owner = await Ourselves.RunAsync(clusterDirectory, "stat", ["-Lc", "%u:%g", DirectoryPath], input: null, cancellation);
            if (owner.ExitCode == 0 && Parse(owner.Output.Trim().Split(':'), 0, 1) is { UserId: not 0 } account) return account;
        }

        // The user of Debian's package, otherwise one that every Unix has.
        foreach (var name in (string[])["postgres", "nobody"])
        {
            foreach (var line in await File.ReadAllLinesAsync("/etc/passwd", cancellation))
            {
                var fields = line.Split(':');
                if (fields[0] == name && Parse(fields, 2, 3) is { } account) return account;
            }
        }

        throw new EmbeddedPostgresException("PostgreSQL does not run as root, and there is neither a user 'postgres' nor 'nobody' to run it as. "
            + "Start Notify as an ordinary user, or add one of the two.");
    }

    static ServerAccount? Parse(string[] fields, int user, int group) =>
        fields.Length > group && int.TryParse(fields[user], CultureInfo.InvariantCulture, out var userId)
            && int.TryParse(fields[group], CultureInfo.InvariantCulture, out var groupId)
            ? new ServerAccount(userId, groupId)
            : null;

    /// <summary>Creates an empty directory that only this account can read.</summary>
    public async Task MakeDirectoryAsync(string directory, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (UserId is null) return;
        var result = await Ourselves.RunAsync(directory, "chown", [$"{UserId}:{GroupId}", DirectoryPath], input: null, cancellation);
        if (result.ExitCode != 0) throw new EmbeddedPostgresException(
            $"{directory} cannot be given to the user that PostgreSQL runs as: {result.Output.Trim()}");
    }

    /// <summary>Runs a program to its end; the output is what it wrote to both of its streams.</summary>
    public async Task<ToolResult> RunAsync(string directory, string program, string[] arguments, string? input, CancellationToken cancellation)
    {
        using var process = Process.Start(Command(directory, "", program, arguments))!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            if (input is not null)
            {
                // A program that ended early says why in its output; the broken pipe adds nothing.
                try { await process.StandardInput.WriteAsync(input.AsMemory(), cancellation); }
                catch (IOException) { }
            }

            try { process.StandardInput.Close(); }
            catch (IOException) { }
            await process.WaitForExitAsync(cancellation);
            return new ToolResult(process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>
    /// Starts the server in a session of its own, so that Ctrl-C in the terminal reaches Notify but not the server, with its first messages (before
    /// it opens its own log) in a file.
    /// </summary>
    /// <returns>The server's process id: each of the programs below becomes the next one.</returns>
    public int StartDetached(string directory, string logFile, string program, string[] arguments)
    {
        using var process = Process.Start(Command(directory, logFile, "setsid", [program, .. arguments]))!;
        return process.Id;
    }

    ProcessStartInfo Command(string directory, string logFile, string program, string[] arguments)
    {
        // The shell opens the directory and the file as Notify's user; the server's user need not have access to them.
        const string open = """
            exec 9<.
            cd /
            log=$1; shift
            [ -z "$log" ] || exec </dev/null >"$log" 2>&1
            exec "$@"
            """;
        string[] runAs = UserId is null ? [] : ["setpriv", $"--reuid={UserId}", $"--regid={GroupId}", "--clear-groups"];
        var start = new ProcessStartInfo("sh", ["-c", open, "sh", logFile, .. runAs, program, .. arguments])
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Our environment may hold keys and passwords, and the server's user can read that of its processes.
        string?[] kept = [Environment.GetEnvironmentVariable("PATH"), Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")];
        start.Environment.Clear();
        start.Environment["PATH"] = kept[0] ?? "/usr/local/bin:/usr/bin:/bin";
        if (kept[1] is { } libraries) start.Environment["LD_LIBRARY_PATH"] = libraries;
        start.Environment["LC_ALL"] = "C";
        return start;
    }
}
