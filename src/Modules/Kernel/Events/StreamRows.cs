using System.Text.Json.Nodes;
using Notify.Kernel.Events.Store;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Kernel.Events;

/// <summary>
/// A table with one row for each stream of a kind, written in the same transaction as the stream's events. A rebuild takes 200 streams at a time. It
/// folds their events before it locks their rows, since a stream may have millions; under the lock it reads only what came meanwhile, so that
/// writers of these rows wait for some milliseconds, and others not at all.
/// </summary>
/// <typeparam name="TState">What the events of a stream are folded into.</typeparam>
public abstract class StreamRows<TState>(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : IReadModel
    where TState : class
{
    private const int Batch = 200;
    private const int RowsAtOnce = 2000;

    /// <summary>The kind of the streams of erasures, which change events that are folded already.</summary>
    private const string Erasures = "erasure";

    private const string Events = EventTables.Events;

    public abstract string Name { get; }

    public virtual IReadOnlyList<string> Tables => [Table];

    /// <summary>The prefix of the streams' ids, up to the dash.</summary>
    protected abstract string Kind { get; }

    /// <summary>The table's name without its schema. Its primary key is <c>id</c>, the stream's id.</summary>
    protected abstract string Table { get; }

    /// <summary>The columns that a rebuild writes, without the id.</summary>
    protected abstract IReadOnlyList<string> Columns { get; }

    /// <summary>SQL for the stored value of a column, if PostgreSQL computes part of it.</summary>
    /// <param name="value">SQL for the value from the fold.</param>
    protected virtual string Stored(string column, string value) => value;

    /// <summary>The events of a stream up to now, without archived ones.</summary>
    protected sealed record Folded(TState State, StoredEvent First, StoredEvent Last);

    /// <param name="state">Null: this is the first event, or the first that is not archived.</param>
    /// <exception cref="InvalidOperationException">The events are inconsistent.</exception>
    protected abstract TState Apply(TState? state, AttributedEvent e);

    /// <summary>Computes the row, by column.</summary>
    /// <param name="row">The current row; null if there is none. Values that no event contains may be taken from it.</param>
    /// <returns>Null: there must be no row.</returns>
    /// <exception cref="InvalidOperationException">The events are inconsistent.</exception>
    protected abstract JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now);

    /// <summary>Called before each batch is written, to load what its rows need besides the events.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Writes dependent rows of other tables, in the same transaction.</summary>
    /// <param name="streams">The streams that have a row.</param>
    protected virtual Task<RebuiltRows> RebuildPartsAsync(
        NpgsqlConnection connection, IReadOnlyList<TState> streams, CancellationToken cancellation) =>
        Task.FromResult(RebuiltRows.None);

    /// <summary>Called after all rows are written, for what depends on several streams.</summary>
    protected virtual Task<RebuiltRows> EndAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Task.FromResult(RebuiltRows.None);

    public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
    {
        var done = RebuiltRows.None;
        for (var last = ""; await NextAsync(last, cancellation) is { Length: > 0 } streams; last = streams[^1])
        {
            var started = time.GetTimestamp();
            done += await RetriedAsync(() => RebuildAsync(streams, cancellation));
            report(done);
            // Pauses as long as it worked, so that half of the time is left for others.
            await Task.Delay(time.GetElapsedTime(started), time, cancellation);
        }

        for (var last = ""; last is not null;)
        {
            (last, var removed) = await RetriedAsync(() => RemoveInventedAsync(last!, cancellation));
            done += new RebuiltRows(0, 0, removed);
            report(done);
        }

        return done + await RetriedAsync(() => EndAsync(database, cancellation));
    }

    /// <summary>The next streams, read from the events, since the table of streams could lack some.</summary>
    private async Task<string[]> NextAsync(string after, CancellationToken cancellation)
    {
        var (first, last) = Ids.Range(Kind);
        await using var command = database.CreateCommand(
            $"""
            select stream_id from {Events} where stream_id > $1 and stream_id >= $2 and stream_id <= $3 and starts_with(stream_id, $2) and not is_archived
            group by stream_id order by stream_id limit {Batch}
            """);
        foreach (var value in (string[])[after, first, last]) command.Parameters.AddWithValue(value);
        command.CommandTimeout = 0;
        return [.. await command.ReadTextsAsync(cancellation)];
    }

    private async Task<RebuiltRows> RebuildAsync(string[] streams, CancellationToken cancellation)
    {
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var erasure = await LastErasureAsync(connection, cancellation);
            var (folded, unreadable) = (new Dictionary<string, Folded>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
            await FoldAsync(connection, streams, folded, unreadable, cancellation);
            await PrepareAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var rows = await LockAsync(connection, streams, cancellation);
            // What was erased meanwhile must not be written again.
            if (await LastErasureAsync(connection, cancellation) != erasure) continue;
            foreach (var archived in await ArchivedAsync(connection, folded, cancellation)) folded.Remove(archived);
            await FoldAsync(connection, streams, folded, unreadable, cancellation);
            var done = await WriteAsync(connection, folded, rows, unreadable, cancellation);
            await transaction.CommitAsync(cancellation);
            return done with { Checked = streams.Length + done.Checked };
        }
    }

    /// <summary>Continues with the events that are not folded yet.</summary>
    private async Task FoldAsync(
        NpgsqlConnection connection, string[] streams, Dictionary<string, Folded> folded, HashSet<string> unreadable, CancellationToken cancellation)
    {
        string[] left = [.. streams.Where(x => !unreadable.Contains(x))];
        long[] after = [.. left.Select(x => folded.TryGetValue(x, out var found) ? found.Last.Version : 0)];
        await foreach (var (stream, e) in AttributedEvents.EachAsync(connection, left, after, catalog, cancellation))
        {
            if (unreadable.Contains(stream)) continue;
            try
            {
                if (e is null) unreadable.Add(stream);
                else if (folded.TryGetValue(stream, out var found)) folded[stream] = found with { State = Apply(found.State, e), Last = e.Event };
                else folded[stream] = new(Apply(null, e), e.Event, e.Event);
            }
            catch (InvalidOperationException)
            {
                // The events are inconsistent: somebody has removed some.
                unreadable.Add(stream);
            }
        }
    }

    private static async Task<long> LastErasureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (first, last) = Ids.Range(Erasures);
        await using var command = new NpgsqlCommand(
            $"select coalesce(max(seq_id), 0) from {Events} where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1)", connection)
        { Parameters = { new() { Value = first }, new() { Value = last } } };
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Streams whose last folded event was archived meanwhile; archived are always all events up to then.</summary>
    private static async Task<List<string>> ArchivedAsync(
        NpgsqlConnection connection, Dictionary<string, Folded> folded, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select x.id from unnest($1::text[], $2::bigint[]) as x(id, version)
            where not exists (select from {Events} e where e.stream_id = x.id and e.version = x.version and not e.is_archived)
            """, connection)
        { Parameters = { new() { Value = folded.Keys.ToArray() }, new() { Value = folded.Values.Select(x => x.Last.Version).ToArray() } } };
        return await command.ReadTextsAsync(cancellation);
    }

    private async Task<RebuiltRows> WriteAsync(
        NpgsqlConnection connection, Dictionary<string, Folded> folded, Dictionary<string, JsonObject> rows, HashSet<string> unreadable,
        CancellationToken cancellation)
    {
        var (wanted, gone, now) = (new JsonArray(), new List<string>(), time.GetUtcNow());
        var states = new List<TState>();
        foreach (var (stream, fold) in folded)
        {
            if (unreadable.Contains(stream)) continue;
            try
            {
                if (RowOf(fold, rows.GetValueOrDefault(stream), now) is { } row)
                {
                    row["id"] = stream;
                    wanted.Add(row);
                    states.Add(fold.State);
                }
                else if (rows.ContainsKey(stream)) gone.Add(stream);
            }
            catch (InvalidOperationException)
            {
                unreadable.Add(stream);
            }
        }

        var written = await WriteAsync(connection, wanted, cancellation);
        if (gone.Count > 0)
        {
            await using var delete = new NpgsqlCommand(
                $"delete from {Database.Schema}.{Table} where id = any($1)", connection)
            { Parameters = { new() { Value = gone.ToArray() } } };
            await delete.ExecuteNonQueryAsync(cancellation);
        }

        var parts = await RebuildPartsAsync(connection, states, cancellation);
        return new RebuiltRows(0, written, gone.Count, unreadable.Count) + parts;
    }

    /// <summary>
    /// Locks the rows, so that their writers wait. If somebody has deleted a row, its stream is locked instead.
    /// </summary>
    private async Task<Dictionary<string, JsonObject>> LockAsync(NpgsqlConnection connection, string[] streams, CancellationToken cancellation)
    {
        var rows = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand(
            $"select t.id, to_jsonb(t) from {Database.Schema}.{Table} t where t.id = any($1) order by t.id collate \"C\" for update of t",
            connection))
        {
            command.Parameters.AddWithValue(streams);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) rows[reader.GetString(0)] = JsonNode.Parse(reader.GetString(1))!.AsObject();
        }

        if (rows.Count == streams.Length) return rows;
        await Store.Streams.HoldAsync(connection, [.. streams.Where(x => !rows.ContainsKey(x))], cancellation);
        return rows;
    }

    /// <summary>Writes only rows that differ. PostgreSQL compares them, by the columns' types.</summary>
    private async Task<long> WriteAsync(NpgsqlConnection connection, JsonArray wanted, CancellationToken cancellation)
    {
        if (wanted.Count == 0) return 0;
        var kept = string.Join(", ", Columns.Select(x => $"t.{x}"));
        var said = string.Join(", ", Columns.Select(x => Stored(x, $"w.{x}")));
        var names = string.Join(", ", Columns);
        await using var command = new NpgsqlCommand(
            $"""
            with w as materialized (select * from jsonb_populate_recordset(null::{Database.Schema}.{Table}, $1)),
            changed as (
              update {Database.Schema}.{Table} t set ({names}) = row({said}) from w where t.id = w.id and ({kept}) is distinct from ({said}) returning 1),
            made as (
              insert into {Database.Schema}.{Table} (id, {names}) select w.id, {said} from w
              where not exists (select from {Database.Schema}.{Table} t where t.id = w.id) on conflict (id) do nothing returning 1)
            select (select count(*) from changed) + (select count(*) from made)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = wanted.ToJsonString(NotifyJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Removes rows without events. A row was committed together with its events, so one statement sees either both or none.</summary>
    /// <returns>The id after which to continue; null: at the end.</returns>
    private async Task<(string? Last, long Removed)> RemoveInventedAsync(string after, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with page as (select id from {Database.Schema}.{Table} where id > $1 order by id limit {RowsAtOnce}),
            removed as (
              delete from {Database.Schema}.{Table} t using page where t.id = page.id
                and (not starts_with(t.id, $2) or not exists (select from {Events} e where e.stream_id = t.id and not e.is_archived)) returning 1)
            select (select max(id) from page), (select count(*) from removed)
            """);
        command.Parameters.AddWithValue(after);
        command.Parameters.AddWithValue(Ids.Range(Kind).First);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetInt64(1));
    }

    private static async Task<T> RetriedAsync<T>(Func<Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (attempt < 10 && WriteConflict.Is(e))
            {
                // Another transaction wrote the same rows in a different order.
            }
        }
    }
}
