using System.Text.Json;
using Marten;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Audit.Replays;

/// <summary>A replay that this node works on.</summary>
/// <param name="State">Where to continue; null: at the beginning.</param>
public sealed record ClaimedReplay(Replay Replay, byte[]? State);

/// <summary>
/// One row for each replay: what lists show, which node works on it, and where it continues; and the parts of its reports, which are kept as they
/// were written, so that a report is the same bytes whenever it is fetched.
/// </summary>
public static class ReplayTable
{
    public const string Name = $"{Database.Schema}.replay";
    public const string Parts = $"{Database.Schema}.replay_part";

    /// <summary>The columns for <see cref="Read"/>, which must be the first of the row.</summary>
    public const string Columns = "id, mode, status, body";

    private const string IsOpen = "status in ('Pending', 'Running')";

    public static readonly OwnedTable[] Owned =
    [
        new("replay") { Texts = ["body"], Stream = "id", Open = IsOpen, HiddenIn = ["state"], Hidden = EraseStatesAsync },
        new("replay_part") { Stream = "replay_id", HiddenIn = ["body"], Hidden = EraseReportsAsync },
    ];

    public static IEnumerable<ISchemaObject> SchemaObjects()
    {
        var table = Database.Table("replay");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("mode").NotNull();
        table.AddColumn<string>("status").NotNull();
        table.AddColumn("body", "jsonb").NotNull();
        table.AddColumn("state", "bytea");
        RowLease.AddColumns(table);
        table.Indexes.Add(new IndexDefinition(
            "replay_open")
        { Columns = ["id"], Predicate = "((status)::text = 'Pending'::text) OR ((status)::text = 'Running'::text)" });
        yield return table;

        var parts = Database.Table("replay_part");
        parts.AddColumn<string>("replay_id").AsPrimaryKey();
        parts.AddColumn<string>("report").AsPrimaryKey();
        parts.AddColumn<int>("number").AsPrimaryKey();
        parts.AddColumn("body", "bytea").NotNull();
        yield return parts;
    }

    public static void QueueInsert(IDocumentSession session, Replay replay) =>
        session.QueueSqlCommand(
            $"insert into {Name} (id, mode, status, body, lease_until) values (?, ?, ?, ?::jsonb, '{RowLease.Free}')",
            replay.Id, replay.Request.Mode.ToString(), replay.Status.ToString(), JsonSerializer.Serialize(replay, NotifyJson.Options));

    public static void QueueUpdate(IDocumentSession session, Replay replay) =>
        session.QueueSqlCommand(
            $"update {Name} set status = ?, body = ?::jsonb where id = ?", replay.Status.ToString(),
            JsonSerializer.Serialize(replay, NotifyJson.Options), replay.Id);

    public static async Task<Replay?> FindAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Columns} from {Name} where id = $1");
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    /// <summary>Locks the row until the transaction ends.</summary>
    /// <returns>The replay, and the node that works on it.</returns>
    public static async Task<(Replay? Replay, string? Node)> LockAsync(NpgsqlConnection connection, string id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Columns}, node from {Name} where id = $1 for update", connection);
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? (Read(reader), reader.IsDBNull(4) ? null : reader.GetString(4)) : (null, null);
    }

    /// <summary>Claims the oldest open replay that no node works on.</summary>
    public static Task<ClaimedReplay?> ClaimAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation) =>
        RowLease.ClaimAsync(
        database, Name, node, lease, IsOpen, "id", $"{Columns}, state",
        reader => new ClaimedReplay(Read(reader), reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4)), cancellation);

    /// <summary>Marks a replay that cannot be read as failed, so that the others need not wait for it.</summary>
    public static async Task GiveUpAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"update {Name} set status = '{nameof(ReplayStatus.Failed)}', node = null, lease_until = '{RowLease.Free}' where id = $1");
        command.Parameters.AddWithValue(id);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static Task ReleaseAsync(NpgsqlDataSource database, string id, string node, CancellationToken cancellation) =>
        RowLease.ReleaseAsync(database, Name, id, node, cancellation);

    /// <summary>States are compressed and cannot be searched, so all are deleted; they are not needed once a replay has ended.</summary>
    private static async Task<long> EraseStatesAsync(NpgsqlConnection connection, Func<string, bool> names, CancellationToken cancellation)
    {
        await using (var open = new NpgsqlCommand($"select exists (select from {Name} where {IsOpen})", connection))
        {
            if ((bool)(await open.ExecuteScalarAsync(cancellation))!) throw ProblemException.Conflict(
                "A replay is running. Wait until it has finished, or cancel it.");
        }

        await using var command = new NpgsqlCommand($"update {Name} set state = null where state is not null", connection);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Reports are compressed too, so all are deleted. A new replay makes a report without the person.</summary>
    private static async Task<long> EraseReportsAsync(NpgsqlConnection connection, Func<string, bool> names, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"delete from {Parts}", connection);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>The replay; if somebody has changed its body, only what the other columns contain.</returns>
    /// <param name="row">Begins with <see cref="Columns"/>.</param>
    public static Replay Read(NpgsqlDataReader row)
    {
        try
        {
            var replay = JsonSerializer.Deserialize<Replay>(row.GetString(3), NotifyJson.Options);
            if (replay is { Request.Filter: not null, RequestedBy: not null }) return replay;
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            // shown as unreadable
        }

        return new Replay
        {
            Id = row.GetString(0),
            IsUnreadable = true,
            Request = new(
                Enum.TryParse<ReplayMode>(row.GetString(1), out var mode)
                ? mode : default, default, default, new ReplayFilter(), null, null, null, 0, 0, null),
            RequestedBy = Actor.System,
            CorrelationId = "",
            Status = Enum.TryParse<ReplayStatus>(row.GetString(2), out var status) ? status : ReplayStatus.Failed,
            EndReason = "Its record was changed in the database and cannot be read.",
        };
    }
}
