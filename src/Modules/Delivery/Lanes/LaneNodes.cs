using Notify.Kernel;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Lanes;

/// <summary>What a node learns about its lanes and the other nodes: whether it serves more than its share, and which of its lanes have due work that
/// was not announced to it.</summary>
/// <param name="Surplus">How many lanes it serves beyond its share.</param>
public sealed record LaneReview(int Surplus, string[] WithWork);

/// <summary>One row for each live node, so that lanes can be shared evenly; a node without a row yet is counted too.</summary>
public static class LaneNodes
{
    /// <summary>The PostgreSQL channel of <see cref="LaneSignals"/>.</summary>
    public const string Channel = "notify_lanes";

    /// <summary>Prefix of a lane in a signal: a test passed (<see cref="LaneWaking.EndWaitAsync"/>), not that there is work.</summary>
    public const string Passed = "passed ";

    private const string Name = $"{Database.Schema}.lane_node";

    /// <summary>SQL: this node's share. Lanes are divided by number: with a third of all lanes each, three nodes have about the same load.</summary>
    internal const string Share =
        $"(select ceil((select count(*) from {LaneTable.Name})::numeric / (1 + (select count(*) from {Name} where id <> $1 and seen_at > now() - $2)))::int)";

    public static Table Table()
    {
        var table = Database.Table("lane_node");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn("seen_at", "timestamptz").NotNull();
        return table;
    }

    /// <param name="lease">A node that was not seen for this long counts as dead.</param>
    public static async Task<LaneReview> ReviewAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with gone as (delete from {Name} where seen_at < now() - 10 * $2),
            mine as (select id from {LaneTable.Name} where node = $1)
            select (select count(*) from mine)::int - {Share},
                   array(select id from mine where exists (select 1 from {Notifications.NotificationTable.Name} n where n.lane = mine.id and n.due_at <= now()))
            """);
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lease);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new LaneReview(Math.Max(0, reader.GetInt32(0)), reader.GetFieldValue<string[]>(1));
    }

    /// <summary>Announces to every node that there is work on these lanes; without lanes, that there are lanes to take.</summary>
    public static async Task TellAsync(NpgsqlDataSource database, IReadOnlyCollection<string> lanes, CancellationToken cancellation)
    {
        // A payload must be shorter than 8,000 bytes (PostgreSQL, NOTIFY). An empty one makes every node check everything.
        var payload = string.Join('\n', lanes);
        await using var command = database.CreateCommand($"select pg_notify('{Channel}', $1)");
        command.Parameters.AddWithValue(NpgsqlDbType.Text, payload.Length < 2000 ? payload : "");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    internal const string Seen = $"insert into {Name} (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = excluded.seen_at";

    internal const string AllGone = $"delete from {Name}";

    internal const string Gone = $"delete from {Name} where id = $1";
}
