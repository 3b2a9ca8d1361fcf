using System.Data.Common;
using System.Text.Json.Nodes;
using Marten;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Rules.Deciding;

/// <summary>One row for each step, written in the transaction of its events. It answers which steps are due and which wait for an alarm.</summary>
public static class StepTable
{
    public const string Name = $"{Database.Schema}.step";
    private const string Columns = "id, version, alarm_id, rule_id, action, action_key, level, kind, number, due_at";

    public static readonly OwnedTable Owned = new("step") { Stream = "id", Open = "due_at is not null" };

    public static Table Table()
    {
        var table = Database.Table("step");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<long>("version").NotNull();
        table.AddColumn<string>("alarm_id").NotNull();
        table.AddColumn<string>("rule_id").NotNull();
        table.AddColumn<int>("action").NotNull();
        // Null in rows of before there were keys.
        table.AddColumn("action_key", "text");
        table.AddColumn("level", "smallint").NotNull();
        table.AddColumn<string>("kind").NotNull();
        table.AddColumn<int>("number").NotNull();
        table.AddColumn("due_at", "timestamptz");
        table.Indexes.Add(new IndexDefinition("step_due") { Columns = ["due_at"], Predicate = "due_at is not null" });
        // Two nodes that decide simultaneously about two changes of one alarm must not both plan a step: the second one decides again.
        table.Indexes.Add(new IndexDefinition("step_waiting")
        {
            // In PostgreSQL's own spelling, which the next start compares.
            Columns = ["alarm_id", "rule_id", "COALESCE(action_key, ('1-'::text || (action)::text))"],
            IsUnique = true,
            Predicate = "due_at is not null",
        });
        return table;
    }

    /// <summary>SQL for the steps that wait for alarms, each with its alarm's version, as one value; null when there are none.</summary>
    /// <param name="alarmIds">SQL for an array of ids.</param>
    public static string Waiting(string alarmIds) =>
        $"""
        (select array_agg((to_jsonb(s) || jsonb_build_object('alarm_version', a.version))::text)
          from {Name} s left join {EventTables.Streams} a on a.id = s.alarm_id where s.alarm_id = any({alarmIds}) and s.due_at is not null)
        """;

    /// <returns>The version of the alarm is 0 when it has no stream.</returns>
    public static (WaitingStep Step, long AlarmVersion) Read(string row)
    {
        var step = JsonNode.Parse(row)!;
        return (new(
            (string)step["id"]!, (long)step["version"]!, (string)step["alarm_id"]!, (string)step["rule_id"]!, (int)step["action"]!,
            (string?)step["action_key"] ?? ActionKeys.OfIndex((int)step["action"]!), (AlarmLevel)(int)step["level"]!,
            Enum.Parse<StepKind>((string)step["kind"]!), (int)step["number"]!,
            step["due_at"] is { } due ? Instants.TryParseFine((string)due!, out var at) ? at : throw new FormatException($"{due}") : null),
            (long?)step["alarm_version"] ?? 0);
    }

