using System.Security.Cryptography;
using System.Text;

namespace Notify.Host.Postgres;

/// <summary>
/// The passwords of the cluster's two roles: the administrator, and <c>notify</c>, which owns the database and is no superuser. Kept in a file that
/// only its owner can read, in the format of PostgreSQL's own password file, so that <c>PGPASSFILE=…/pgpass psql -h 127.0.0.1 -p … -U notify</c>
/// works.
/// </summary>
sealed record ClusterPasswords(string Superuser, string Notify)
{
    public override string ToString() => nameof(ClusterPasswords);

    /// <exception cref="EmbeddedPostgresException">There is a cluster, but its passwords are missing.</exception>
    public static async Task<ClusterPasswords> LoadOrMakeAsync(string dataDirectory, CancellationToken cancellation)
    {
        var file = Path.Combine(dataDirectory, "pgpass");
        if (File.Exists(file))
        {
            var lines = await File.ReadAllLinesAsync(file, cancellation);
            return new ClusterPasswords(PasswordOf("postgres"), PasswordOf("notify"));

            string PasswordOf(string role) =>
                lines.Select(line => line.Split(':')).FirstOrDefault(fields => fields is [_, _, _, var name, _] && name == role)?[4]
                ?? throw new EmbeddedPostgresException($"{file} has no line for the role '{role}'. Restore it from a backup.");
        }

        if (Directory.Exists(Cluster.DirectoryIn(dataDirectory)))
            throw new EmbeddedPostgresException(
                $"{file}, which holds the passwords of the database beside it, is missing. Restore it from a backup.");

        var made = new ClusterPasswords(
            RandomNumberGenerator.GetHexString(48, lowercase: true), RandomNumberGenerator.GetHexString(48, lowercase: true));
        var unfinished = file + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
        };
        await using (var stream = new FileStream(unfinished, options))
        {
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"127.0.0.1:*:*:postgres:{made.Superuser}\n127.0.0.1:*:*:notify:{made.Notify}\n"), cancellation);
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, file);
        return made;
    }
}
