using System.Text.Json;
using Marten;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Alarms;

/// <summary>The current state of every alarm, kept in the same transaction as its events: what intake decides on, and what the list shows.</summary>
public static class AlarmTable
{
    private const string Name = $"{Database.Schema}.alarm";

    /// <summary>What a search looks through. Rows from before there was a column for it have it in their body, and some have it as it was written.</summary>
    private const string Words = "coalesce(words, lower(concat_ws(chr(10), body->'facts'->>'name', path, body->'facts'->>'description')))";

    private const string Changes = $"{Database.Schema}.alarm_changes";

    public static readonly OwnedTable Owned = new("alarm") { Texts = ["path", "words", "body"], Stream = "id", Open = "state like 'Active%'" };

    public static IEnumerable<ISchemaObject> SchemaObjects()
    {
        yield return new Sequence(new PostgresqlObjectName(Database.Schema, "alarm_changes", SchemaUtils.IdentifierUsage.General));
        var table = Database.Table("alarm");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<long>("changed").NotNull();
        table.AddColumn<string>("state").NotNull();
        table.AddColumn<string>("level").NotNull();
        table.AddColumn<string>("path").NotNull();
        table.AddColumn("due_at", "timestamptz");
        table.AddColumn("body", "jsonb").NotNull();
        table.AddColumn<string>("words");
        table.Indexes.Add(new IndexDefinition("alarm_state") { Columns = ["state", "changed"] });
        table.Indexes.Add(new IndexDefinition("alarm_due") { Columns = ["due_at"], Predicate = "due_at is not null" });
        yield return table;
    }

    /// <summary>The alarms that exist, and which of the events are already on record, each with its alarm; one round trip.</summary>
    public static async Task<(Dictionary<string, Alarm> Alarms, Dictionary<Guid, (string AlarmId, long Version)> Events)> LoadAsync(
        NpgsqlDataSource database, string[] alarmIds, Guid[] eventIds, CancellationToken cancellation)
    {
        var loaded = await LoadNamedAsync(database, alarmIds, eventIds, cancellation);
        // Who gives events ids of their own may name one again with another alarm. That is rare, and only then there is a second round trip.
        string[] others = [.. loaded.Events.Values.Select(x => x.AlarmId).Except(alarmIds, StringComparer.Ordinal)];
        if (others.Length == 0) return loaded;
        foreach (var (id, alarm) in (await LoadNamedAsync(database, others, [], cancellation)).Alarms) loaded.Alarms[id] = alarm;
        return loaded;
    }

    private static async Task<(Dictionary<string, Alarm> Alarms, Dictionary<Guid, (string AlarmId, long Version)> Events)> LoadNamedAsync(
        NpgsqlDataSource database, string[] alarmIds, Guid[] eventIds, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select body from {Name} where id = any($1)") { Parameters = { new() { Value = alarmIds } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select id, stream_id, version from {EventTables.Events} where id = any($1) and type = '{AlarmsModule.ReportedEvent}'")
        {
            Parameters = { new() { Value = eventIds } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var alarms = new Dictionary<string, Alarm>(alarmIds.Length, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var alarm = Read(reader, 0);
            alarms[alarm.Id] = alarm;
        }

        var events = new Dictionary<Guid, (string, long)>();
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) events[reader.GetGuid(0)] = (reader.GetString(1), reader.GetInt64(2));
        return (alarms, events);
    }

