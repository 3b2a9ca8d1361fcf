using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <param name="Private">Null: the key is retired and only verifies what it has signed.</param>
public sealed record LogKey(NoteKey Public, byte[]? Private, DateTimeOffset CreatedAt, DateTimeOffset? RetiredAt);

/// <summary>
/// The keys that sign checkpoints. They are in the database, sealed with the installation's key file: somebody who can only write to the database can
/// neither sign nor add a trusted key.
/// </summary>
public sealed class LogKeys(MasterKey master, IConfiguration configuration, TimeProvider time)
{
    public const string FileName = "audit.vkey";
    private const string PrivatePrefix = "private ";
    private const string PublicPrefix = "public ";

    private readonly string? origin = OriginOf(configuration);
    private string? published;

    private string PublicFile => Path.Combine(configuration["Notify:DataDirectory"]!, FileName);

    /// <summary>Newest first. Rows that this installation has not sealed itself are left out.</summary>
    public async Task<List<LogKey>> LoadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select vkey, sealed, created_at, retired_at from {LogTables.Key} order by created_at desc, vkey", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<LogKey>();
        while (await reader.ReadAsync(cancellation))
        {
            if (Open(reader.GetString(0), reader.GetFieldValue<byte[]>(1)) is not { } key) continue;
            keys.Add(new LogKey(key.Public, key.Private, reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return keys;
    }

    /// <summary>Loads the keys; creates one if none can sign. The name of the first key is the log's origin from then on. The caller must hold
    /// <see cref="CheckpointSigner.LockAsync"/>.</summary>
    public async Task<List<LogKey>> LoadOrCreateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var keys = await LoadAsync(connection, cancellation);
        if (keys.Any(x => x.Private is not null)) return keys;
        var name = keys.Count > 0 ? keys[0].Public.Name
            : origin ?? $"notify-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        await InsertAsync(connection, name, cancellation);
        return await LoadAsync(connection, cancellation);
    }

    /// <summary>Creates the key that signs from now on. The previous key signs the next checkpoint too, so that anyone who trusts it can trust the
    /// new one; then its private half is destroyed.</summary>
    public async Task<(NoteKey Old, NoteKey New)> RotateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var old = (await LoadOrCreateAsync(connection, cancellation)).First(x => x is { Private: not null, RetiredAt: null });
        await using var retire = new NpgsqlCommand($"update {LogTables.Key} set retired_at = $2 where vkey = $1", connection);
        retire.Parameters.AddWithValue(old.Public.ToString());
        retire.Parameters.AddWithValue(time.GetUtcNow());
        await retire.ExecuteNonQueryAsync(cancellation);
        return (old.Public, await InsertAsync(connection, old.Public.Name, cancellation));
    }

    /// <summary>Destroys the private halves of retired keys, once both keys have signed a checkpoint.</summary>
    public async Task DestroyRetiredAsync(NpgsqlConnection connection, IEnumerable<LogKey> keys, CancellationToken cancellation)
    {
        foreach (var key in keys.Where(x => x is { Private: not null, RetiredAt: not null }))
        {
            var vkey = key.Public.ToString();
            await using var destroy = new NpgsqlCommand($"update {LogTables.Key} set sealed = $2 where vkey = $1", connection);
            destroy.Parameters.AddWithValue(vkey);
            destroy.Parameters.AddWithValue(master.Seal(vkey, PublicPrefix + vkey));
            await destroy.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Writes the public keys, newest first, to a file in the data directory as well, for checking exports.</summary>
    public async Task PublishAsync(IReadOnlyList<LogKey> keys, CancellationToken cancellation)
    {
        var text = string.Concat(keys.Select(x => x.Public + "\n"));
        if (text.Length == 0 || string.Equals(published, text, StringComparison.Ordinal)) return;
        await File.WriteAllTextAsync(PublicFile, text, cancellation);
        published = text;
    }

    /// <summary>Checked when Notify starts: later, nobody would see why nothing is signed.</summary>
    /// <returns>Null: it is not set.</returns>
    /// <exception cref="StartException">It cannot be the name of a key.</exception>
    private static string? OriginOf(IConfiguration configuration) => configuration["Notify:Audit:Origin"] switch
    {
        null or "" => null,
        var given when given.Any(x => char.IsWhiteSpace(x) || char.IsControl(x) || x == '+') => throw new StartException(
            "Notify:Audit:Origin may have neither blanks nor plus signs."),
        var given => given,
    };

    private async Task<NoteKey> InsertAsync(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var key = new NoteSigner(origin, secret).Key;
        await using var insert = new NpgsqlCommand($"insert into {LogTables.Key} (vkey, sealed, created_at) values ($1, $2, $3)", connection);
        insert.Parameters.AddWithValue(key.ToString());
        insert.Parameters.AddWithValue(master.Seal(key.ToString(), PrivatePrefix + Convert.ToBase64String(secret)));
        insert.Parameters.AddWithValue(time.GetUtcNow());
        await insert.ExecuteNonQueryAsync(cancellation);
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    private (NoteKey Public, byte[]? Private)? Open(string vkey, byte[] sealedKey)
    {
        try
        {
            var key = NoteKey.Parse(vkey);
            var text = master.Unseal(vkey, sealedKey);
            return text.StartsWith(PrivatePrefix, StringComparison.Ordinal) ? (key, Convert.FromBase64String(text[PrivatePrefix.Length..]))
                : string.Equals(text, PublicPrefix + vkey, StringComparison.Ordinal) ? (key, null) : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