    public static async Task<List<WaitingStep>> WaitingForAsync(NpgsqlDataSource database, string alarmId, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {Columns} from {Name} where alarm_id = $1 and due_at is not null order by due_at, id");
        command.Parameters.AddWithValue(alarmId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await ReadAsync(reader, cancellation);
    }

    public static async Task<DateTimeOffset?> NextAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select min(due_at) from {Name} where due_at is not null");
        return await command.ExecuteScalarAsync(cancellation) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>Locks and returns due steps, the most urgent first. Steps locked by another node are skipped: that node performs them.</summary>
    /// <param name="ids">Null: all due steps.</param>
    public static async Task<List<WaitingStep>> LockDueAsync(
        IDocumentSession session, IReadOnlyList<string>? ids, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {Columns} from {Name} where due_at <= $1 and ($2::text[] is null or id = any($2))
            order by level, due_at, id limit $3 for update skip locked
            """);
        command.Parameters.AddWithValue(now);
        command.Parameters.Add(new NpgsqlParameter<string[]?> { TypedValue = ids is null ? null : [.. ids] });
        command.Parameters.AddWithValue(limit);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        return await ReadAsync(reader, cancellation);
    }

    /// <summary>By step id, the correlation id of the alarm's change for which the step was planned.</summary>
    public static async Task<Dictionary<string, string>> CorrelationsAsync(
        IDocumentSession session, IReadOnlyList<WaitingStep> steps, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select s.id, e.correlation_id from unnest($1) s(id) {EventTables.JoinFirst("s.id")} where e.correlation_id is not null");
        command.Parameters.AddWithValue(steps.Select(x => x.Id).ToArray());
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var correlations = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) correlations[reader.GetString(0)] = reader.GetString(1);
        return correlations;
    }

    /// <summary>Writes the rows in the transaction of their events.</summary>
    public static void QueueUpsert(IDocumentSession session, IReadOnlyCollection<WaitingStep> steps)
    {
        if (steps.Count == 0) return;
        // Always in the same order, so that two transactions that write the same steps cannot deadlock.
        var rows = steps.OrderBy(x => x.Id, StringComparer.Ordinal).ToList();
        session.QueueSqlCommand(
            $"""
            insert into {Name} ({Columns}) select * from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (id) do update set version = excluded.version, action_key = excluded.action_key, level = excluded.level, kind = excluded.kind,
              number = excluded.number, due_at = excluded.due_at
            """,
            rows.Select(x => x.Id).ToArray(),
            rows.Select(x => x.Version).ToArray(),
            rows.Select(x => x.AlarmId).ToArray(),
            rows.Select(x => x.RuleId).ToArray(),
            rows.Select(x => x.Action).ToArray(),
            rows.Select(x => x.ActionKey).ToArray(),
            rows.Select(x => (short)x.Level).ToArray(),
            rows.Select(x => x.Kind.ToString()).ToArray(),
            rows.Select(x => x.Number).ToArray(),
            rows.Select(x => x.DueAt).ToArray());
    }

    /// <summary>Postpones a step that could not be performed and is retried later. This is not recorded as an event.</summary>
    public static async Task PostponeAsync(NpgsqlDataSource database, string id, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {Name} set due_at = $2 where id = $1 and due_at is not null");
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(until);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<List<WaitingStep>> ReadAsync(DbDataReader reader, CancellationToken cancellation)
    {
        var steps = new List<WaitingStep>();
        while (await reader.ReadAsync(cancellation))
            steps.Add(new(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4),
                reader.IsDBNull(5) ? ActionKeys.OfIndex(reader.GetInt32(4)) : reader.GetString(5),
                (AlarmLevel)reader.GetInt16(6), Enum.Parse<StepKind>(reader.GetString(7)), reader.GetInt32(8),
                reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9)));
        return steps;
    }
}

/// <summary>Rebuilds the table of steps from their events.</summary>
public sealed class StepRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows<WaitingStep>(database, catalog, time)
{
    public override string Name => "steps";

    protected override string Kind => "step";
    protected override string Table => "step";
    protected override IReadOnlyList<string> Columns => ["version", "alarm_id", "rule_id", "action", "action_key", "level", "kind", "number", "due_at"];

    protected override WaitingStep Apply(WaitingStep? state, AttributedEvent e) => WaitingStep.Apply(state, e.Event.StreamId, e.Event.Data);

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var step = stream.State;
        return new JsonObject
        {
            ["version"] = step.Version,
            ["alarm_id"] = step.AlarmId,
            ["rule_id"] = step.RuleId,
            ["action"] = step.Action,
            ["action_key"] = step.ActionKey,
            ["level"] = (int)step.Level,
            ["kind"] = step.Kind.ToString(),
            ["number"] = step.Number,
            // With the precision of the column.
            ["due_at"] = step.DueAt is { } due ? Instants.Cut(due).UtcDateTime : null,
        };
    }
}
