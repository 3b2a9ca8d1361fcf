using System.Runtime.CompilerServices;
using System.Text.Json;
using Marten;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Alarms;

/// <summary>The current state of every alarm, written in the transaction of its events. The intake decides by it, and lists are read from
/// it.</summary>
public static class AlarmTable
{
    internal const string Name = $"{Database.Schema}.alarm";

    /// <summary>SQL: the text that a search covers. Rows older than this column have it in their body, some in its original case.</summary>
    private const string Words = "coalesce(words, lower(concat_ws(chr(10), body->'facts'->>'name', path, body->'facts'->>'description')))";

    /// <summary>SQL: whether the alarm is shelved; false if somebody has tampered with the row.</summary>
    private const string Shelved = "body->'facts'->>'shelved' is not distinct from 'true'";

    public static readonly OwnedTable Owned = new("alarm") { Texts = ["path", "words", "body"], Stream = "id", Open = "state like 'Active%'" };

    public static IEnumerable<ISchemaObject> SchemaObjects()
    {
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

    /// <summary>Reads in one round trip the alarms that exist, which of the events are recorded already and for which alarm, and the version number
    /// of the silences.</summary>
    public static async Task<(Dictionary<string, Alarm> Alarms, Dictionary<Guid, (string AlarmId, long Version)> Events, long Silences)> LoadAsync(
        NpgsqlDataSource database, EventReader reader, string[] alarmIds, Guid[] eventIds, CancellationToken cancellation)
    {
        var loaded = await LoadNamedAsync(database, reader, alarmIds, eventIds, cancellation);
        // A sender that assigns event ids may reuse one for another alarm. Only in this rare case a second round trip is needed.
        string[] others = [.. loaded.Events.Values.Select(x => x.AlarmId).Except(alarmIds, StringComparer.Ordinal)];
        if (others.Length == 0) return loaded;
        foreach (var (id, alarm) in (await LoadNamedAsync(database, reader, others, [], cancellation)).Alarms) loaded.Alarms[id] = alarm;
        return loaded;
    }

    private static async Task<(Dictionary<string, Alarm> Alarms, Dictionary<Guid, (string AlarmId, long Version)> Events, long Silences)>
        LoadNamedAsync(
            NpgsqlDataSource database, EventReader reader, string[] alarmIds, Guid[] eventIds, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select id, body from {Name} where id = any($1)")
        {
            Parameters = { new() { Value = alarmIds } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"select id, stream_id, version from {EventTables.Events} where id = any($1) and type = '{AlarmsModule.ReportedEvent}'")
        {
            Parameters = { new() { Value = eventIds } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SilenceTable.Number));
        var silences = 0L;
        var alarms = new Dictionary<string, Alarm>(alarmIds.Length, StringComparer.Ordinal);
        var events = new Dictionary<Guid, (string, long)>();
        var unreadable = new List<string>();
        await using (var rows = await batch.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                if (TryRead(rows.GetString(0), rows.GetString(1)) is { } alarm) alarms[alarm.Id] = alarm;
                else unreadable.Add(rows.GetString(0));
            }

            await rows.NextResultAsync(cancellation);
            while (await rows.ReadAsync(cancellation)) events[rows.GetGuid(0)] = (rows.GetString(1), rows.GetInt64(2));
            await rows.NextResultAsync(cancellation);
            if (await rows.ReadAsync(cancellation)) silences = rows.GetInt64(0);
        }

        if (unreadable.Count > 0)
            foreach (var alarm in await FoldAsync(database, reader, [.. unreadable], cancellation)) alarms[alarm.Id] = alarm;
        return (alarms, events, silences);
    }

    /// <summary>Alarms whose rows cannot be read, folded from their events. If an event cannot be read either, the alarm continues after its last
    /// event as if nothing were known: whatever somebody did to the database, new reports are accepted.</summary>
    private static async Task<IEnumerable<Alarm>> FoldAsync(
        NpgsqlDataSource database, EventReader reader, string[] ids, CancellationToken cancellation)
    {
        var folded = new Dictionary<string, Alarm>(StringComparer.Ordinal);
        foreach (var stream in (await reader.ReadAsync(ids, cancellation)).GroupBy(x => x.StreamId, StringComparer.Ordinal))
            if (TryFold(stream.Key, stream) is { } alarm) folded[stream.Key] = alarm;
        string[] others = [.. ids.Where(x => !folded.ContainsKey(x))];
        if (others.Length == 0) return folded.Values;
        await using var command = database.CreateCommand(
            $"""
            select a.id, a.state, a.level, a.path, coalesce((select max(version) from {EventTables.Events} e where e.stream_id = a.id), 0)
            from {Name} a where id = any($1)
            """);
        command.Parameters.AddWithValue(others);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            folded[rows.GetString(0)] = new Alarm
            {
                Id = rows.GetString(0),
                IsUnreadable = true,
                Version = rows.GetInt64(4),
                Facts = new()
                {
                    Name = "",
                    State = Enum.TryParse<AlarmState>(rows.GetString(1), out var state) ? state : default,
                    Level = Enum.TryParse<AlarmLevel>(rows.GetString(2), out var level) ? level : default,
                    Path = rows.GetString(3),
                },
            };
        }

        return folded.Values;
    }

