using System.Security.Cryptography;
using System.Text.Json;
using Marten;
using Microsoft.Extensions.Configuration;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Secrets;

/// <summary>The store's secrets are sealed with this key from now on. Stream <c>masterkey-notify</c>.</summary>
/// <param name="Fingerprint">A keyed check value (<see cref="MasterKey.Identity"/>).</param>
/// <param name="File">The path of the key file on the machine that recorded it.</param>
/// <param name="Replaces">The fingerprint of the previous key, which was given up intentionally.</param>
public sealed record MasterKeyRecorded(string Fingerprint, string File, string Machine, string? Replaces = null);

/// <summary>Secrets are sealed with this key of the key file from now on; those sealed before are sealed again.
/// Stream <c>masterkey-notify</c>.</summary>
/// <param name="Key">The id of the key (<see cref="MasterKey.Ids"/>).</param>
public sealed record SealingKeyRotated(string Key, string Replaces);

/// <summary>
/// A store records which master key sealed it. A node with another key could open no secret and recognise no API key, so it is refused before it
/// changes anything; and no key file is created for a store that already has a key.
/// </summary>
public sealed class StoreKey(NpgsqlDataSource database, MasterKey key, IConfiguration configuration)
{
    /// <summary>The fingerprint of a lost key that is to be replaced: everything it sealed must be entered again.</summary>
    public const string ReplaceSetting = "Notify:ReplacesKeyFile";

    public const string RotatedEvent = "kernel.sealing_key_rotated.v1";

    private const string Stream = "masterkey-notify";

    /// <summary>Called before anything else uses the key or changes the store. A database without a schema has no key yet.</summary>
    /// <exception cref="StartException">The store was sealed with another key.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        if (!await EventTables.ExistAsync(database, cancellation)) return;
        if (await ReadAsync(cancellation) is { Recorded: { } recorded } found)
        {
            if (key.Exists) key.SealWith(found.Sealing);
            if (IsReplaced(recorded) || (key.Exists && key.Identity == recorded.Fingerprint)) return;
            throw new StartException(
                $"The secrets in this database are sealed with the master key {recorded.Fingerprint}, but "
                + (key.Exists ? $"{key.Path} contains the key {key.Identity}. " : $"the key file {key.Path} does not exist. ")
                + $"Copy the file {recorded.File} of {recorded.Machine} to {key.Path}, or set Notify:KeyFile to a copy of it. "
                + $"If that key is permanently lost, see docs/operations.md ({ReplaceSetting}). Nothing was changed.");
        }

        if (await AnySecretAsync(cancellation) is var (reference, value) && !Opens(reference, value))
        {
            throw new StartException(
                $"The secrets in this database are sealed with a different master key than {(key.Exists ? $"the one in {key.Path}" : $"a new {key.Path} would contain")}. "
                + "Copy the master.key of the node that created the database there, or set Notify:KeyFile to a copy of it. Nothing was changed.");
        }
    }

    /// <summary>Call it at the first start, and when a lost key is replaced.</summary>
    public async Task RecordAsync(IDocumentStore store, EventBatches batches, AuditContext audit, CancellationToken cancellation)
    {
        var found = await ReadAsync(cancellation);
        if (found?.Recorded.Fingerprint == key.Identity) return;
        await AppendAsync(store, batches, found?.Version ?? 0,
            new MasterKeyRecorded(key.Identity, key.Path, Environment.MachineName, found?.Recorded.Fingerprint), audit, cancellation);
    }

    /// <summary>The id of the sealing key recorded in the store.</summary>
    public async Task<string> SealingAsync(CancellationToken cancellation) => (await ReadAsync(cancellation))?.Sealing ?? key.Identity;

    /// <summary>Makes the newest key of the file the sealing key.</summary>
    /// <exception cref="ProblemException">409: it already is.</exception>
    public async Task RotateAsync(IDocumentStore store, EventBatches batches, AuditContext audit, CancellationToken cancellation)
    {
        key.Refresh();
        var found = await ReadAsync(cancellation) ?? throw new InvalidOperationException("The store has recorded no master key.");
        var newest = key.Ids[^1];
        if (newest == found.Sealing) throw ProblemException.Conflict(
            $"The key {newest} is already in use, and the key file contains no newer one. Add one with 'Notify.Host keys add' first.");
        await AppendAsync(store, batches, found.Version, new SealingKeyRotated(newest, found.Sealing), audit, cancellation);
        key.SealWith(newest);
    }

    private static async Task AppendAsync(
        IDocumentStore store, EventBatches batches, long version, object @event, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(Stream, version + 1, @event, audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
    }

    private bool IsReplaced(MasterKeyRecorded recorded) =>
        string.Equals(configuration[ReplaceSetting]?.Trim(), recorded.Fingerprint, StringComparison.OrdinalIgnoreCase);

    private bool Opens(string reference, byte[] value)
    {
        try
        {
            if (!key.Exists) return false;
            key.Unseal(reference, value);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <returns>Null: the store has no key yet.</returns>
    private async Task<OnRecord?> ReadAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select version, type, data from {EventTables.Events} where stream_id = $1 order by version");
        command.Parameters.AddWithValue(Stream);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        OnRecord? found = null;
        while (await reader.ReadAsync(cancellation))
        {
            var (version, data) = (reader.GetInt64(0), reader.GetString(2));
            if (reader.GetString(1) != RotatedEvent)
            {
                var recorded = JsonSerializer.Deserialize<MasterKeyRecorded>(data, NotifyJson.Options)!;
                found = new(recorded, recorded.Fingerprint, version);
            }
            else if (found is not null)
            {
                found = found with { Sealing = JsonSerializer.Deserialize<SealingKeyRotated>(data, NotifyJson.Options)!.Key, Version = version };
            }
        }

        return found;
    }

    /// <param name="Sealing">The id of the sealing key.</param>
    private sealed record OnRecord(MasterKeyRecorded Recorded, string Sealing, long Version);

    /// <summary>For a store from before keys were recorded.</summary>
    private async Task<(string Reference, byte[] Sealed)?> AnySecretAsync(CancellationToken cancellation)
    {
        if (!await HasTableAsync("secret", cancellation)) return null;
        await using var command = database.CreateCommand($"select ref, sealed from {Database.Schema}.secret order by created_at limit 1");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? (reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    private async Task<bool> HasTableAsync(string table, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select to_regclass('{Database.Schema}.{table}') is not null");
        return await command.ExecuteScalarAsync(cancellation) is true;
    }
}
