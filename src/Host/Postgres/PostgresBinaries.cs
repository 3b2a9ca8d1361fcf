using System.Globalization;
using System.Text.RegularExpressions;

namespace Notify.Host.Postgres;

/// <summary>An installed PostgreSQL server.</summary>
sealed partial record PostgresBinaries(string Directory, int Major)
{
    const int oldestMajor = 15;

    public string Postgres => Path.Combine(Directory, "postgres");
    public string Initdb => Path.Combine(Directory, "initdb");

    /// <param name="configured">The only directory to look in, or null to search the usual places.</param>
    /// <param name="requiredMajor">The major version that created the data; null: there is no data, and the newest version is used.</param>
    /// <exception cref="EmbeddedPostgresException">No suitable server is installed.</exception>
    public static async Task<PostgresBinaries> FindAsync(string? configured, int? requiredMajor, CancellationToken cancellation)
    {
        var found = new List<PostgresBinaries>();
        foreach (var directory in (configured is null ? UsualDirectories() : [configured]).Distinct(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(directory, "postgres")) || !File.Exists(Path.Combine(directory, "initdb"))) continue;
            if (await MajorAsync(Path.Combine(directory, "postgres"), cancellation) is { } major) found.Add(new PostgresBinaries(directory, major));
        }

        var fitting = found.Where(b => requiredMajor is { } required ? b.Major == required : b.Major >= oldestMajor).MaxBy(b => b.Major);
        if (fitting is not null) return fitting;

        var wanted = requiredMajor is { } needed
            ? $"PostgreSQL {needed}, which made the data in the data directory,"
            : $"A PostgreSQL server (version {oldestMajor} or later)";
        var seen = found.Count == 0 ? "" : " Found: " + string.Join(", ", found.Select(b => $"{b.Major} in {b.Directory}")) + ".";
        var package = requiredMajor is { } exact ? $"postgresql-{exact}" : "postgresql";
        throw new EmbeddedPostgresException(
            $"{wanted} is not installed{(configured is null ? "" : $" in {configured}")}.{seen} Install it (Debian and Ubuntu: apt-get install {package}), "
            + "set Notify:Postgres:BinDirectory to the directory with its programs, or set ConnectionStrings:Notify to a PostgreSQL that runs elsewhere.");
    }

    static IEnumerable<string> UsualDirectories()
    {
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            // A link is followed to the directory that also has initdb and the other parts of the server.
            var postgres = new FileInfo(Path.Combine(directory, "postgres"));
            if (postgres.Exists) yield return Path.GetDirectoryName((postgres.ResolveLinkTarget(returnFinalTarget: true) ?? postgres).FullName)!;
        }

        // Debian and Ubuntu; Red Hat and SUSE; built from source.
        string[] patterns = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/opt/postgresql/*/bin"];
        foreach (var match in patterns.SelectMany(Expand)) yield return match;
        yield return "/usr/local/pgsql/bin";
    }

    static IEnumerable<string> Expand(string pattern)
    {
        IEnumerable<string> paths = ["/"];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
            paths = paths.SelectMany(path => System.IO.Directory.Exists(path) ? System.IO.Directory.GetDirectories(path, part) : []).ToList();
        return paths;
    }

    static async Task<int?> MajorAsync(string postgres, CancellationToken cancellation)
    {
        var result = await ServerAccount.Ourselves.RunAsync("/", postgres, ["--version"], input: null, cancellation);
        var version = VersionNumber().Match(result.Output);
        return version.Success ? int.Parse(version.Groups["major"].Value, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VersionNumber();
}