    public static void QueueUpsert(IDocumentSession session, IReadOnlyCollection<Alarm> alarms)
    {
        if (alarms.Count == 0) return;
        // In one order, so that two transactions that touch the same alarms cannot deadlock.
        var rows = alarms.OrderBy(x => x.Id, StringComparer.Ordinal).ToList();
        session.QueueSqlCommand(
            $"""
            insert into {Name} (id, changed, state, level, path, due_at, body, words)
            select a.id, nextval('{Changes}'), a.state, a.level, a.path, a.due_at, a.body::jsonb, lower(a.words)
            from unnest(?, ?, ?, ?, ?, ?, ?) as a(id, state, level, path, due_at, body, words)
            on conflict (id) do update set changed = excluded.changed, state = excluded.state, level = excluded.level,
              path = excluded.path, due_at = excluded.due_at, body = excluded.body, words = excluded.words
            """,
            rows.Select(x => x.Id).ToArray(),
            rows.Select(x => x.Facts.State.ToString()).ToArray(),
            rows.Select(x => x.Facts.Level.ToString()).ToArray(),
            rows.Select(x => x.Facts.Path).ToArray(),
            rows.Select(x => x.DueAt).ToArray(),
            rows.Select(x => JsonSerializer.Serialize(x, NotifyJson.Options)).ToArray(),
            rows.Select(WordsOf).ToArray());
    }

    private static string WordsOf(Alarm alarm) => Names.Plain($"{alarm.Facts.Name}\n{alarm.Facts.Path}\n{alarm.Facts.Description}");

    /// <summary>
    /// A source has repeated its word: it counts for longer, or says something else of the alarm. No event records that (yet), so the stream's version does
    /// not guard it; where another node has changed the alarm meanwhile nothing happens, and the source's next repeat does it.
    /// </summary>
    public static void QueueExtensions(IDocumentSession session, IReadOnlyCollection<Alarm> alarms)
    {
        if (alarms.Count == 0) return;
        var rows = alarms.OrderBy(x => x.Id, StringComparer.Ordinal).ToList();
        session.QueueSqlCommand(
            $"""
            update {Name} a set due_at = e.due_at, body = e.body::jsonb, level = e.level, words = lower(e.words)
            from unnest(?, ?, ?, ?, ?, ?) as e(id, version, due_at, body, level, words) where a.id = e.id and (a.body->>'version')::bigint = e.version
            """,
            rows.Select(x => x.Id).ToArray(),
            rows.Select(x => x.Version).ToArray(),
            rows.Select(x => x.DueAt).ToArray(),
            rows.Select(x => JsonSerializer.Serialize(x, NotifyJson.Options)).ToArray(),
            rows.Select(x => x.Facts.Level.ToString()).ToArray(),
            rows.Select(WordsOf).ToArray());
    }

    public static async Task<List<string>> DueAsync(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id from {Name} where due_at <= $1 order by due_at limit 500");
        command.Parameters.AddWithValue(now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellation)) ids.Add(reader.GetString(0));
        return ids;
    }

    public static async Task<Alarm?> FindAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select body from {Name} where id = $1");
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader, 0) : null;
    }

    /// <summary>Last changed first.</summary>
    /// <param name="states">Null: any.</param>
    /// <param name="path">A regular expression of PostgreSQL's for the whole path, whatever the case; null: any.</param>
    public static async Task<List<(long Position, Alarm Alarm)>> ListAsync(
        NpgsqlDataSource database, AlarmState[]? states, AlarmLevel? level, string? path, string? search, long? before, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select a.changed, a.body from unnest($1::text[]) s(state) cross join lateral (
              select changed, body from {Name}
              where state = s.state and ($2::text is null or level = $2) and ($3::text is null or path ~* $3)
                and ($4::text is null or strpos({Words}, lower($4)) > 0 or strpos({Words}, lower($7)) > 0) and ($5::bigint is null or changed < $5)
              order by changed desc limit $6) a
            order by a.changed desc limit $6
            """);
        foreach (object? value in new object?[] { (states ?? Enum.GetValues<AlarmState>()).Select(x => x.ToString()).ToArray(), level?.ToString(), path, search, before, limit, search is null ? null : Names.Plain(search) })
            command.Parameters.AddWithValue(value ?? DBNull.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var alarms = new List<(long, Alarm)>();
        while (await reader.ReadAsync(cancellation)) alarms.Add((reader.GetInt64(0), Read(reader, 1)));
        return alarms;
    }

    private static Alarm Read(NpgsqlDataReader reader, int column) => JsonSerializer.Deserialize<Alarm>(reader.GetString(column), NotifyJson.Options)!;
}