    private static Alarm? TryFold(string id, IEnumerable<StoredEvent> events)
    {
        try
        {
            return events.Aggregate((Alarm?)null, (alarm, e) => Alarm.Apply(alarm, id, e.Data));
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>SQL that writes the rows with the events that changed them; an alarm's position in the list is the sequence number of its last
    /// event.</summary>
    public static RowsOfEvents? Upsert(IReadOnlyCollection<Alarm> alarms)
    {
        if (alarms.Count == 0) return null;
        // Always in the same order, so that two transactions that write the same alarms cannot deadlock.
        return new(
            $"""
            insert into {Name} (id, changed, state, level, path, due_at, body, words)
            select a.id, e.seq_id, a.state, a.level, a.path, a.due_at, a.body::jsonb, lower(a.words)
            from unnest(?, ?, ?, ?, ?, ?, ?, ?) as a(id, version, state, level, path, due_at, body, words)
            join {EventTables.Appended} e on e.stream_id = a.id and e.version = a.version
            order by a.id collate "C"
            on conflict (id) do update set changed = excluded.changed, state = excluded.state, level = excluded.level,
              path = excluded.path, due_at = excluded.due_at, body = excluded.body, words = excluded.words
            """,
            alarms.Select(x => x.Id).ToArray(),
            alarms.Select(x => x.Version).ToArray(),
            alarms.Select(x => x.Facts.State.ToString()).ToArray(),
            alarms.Select(x => x.Facts.Level.ToString()).ToArray(),
            alarms.Select(x => x.Facts.Path).ToArray(),
            alarms.Select(x => x.DueAt).ToArray(),
            alarms.Select(x => JsonSerializer.Serialize(x, NotifyJson.Options)).ToArray(),
            alarms.Select(WordsOf).ToArray());
    }

    /// <summary>The text that a search covers, before PostgreSQL converts it to lower case.</summary>
    public static string WordsOf(Alarm alarm) => Names.Plain($"{alarm.Facts.Name}\n{alarm.Facts.Path}\n{alarm.Facts.Description}");

    /// <summary>Updates alarms whose source has repeated its report: it is valid for longer, or has other texts. No event records this (yet), so the
    /// stream's version does not protect it; if another node has changed the alarm meanwhile, nothing happens, and the next repeat applies
    /// it.</summary>
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
        return await command.ReadTextsAsync(cancellation);
    }

    /// <summary>The ids of the alarms that a silence shelves.</summary>
    internal static async Task<List<string>> ShelvedByAsync(NpgsqlDataSource database, string silence, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select id from {Name} where due_at is not null and body->'facts'->'silence'->>'id' = $1 order by id");
        command.Parameters.AddWithValue(silence);
        return await command.ReadTextsAsync(cancellation);
    }

    /// <summary>Open alarms that are not shelved, read one after another; without those whose rows cannot be read.</summary>
    internal static async IAsyncEnumerable<Alarm> OpenUnshelvedAsync(
        NpgsqlDataSource database, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id, body from {Name} where state = any($1) and not ({Shelved})");
        command.Parameters.AddWithValue(AlarmStates.Open.Select(x => x.ToString()).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            if (TryRead(reader.GetString(0), reader.GetString(1)) is { } alarm) yield return alarm;
    }

    public static async Task<Alarm?> FindAsync(NpgsqlDataSource database, EventReader reader, string id, CancellationToken cancellation) =>
        (await LoadNamedAsync(database, reader, [id], [], cancellation)).Alarms.GetValueOrDefault(id);

    /// <summary>Only within the caller's paths (<see cref="PathLimit"/>).</summary>
    /// <param name="states">Null: any.</param>
    /// <param name="path">A PostgreSQL regular expression for the whole path, ignoring case; null: any.</param>
    /// <param name="shelved">Null: both.</param>
    /// <param name="bySeverity">Unacknowledged before acknowledged ones, then the most severe, then the last changed first; otherwise only the last
    /// changed first.</param>
    public static async Task<List<(long Position, Alarm Alarm)>> ListAsync(
        NpgsqlDataSource database, EventReader events, AlarmState[]? states, AlarmLevel? level, string? path, string? search, long? before, int limit,
        CancellationToken cancellation, bool? shelved = null, bool bySeverity = false)
    {
        AlarmLevel?[] levels = level is not null || !bySeverity ? [level] : [.. Enum.GetValues<AlarmLevel>()];
        (AlarmState State, AlarmLevel? Level)[] ranks =
            [.. from state in states ?? Enum.GetValues<AlarmState>() from one in levels select (state, one)];
        await using var command = database.CreateCommand(
            $"""
            select s.base + a.changed, a.id, a.body from unnest($1::text[], $2::text[], $10::bigint[]) s(state, level, base) cross join lateral (
              select changed, id, body from {Name}
              where state = s.state and (s.level is null or level = s.level) and ($3::text is null or path ~* $3) and ($8::text is null or path ~* $8)
                and ($4::text is null or strpos({Words}, lower($4)) > 0 or strpos({Words}, lower($7)) > 0)
                and ($5::bigint is null or changed < $5 - s.base) and ($9::boolean is null or ({Shelved}) = $9)
              order by changed desc limit $6) a
            order by 1 desc limit $6
            """);
        foreach (object? value in new object?[] { ranks.Select(x => x.State.ToString()).ToArray(), ranks.Select(x => x.Level?.ToString()).ToArray(),
            path, search, before, limit, search is null ? null : Names.Plain(search), PathLimit.Current.Expression, shelved,
            ranks.Select(x => bySeverity ? BaseOf(x.State, x.Level!.Value) : 0).ToArray() })
            command.Parameters.AddWithValue(value ?? DBNull.Value);
        var rows = new List<(long Position, string Id, Alarm? Alarm)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                rows.Add((reader.GetInt64(0), reader.GetString(1), TryRead(reader.GetString(1), reader.GetString(2))));
        }

        string[] unreadable = [.. rows.Where(x => x.Alarm is null).Select(x => x.Id)];
        var folded = unreadable.Length == 0
            ? []
            : (await FoldAsync(database, events, unreadable, cancellation)).ToDictionary(x => x.Id, StringComparer.Ordinal);
        // An alarm that was archived since its row was read is omitted.
        return [.. from x in rows let alarm = x.Alarm ?? folded.GetValueOrDefault(x.Id) where alarm is not null select (x.Position, alarm)];
    }

    /// <summary>What is added to the position of an alarm so that the list is in the order of severity; larger than every sequence number.</summary>
    private static long BaseOf(AlarmState state, AlarmLevel level) =>
        ((state is AlarmState.ActiveUnacked or AlarmState.ClearedUnacked ? 4L : 0) + level switch
        {
            AlarmLevel.Critical => 3,
            AlarmLevel.High => 2,
            AlarmLevel.Medium => 1,
            _ => 0,
        }) << 56;

    /// <summary>The number of open alarms by state, level and shelving. Cleared and acknowledged ones are not open.</summary>
    public static async Task<List<AlarmCount>> CountOpenAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select state, level, {Shelved}, count(*) from {Name}
            where state = any($1) and ($2::text is null or path ~* $2) group by 1, 2, 3 order by 1, 2, 3
            """);
        command.Parameters.AddWithValue(AlarmStates.Open.Select(x => x.ToString()).ToArray());
        command.Parameters.AddWithValue((object?)PathLimit.Current.Expression ?? DBNull.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var counts = new List<AlarmCount>();
        while (await reader.ReadAsync(cancellation))
        {
            if (Enum.TryParse<AlarmState>(reader.GetString(0), out var state) && Enum.TryParse<AlarmLevel>(reader.GetString(1), out var level))
                counts.Add(new(state, level, reader.GetBoolean(2), reader.GetInt64(3)));
        }

        return counts;
    }

    /// <summary>The alarms that have been active since before an instant, the oldest first, at most 50; and their total number.</summary>
    public static async Task<(IReadOnlyList<AlarmPerformance.StandingAlarm> Oldest, long Count)> StandingAsync(
        NpgsqlDataSource database, DateTimeOffset before, CancellationToken cancellation)
    {
        // Instants are stored in UTC as yyyy-MM-dd…, so they can be compared as texts, which also tolerates invalid rows.
        await using var command = database.CreateCommand(
            $"""
            select id, body, count(*) over () from {Name}
            where state in ('ActiveUnacked', 'ActiveAcked') and body->'facts'->>'startTime' < $1 and ($2::text is null or path ~* $2)
            order by body->'facts'->>'startTime', id limit 50
            """);
        command.Parameters.AddWithValue(before.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        command.Parameters.AddWithValue((object?)PathLimit.Current.Expression ?? DBNull.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (oldest, count) = (new List<AlarmPerformance.StandingAlarm>(), 0L);
        while (await reader.ReadAsync(cancellation))
        {
            count = reader.GetInt64(2);
            if (TryRead(reader.GetString(0), reader.GetString(1)) is { Facts: { StartTime: { } since } facts } alarm)
                oldest.Add(new(alarm.Id, facts.Name, facts.Path, facts.Level, since));
        }

        return (oldest, count);
    }

    /// <returns>Null: the row cannot be read; somebody has changed it.</returns>
    internal static Alarm? TryRead(string id, string body)
    {
        try
        {
            var alarm = JsonSerializer.Deserialize<Alarm>(body, NotifyJson.Options);
            return alarm is { Facts: { Name: not null, Labels: not null }, Occurrence: not null } && alarm.Id == id ? alarm : null;
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }
}
