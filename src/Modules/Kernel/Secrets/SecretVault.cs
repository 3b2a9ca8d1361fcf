using System.Text.Json.Nodes;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Secrets;

/// <summary>A secret was destroyed or replaced, or is sealed with another key. It must be entered again before it can be used.</summary>
/// <param name="message">Contains only the fingerprint.</param>
public sealed class SecretUnreadableException(string message, Exception? inner = null) : InvalidOperationException(message, inner), IRefusal
{
    public ProblemException Refusal => ProblemException.Conflict($"{Message} Enter it again in the settings that use it.");
}

/// <summary>A secret as it is stored.</summary>
public sealed record SealedSecret(SecretRef Secret, byte[] Value, DateTimeOffset At);

/// <summary>Stores sealed secrets in a separate table, apart from events and read models.</summary>
public sealed class SecretVault(MasterKey key, KnownSecrets known, NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>The prefix of references to values that were not entered by people.</summary>
    internal const string OwnedKind = "credential";

    internal const string EnteredKind = "secret";

    private const string Insert = $"insert into {Database.Schema}.secret (ref, sealed, created_at) values (?, ?, ?)";

    public static Table Table()
    {
        var table = Database.Table("secret");
        table.AddColumn<string>("ref").AsPrimaryKey();
        table.AddColumn("sealed", "bytea").NotNull();
        table.AddColumn("created_at", "timestamptz").NotNull();
        return table;
    }

    /// <summary>Seals a value within the session's transaction. A value equal to the current one keeps its reference.</summary>
    public SecretRef Store(IDocumentSession session, string value, SecretRef? current = null)
    {
        known.Add(value);
        var fingerprint = key.Fingerprint(value);
        if (current?.Fingerprint == fingerprint) return current;
        var now = time.GetUtcNow();
        var reference = Ids.New(EnteredKind, now);
        session.QueueSqlCommand(Insert, reference, key.Seal(reference, value), now);
        return new SecretRef(reference, fingerprint);
    }

    /// <summary>
    /// Seals a value that only Notify reads and that is no secret to search for in texts, such as a password hash or a document, within the session's
    /// transaction. Only its owner can open it: copying the reference into another owner's events gains nothing.
    /// </summary>
    /// <param name="owner">The id of the owner.</param>
    public SecretRef StoreFor(string owner, IDocumentSession session, string value)
    {
        var now = time.GetUtcNow();
        var (reference, owned) = (Ids.New(OwnedKind, now), $"{owner}\n{value}");
        session.QueueSqlCommand(Insert, reference, key.Seal(reference, owned), now);
        return new SecretRef(reference, key.Fingerprint(owned));
    }

    /// <returns>The value that <see cref="StoreFor"/> sealed for this owner.</returns>
    /// <exception cref="SecretUnreadableException">It was destroyed or replaced, belongs to another owner, or cannot be opened with this
    /// installation's key.</exception>
    public async Task<string> RevealForAsync(string owner, SecretRef secret, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await RevealForAsync(owner, secret, connection, cancellation);
    }

    /// <summary>As this connection sees it.</summary>
    /// <inheritdoc cref="RevealForAsync(string, SecretRef, CancellationToken)"/>
    public async Task<string> RevealForAsync(string owner, SecretRef secret, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select sealed from {Database.Schema}.secret where ref = $1", connection);
        command.Parameters.AddWithValue(secret.Ref);
        var value = await command.ExecuteScalarAsync(cancellation) as byte[]
            ?? throw new SecretUnreadableException($"The secret {secret.Fingerprint} is no longer stored.");
        try
        {
            var opened = key.Unseal(secret.Ref, value);
            return key.Fingerprint(opened) == secret.Fingerprint && opened.StartsWith($"{owner}\n", StringComparison.Ordinal)
                ? opened[(owner.Length + 1)..]
                : throw new SecretUnreadableException($"The secret {secret.Fingerprint} is not what lies under its reference, or is another owner's.");
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new SecretUnreadableException($"The secret {secret.Fingerprint} cannot be opened with this installation's key file.", e);
        }
    }

    /// <summary>Reads sealed secrets that the transaction has stored, to store them again after it is rolled back to an earlier point.</summary>
    public static async Task<IReadOnlyList<SealedSecret>> CopyAsync(
        NpgsqlTransaction transaction, IReadOnlyList<SecretRef> secrets, CancellationToken cancellation)
    {
        if (secrets.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"select ref, sealed, created_at from {Database.Schema}.secret where ref = any($1)", transaction.Connection, transaction)
        { Parameters = { new() { Value = secrets.Select(x => x.Ref).ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (copies, byRef) = (new List<SealedSecret>(), secrets.DistinctBy(x => x.Ref).ToDictionary(x => x.Ref, StringComparer.Ordinal));
        while (await reader.ReadAsync(cancellation))
            copies.Add(new(byRef[reader.GetString(0)], reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<DateTimeOffset>(2)));
        return copies;
    }

    /// <summary>Stores what <see cref="CopyAsync"/> has read, within the session's transaction.</summary>
    public static void Restore(IDocumentSession session, IEnumerable<SealedSecret> copies)
    {
        foreach (var (secret, value, at) in copies) session.QueueSqlCommand(Insert, secret.Ref, value, at);
    }

    public string Fingerprint(string value) => key.Fingerprint(value);

    /// <inheritdoc cref="KnownSecrets.Mask(string)"/>
    public string Mask(string text) => known.Mask(text);

    /// <inheritdoc cref="KnownSecrets.Mask(JsonNode)"/>
    public JsonNode Mask(JsonNode node) => known.Mask(node);

    /// <summary>Destroys secrets that are no longer used; the events keep their fingerprints.</summary>
    public static void Destroy(IDocumentSession session, IEnumerable<SecretRef> used, IEnumerable<SecretRef> kept)
    {
        string[] references = [.. used.Select(x => x.Ref).Except(kept.Select(x => x.Ref), StringComparer.Ordinal)];
        if (references.Length > 0) session.QueueSqlCommand($"delete from {Database.Schema}.secret where ref = any(?)", (object)references);
    }

    /// <exception cref="SecretUnreadableException">It was destroyed or replaced, or cannot be opened with this installation's key.</exception>
    public async Task<string> RevealAsync(SecretRef secret, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select sealed from {Database.Schema}.secret where ref = $1");
        command.Parameters.AddWithValue(secret.Ref);
        var value = await command.ExecuteScalarAsync(cancellation) as byte[]
            ?? throw new SecretUnreadableException($"The secret {secret.Fingerprint} is no longer stored.");
        try
        {
            var opened = key.Unseal(secret.Ref, value);
            known.Add(opened);
            // Checked against the event: a reference changed to another secret would send that secret to the wrong party.
            return key.Fingerprint(opened) == secret.Fingerprint
                ? opened
                : throw new SecretUnreadableException($"The secret {secret.Fingerprint} is not what lies under its reference.");
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new SecretUnreadableException($"The secret {secret.Fingerprint} cannot be opened with this installation's key file.", e);
        }
    }
}
