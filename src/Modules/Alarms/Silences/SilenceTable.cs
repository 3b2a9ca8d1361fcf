using System.Text.Json;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Alarms.Silences;

/// <summary>The current silences. The highest sequence number of their events is the version of all of them, by which a cached copy is checked.
/// Whoever changes a silence locks the table, so that the numbers are committed in order.</summary>
public static class SilenceTable
{
    internal const string Name = $"{Database.Schema}.silence";

    /// <summary>SQL for the version of all silences.</summary>
    internal const string Number = $"select coalesce(max(changed), 0) from {Name}";

    public static readonly OwnedTable Owned = new("silence") { Texts = ["body"], Stream = "id", Open = "due_at is not null" };

    public static ISchemaObject Table()
    {
        var table = Database.Table("silence");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<long>("changed").NotNull();
        table.AddColumn("ends_at", "timestamptz").NotNull();
        table.AddColumn("due_at", "timestamptz");
        table.AddColumn("body", "jsonb").NotNull();
        table.Indexes.Add(new IndexDefinition("silence_changed") { Columns = ["changed"] });
        table.Indexes.Add(new IndexDefinition("silence_ends") { Columns = ["ends_at"] });
        table.Indexes.Add(new IndexDefinition("silence_due") { Columns = ["due_at"], Predicate = "due_at is not null" });
        return table;
    }

    /// <summary>Prevents other changes of silences until the transaction ends.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"lock table {Name} in share row exclusive mode", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Writes the rows with the events that changed them.</summary>
    public static RowsOfEvents Upsert(IReadOnlyCollection<Silence> silences, DateTimeOffset now) => new(
        $"""
        insert into {Name} (id, changed, ends_at, due_at, body)
        select a.id, e.seq_id, a.ends_at, a.due_at, a.body::jsonb from unnest(?, ?, ?, ?, ?) as a(id, version, ends_at, due_at, body)
        join {EventTables.Appended} e on e.stream_id = a.id and e.version = a.version
        on conflict (id) do update set changed = excluded.changed, ends_at = excluded.ends_at, due_at = excluded.due_at, body = excluded.body
        """,
        silences.Select(x => x.Id).ToArray(),
        silences.Select(x => x.Version).ToArray(),
        silences.Select(x => x.EndsAt).ToArray(),
        silences.Select(_ => now).ToArray(),
        silences.Select(x => JsonSerializer.Serialize(x, NotifyJson.Options)).ToArray());

    /// <summary>The silences that end after the given instant, and the version of all.</summary>
    public static async Task<(long Number, List<Silence> Silences)> ReadAsync(
        NpgsqlDataSource database, EventReader events, DateTimeOffset endsAfter, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select n.number, s.id, s.body from ({Number}) n(number) left join {Name} s on s.ends_at > $1 order by s.id");
        command.Parameters.AddWithValue(endsAfter);
        var (number, rows) = (0L, new List<(string Id, Silence? Silence)>());
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                number = reader.GetInt64(0);
                if (!await reader.IsDBNullAsync(1, cancellation)) rows.Add((reader.GetString(1), TryRead(reader.GetString(1), reader.GetString(2))));
            }
        }

        return (number, await CompleteAsync(rows, events, cancellation));
    }

    /// <returns>Null: the silence does not exist.</returns>
    public static async Task<Silence?> FindAsync(NpgsqlConnection connection, EventReader events, string id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select body from {Name} where id = $1", connection);
        command.Parameters.AddWithValue(id);
        return await command.ExecuteScalarAsync(cancellation) is string body
            ? (await CompleteAsync([(id, TryRead(id, body))], events, cancellation)).FirstOrDefault()
            : null;
    }

    public static async Task<List<string>> DueAsync(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id from {Name} where due_at <= $1 order by due_at limit 50");
        command.Parameters.AddWithValue(now);
        return await command.ReadTextsAsync(cancellation);
    }

    /// <summary>Sets the next due time, unless the silence has changed meanwhile.</summary>
    /// <param name="next">Null: nothing more is due.</param>
    public static async Task DoneAsync(NpgsqlDataSource database, Silence silence, DateTimeOffset? next, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"update {Name} set due_at = $3 where id = $1 and (body->>'version' = $2 or jsonb_typeof(body->'version') is distinct from 'number')");
        command.Parameters.AddWithValue(silence.Id);
        command.Parameters.AddWithValue(silence.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)next ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Unreadable rows are replaced by the silences folded from their events. If these cannot be read either, the silence has no
    /// effect.</summary>
    private static async Task<List<Silence>> CompleteAsync(
        List<(string Id, Silence? Silence)> rows, EventReader events, CancellationToken cancellation)
    {
        string[] unreadable = [.. rows.Where(x => x.Silence is null).Select(x => x.Id)];
        if (unreadable.Length == 0) return [.. rows.Select(x => x.Silence!)];
        var folded = new Dictionary<string, Silence>(StringComparer.Ordinal);
        foreach (var e in await events.ReadAsync(unreadable, cancellation))
            folded[e.StreamId] = Silence.Apply(folded.GetValueOrDefault(e.StreamId), e.StreamId, e.Data, e.At);
        return [.. from x in rows let silence = x.Silence ?? folded.GetValueOrDefault(x.Id) where silence is not null select silence];
    }

    private static Silence? TryRead(string id, string body) => EventRecord.ReadOrDefault(
        () => JsonSerializer.Deserialize<Silence>(body, NotifyJson.Options) is { Matchers: { Count: > 0 } matchers, By: not null, Reason: not null } x
            && x.Id == id && matchers.All(y => y is { Name: not null, Value: not null }) && CompiledSilence.TryOf(x) is not null ? x : null);
}
