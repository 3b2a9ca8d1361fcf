using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Rules.Drills;

/// <summary>One row for each run, written in the transaction of its events. It only selects the streams to read; the runs themselves are folded from
/// the events.</summary>
internal static class DrillRunTable
{
    internal const string Name = $"{Database.Schema}.drill_run";

    public static readonly OwnedTable Owned = new("drill_run") { Stream = "id", Open = "due_at is not null" };

    public static Table Table()
    {
        var table = Database.Table("drill_run");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("drill_id").NotNull();
        table.AddColumn("started_at", "timestamptz").NotNull();
        table.AddColumn("planned_at", "timestamptz");
        table.AddColumn("proven_at", "timestamptz");
        table.AddColumn("due_at", "timestamptz");
        table.Indexes.Add(new IndexDefinition("drill_run_started") { Columns = ["drill_id", "started_at"] });
        table.Indexes.Add(new IndexDefinition("drill_run_planned") { Columns = ["drill_id", "planned_at"] });
        table.Indexes.Add(new IndexDefinition("drill_run_proven") { Columns = ["drill_id", "proven_at"] });
        table.Indexes.Add(new IndexDefinition("drill_run_due") { Columns = ["due_at"], Predicate = "due_at is not null" });
        return table;
    }

    public static void QueueUpsert(IDocumentSession session, DrillRun run) => session.QueueSqlCommand(
        $"""
        insert into {Name} (id, drill_id, started_at, planned_at, proven_at, due_at)
        values (?, ?, ?, ?::timestamptz, ?::timestamptz, ?::timestamptz)
        on conflict (id) do update set proven_at = excluded.proven_at, due_at = excluded.due_at
        """,
        run.Id, run.Drill.Id, run.StartedAt, OrNull(run.PlannedAt), OrNull(run.ProvenAt), OrNull(run.DueAt));

    /// <summary>For each drill the ids of its last run, its last planned run, the last run that proved its way, and its open runs.</summary>
    public static async Task<string[]> TellingAsync(NpgsqlDataSource database, string[] drills, CancellationToken cancellation)
    {
        static string Last(string column) =>
            $"select x.id from unnest($1) d(id) cross join lateral (select id from {Name} where drill_id = d.id and {column} is not null order by {column} desc limit 1) x";
        await using var command = database.CreateCommand(
            $"{Last("started_at")} union {Last("planned_at")} union {Last("proven_at")} union select id from {Name} where drill_id = any($1) and due_at is not null");
        command.Parameters.AddWithValue(drills);
        return [.. await command.ReadTextsAsync(cancellation)];
    }

    /// <summary>The ids of a drill's runs, newest first.</summary>
    public static async Task<string[]> NewestAsync(NpgsqlDataSource database, string drill, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id from {Name} where drill_id = $1 order by started_at desc, id desc limit $2");
        command.Parameters.AddWithValue(drill);
        command.Parameters.AddWithValue(limit);
        return [.. await command.ReadTextsAsync(cancellation)];
    }

    /// <summary>Open runs whose time is up; at most 100.</summary>
    public static async Task<string[]> DueAsync(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id from {Name} where due_at <= $1 order by due_at limit 100");
        command.Parameters.AddWithValue(now);
        return [.. await command.ReadTextsAsync(cancellation)];
    }

    /// <summary>All drills that have ever run.</summary>
    public static async Task<string[]> DrillsAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select distinct drill_id from {Name}");
        return [.. await command.ReadTextsAsync(cancellation)];
    }

    private static object OrNull(DateTimeOffset? instant) => instant is { } x ? x : DBNull.Value;
}

/// <summary>Rebuilds the table of runs from their events.</summary>
public sealed class DrillRunRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows<DrillRun>(database, catalog, time)
{
    public override string Name => "drills";

    protected override string Kind => "drillrun";
    protected override string Table => "drill_run";
    protected override IReadOnlyList<string> Columns => ["drill_id", "started_at", "planned_at", "proven_at", "due_at"];

    protected override DrillRun Apply(DrillRun? state, AttributedEvent e) => DrillRun.Apply(state, e.Event);

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var run = stream.State;
        return new JsonObject
        {
            ["drill_id"] = run.Drill.Id,
            ["started_at"] = Json(run.StartedAt),
            ["planned_at"] = Json(run.PlannedAt),
            ["proven_at"] = Json(run.ProvenAt),
            ["due_at"] = Json(run.DueAt),
        };
    }

    private static JsonNode? Json(DateTimeOffset? instant) =>
        instant is { } x ? JsonSerializer.SerializeToNode(Instants.Cut(x), NotifyJson.Options) : null;
}
