using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Operation.Keys;

/// <param name="Keys">The ids of the keys in its key file.</param>
internal sealed record NodeKeys(string Node, IReadOnlyList<string> Keys);

/// <summary>
/// Makes this node seal with the key that the store names, tells the other nodes which keys this one has, and seals again what another key sealed: in
/// batches, while Notify runs, on any node that has both keys. What cannot be opened stays unchanged.
/// </summary>
internal sealed class SealingKeys(
    MasterKey key, StoreKey storeKey, IEnumerable<SealedColumn> columns, ThisNode node, NpgsqlDataSource database, ILogger<SealingKeys> logger)
    : Worker("Sealing keys", logger)
{
    private const string Nodes = $"{Database.Schema}.key_node";
    private const int BatchSize = 200;

    /// <summary>A node that has not announced itself for this long is not running.</summary>
    private const string Alive = "seen_at > now() - interval '20 seconds'";

    private static readonly TimeSpan rest = TimeSpan.FromSeconds(5);

    /// <summary>What none of these keys opens; with others it is tried again.</summary>
    private readonly HashSet<string> unreadable = new(StringComparer.Ordinal);
    private IReadOnlyList<string> tried = [];
    private string? missing;

    public static Table Table()
    {
        var table = Database.Table("key_node");
        table.AddColumn<string>("node").AsPrimaryKey();
        table.AddColumn("keys", "text[]").NotNull();
        table.AddColumn("seen_at", "timestamptz").NotNull();
        return table;
    }

    /// <summary>The nodes that run now, this one first.</summary>
    public async Task<List<NodeKeys>> NodesAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select node, keys from {Nodes} where {Alive} and node <> $1 order by node");
        command.Parameters.AddWithValue(node.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        // This node's own keys are known.
        var nodes = new List<NodeKeys> { new(node.Id, key.Ids) };
        while (await reader.ReadAsync(cancellation)) nodes.Add(new(reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        return nodes;
    }

    /// <summary>How many values each key still seals, by its id.</summary>
    public async Task<Dictionary<string, long>> CountAsync(CancellationToken cancellation)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            await using var command = database.CreateCommand(
                $"select {IdOf(column)}, count(*) from {column.FullName} where {column.Column} is not null group by 1");
            command.Parameters.AddWithValue(key.Identity);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                counts[reader.GetString(0)] = counts.GetValueOrDefault(reader.GetString(0)) + reader.GetInt64(1);
        }

        return counts;
    }

    /// <summary>Announces this node before it works, so that nobody rotates to a key that it lacks.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AnnounceAsync(cancellationToken);
        }
        catch (Exception e) when (StoreFault.Passes(e))
        {
            // The node is announced again within seconds.
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Withdraws the announcement: a stopped node needs no new key.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var command = database.CreateCommand($"delete from {Nodes} where node = $1");
            command.Parameters.AddWithValue(node.Id);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (StoreFault.IsStoreDown(e) || cancellationToken.IsCancellationRequested)
        {
            // The announcement expires within seconds.
        }
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        key.Refresh();
        var sealing = await storeKey.SealingAsync(cancellation);
        key.SealWith(sealing);
        await AnnounceAsync(cancellation);
        TellOfMissing(sealing);
        if (!key.Ids.SequenceEqual(tried, StringComparer.Ordinal))
        {
            tried = key.Ids;
            unreadable.Clear();
        }

        // With one key, no other can have sealed anything, so the tables are not searched.
        if (key.SealingId != sealing || key.Ids.Count == 1) return rest;
        var more = false;
        foreach (var column in columns) more |= await SealAnewAsync(column, sealing, cancellation);
        return more ? TimeSpan.Zero : rest;
    }

    /// <summary>SQL: the id of the key that sealed a value. In format 1 that is the first key; later formats name the key.</summary>
    private static string IdOf(SealedColumn column) =>
        $"case get_byte({column.Column}, 0) when 1 then $1 else encode(substring({column.Column} from 2 for 8), 'hex') end";

    private void TellOfMissing(string sealing)
    {
        if (key.SealingId == sealing) missing = null;
        else if (missing != sealing)
        {
            missing = sealing;
            Logger.LogError(
                "The key file {File} lacks the key {Key}, which seals secrets: those cannot be used on this node. Copy the file of another node",
                key.Path, sealing);
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with gone as (delete from {Nodes} where seen_at < now() - interval '1 day')
            insert into {Nodes} (node, keys, seen_at) values ($1, $2, now())
            on conflict (node) do update set keys = excluded.keys, seen_at = excluded.seen_at
            """);
        command.Parameters.AddWithValue(node.Id);
        command.Parameters.AddWithValue(key.Ids.ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> SealAnewAsync(SealedColumn column, string sealing, CancellationToken cancellation)
    {
        var (references, old, made) = (new List<string>(), new List<byte[]>(), new List<byte[]>());
        await using (var command = database.CreateCommand(
            $"""
            select {column.Reference}, {column.Column} from {column.FullName}
            where {column.Column} is not null and {IdOf(column)} <> $2 and not ({column.Reference} = any($3)) limit {BatchSize}
            """))
        {
            command.Parameters.AddWithValue(key.Identity);
            command.Parameters.AddWithValue(sealing);
            command.Parameters.AddWithValue(unreadable.ToArray());
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var (reference, value) = (reader.GetString(0), reader.GetFieldValue<byte[]>(1));
                try
                {
                    made.Add(key.Seal(reference, key.Unseal(reference, value)));
                    references.Add(reference);
                    old.Add(value);
                }
                catch (CryptographicException)
                {
                    // Whoever uses the value reports the fault; another node may have the key.
                    unreadable.Add(reference);
                }
            }
        }

        if (references.Count == 0) return false;
        // A value that was written meanwhile is already sealed with the present key, and is left alone.
        await using var update = database.CreateCommand(
            $"""
            update {column.FullName} t set {column.Column} = x.made from unnest($1, $2, $3) as x(reference, old, made)
            where {column.Reference} = x.reference and t.{column.Column} = x.old
            """);
        update.Parameters.AddWithValue(references.ToArray());
        update.Parameters.AddWithValue(old.ToArray());
        update.Parameters.AddWithValue(made.ToArray());
        await update.ExecuteNonQueryAsync(cancellation);
        return true;
    }
}
