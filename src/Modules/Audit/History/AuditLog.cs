using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Notify.Audit.Following;
using Notify.Audit.Index;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Resources;
using Npgsql;
using Range = Notify.Audit.Index.Range;

namespace Notify.Audit.History;

/// <summary>An event, and the last earlier event of its stream that contains the stream's name.</summary>
internal sealed record AuditRow(StoredRow Event, JsonNode Data, JsonNode? Before)
{
    /// <summary>The signatures of its approval, if it is an approved change.</summary>
    public IReadOnlyList<Signature> Signatures { get; init; } = [];
}

/// <param name="Searched">Set if a text search ran out of time after this number; there may be more beyond it.</param>
internal sealed record AuditPage(List<AuditRow> Rows, long? Searched = null);

/// <summary>Reads events in order. The index finds them; their content comes from the event store.</summary>
internal sealed class AuditLog(
    NpgsqlDataSource database, AuditSearch search, EventFollower follower, EventCatalog catalog, PathSight sight, IConfiguration settings,
    TimeProvider time)
{
    /// <summary>How long a reader waits for what was committed just before it asked.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(1);

    /// <summary>How long bodies are searched for a text; then the page ends with what was found, and a cursor to continue.</summary>
    private readonly TimeSpan longestSearch = settings.GetValue("Notify:Audit:LongestSearch", TimeSpan.FromSeconds(2));

    /// <summary>The largest number of bodies read at once.</summary>
    private const int MostBodies = 2000;

    /// <summary>Fields that contain the name of what the stream is about.</summary>
    private static readonly string[] names = ["name", "displayName", "alarmName"];

    public async Task<AuditPage> ReadAsync(AuditFilter filter, long? cursor, bool newestFirst, int limit, CancellationToken cancellation)
    {
        await follower.CatchUpAsync(patience, cancellation);
        var (low, high) = (1L, follower.Position); // before an event beyond it, an earlier one may still appear
        if (cursor is { } position) (low, high) = newestFirst ? (low, Math.Min(high, position - 1)) : (position + 1, high);
        // One resource's events are found by their stream.
        if (filter.Stream is not null) return new(await OfStreamAsync(filter, new(low, high), newestFirst, limit, cancellation));

        var ranges = await search.RangesAsync(filter.From, filter.To, low, high, cancellation);
        var found = new List<StoredRow>(limit);
        if (await search.FindAsync(filter, ranges, newestFirst, cancellation) is not { } places)
        {
            foreach (var range in newestFirst ? ranges.Reverse() : ranges)
            {
                if (found.Count >= limit) break;
                found.AddRange(await SelectAsync(filter, range, newestFirst, limit - found.Count, cancellation));
            }

            return new(await WithNamesAsync(found, cancellation));
        }

        var (next, size, started) = (new List<Place>(limit), limit, time.GetTimestamp());
        await foreach (var place in places)
        {
            next.Add(place);
            if (next.Count < size) continue;
            var fetched = await FetchAsync(filter, next, newestFirst, cancellation);
            found.AddRange(fetched);
            if (found.Count >= limit) return new(await WithNamesAsync(found[..limit], cancellation));
            if (time.GetElapsedTime(started) > longestSearch && next.Exists(x => !x.IsSure)) return new(
                await WithNamesAsync(found, cancellation), place.Number);
            // As many as fill the page, if they contain the text as often as these did.
            size = next.TrueForAll(x => x.IsSure) ? limit - found.Count
                : Math.Min(MostBodies, fetched.Count == 0 ? size * 2 : Math.Max(limit, (limit - found.Count) * size / fetched.Count));
            next.Clear();
        }

        if (next.Count > 0) found.AddRange(await FetchAsync(filter, next, newestFirst, cancellation));
        return new(await WithNamesAsync(found.Count > limit ? found[..limit] : found, cancellation));
    }

    private async Task<List<AuditRow>> OfStreamAsync(AuditFilter filter, Range range, bool newestFirst, int limit, CancellationToken cancellation)
    {
        var text = filter.Text is null ? null : Term.Fold(filter.Text);
        var found = new List<AuditRow>();
        while (range.Low <= range.High)
        {
            var rows = await WithNamesAsync(await SelectAsync(filter, range, newestFirst, limit, cancellation), cancellation);
            found.AddRange(text is null
                ? rows : rows.Where(x => IndexBatch.TextsOf(catalog, x.Event.ToRow(), x.Before)
                .Any(t => t.Contains(text, StringComparison.Ordinal))));
            if (rows.Count < limit || found.Count >= limit) break;
            range = newestFirst ? range with { High = rows[^1].Event.Sequence - 1 } : range with { Low = rows[^1].Event.Sequence + 1 };
        }

        return [.. found.Take(limit)];
    }

    /// <summary>All events of one correlation, oldest first.</summary>
    public async Task<List<AuditRow>> OfCorrelationAsync(string correlation, int limit, CancellationToken cancellation) =>
        (await ReadAsync(new AuditFilter(null, null, null, null, null, null, correlation, null), null, newestFirst: false, limit, cancellation)).Rows;

    private async Task<List<StoredRow>> FetchAsync(AuditFilter filter, List<Place> places, bool newestFirst, CancellationToken cancellation)
    {
        var numbers = places.Where(x => x.IsSure).Select(x => x.Number).ToList();
        if (numbers.Count < places.Count) numbers.AddRange(
            await WithTextAsync(filter, [.. places.Where(x => !x.IsSure).Select(x => x.Number)], cancellation));
        if (numbers.Count == 0) return [];
        var (where, values) = Where(filter);
        Add(where, values, "e.seq_id = any(", numbers.ToArray());
        return await QueryAsync($"{where}) order by e.seq_id {(newestFirst ? "desc" : "asc")}", values, cancellation);
    }

    /// <summary>Selects the events whose bodies contain the text. Most do not, so nothing but the bodies is read.</summary>
    private async Task<List<long>> WithTextAsync(AuditFilter filter, long[] numbers, CancellationToken cancellation)
    {
        var text = Term.Fold(filter.Text!);
        await using var command = database.CreateCommand(
            $"select e.seq_id, {SearchTexts.Bodies} from {EventTables.Events} e where e.seq_id = any($1)");
        command.Parameters.AddWithValue(numbers);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<long>();
        while (await reader.ReadAsync(cancellation))
        {
            for (var i = 1; i < reader.FieldCount; i++)
            {
                if (reader.IsDBNull(i) || !Term.Fold(reader.GetString(i)).Contains(text, StringComparison.Ordinal)) continue;
                found.Add(reader.GetInt64(0));
                break;
            }
        }

        return found;
    }

    private Task<List<StoredRow>> SelectAsync(AuditFilter filter, Range range, bool newestFirst, int limit, CancellationToken cancellation)
    {
        var (where, values) = Where(filter);
        Add(where, values, "e.seq_id >= ", range.Low);
        Add(where, values, "e.seq_id <= ", range.High);
        // Within a stream, versions and sequence numbers ascend together, and only the database index on versions includes the stream.
        var order = filter.Stream is null ? "e.seq_id" : "e.version";
        return QueryAsync($"{where} order by {order} {(newestFirst ? "desc" : "asc")} limit {limit}", values, cancellation);
    }

    private async Task<List<StoredRow>> QueryAsync(string where, List<object> values, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {StoredRow.Columns} from {EventTables.Events} e where e.type <> '{EventTables.Tombstone}'{where}");
        foreach (var value in values) command.Parameters.AddWithValue(value);
        return await StoredRow.ReadAllAsync(command, cancellation);
    }

    private async Task<List<AuditRow>> WithNamesAsync(List<StoredRow> events, CancellationToken cancellation)
    {
        var rows = events.Select(x => new AuditRow(x, AuditEntryWriter.ObjectOf(x.Json), null)).ToList();
        var approved = rows.Select(x => (x.Event.Sequence, AuditEntryWriter.ProposalOf(x.Event))).Where(x => x.Item2 is not null)
            .ToDictionary(x => x.Sequence, x => x.Item2!);
        if (approved.Count > 0)
        {
            var signed = await SignaturesOnRecord.ReadAsync(database, approved.Values, cancellation);
            rows = rows.ConvertAll(
                x => approved.TryGetValue(x.Event.Sequence, out var proposal) ? x with { Signatures = [.. signed[proposal]] } : x);
        }

        var followers = rows.Where(x => x.Event.Version > 1 && (x.Data["settings"] is not null || names.All(n => x.Data[n] is null)))
            .ToDictionary(x => x.Event.Sequence);
        if (followers.Count == 0) return rows;
        await using var command = database.CreateCommand(
            $"""
            select k.seq, p.data from unnest($1, $2, $3) k(seq, stream, version) cross join lateral (
              select data from {EventTables.Events} p where p.stream_id = k.stream and p.version < k.version and p.data ?| $4
              order by p.version desc limit 1) p
            """);
        command.Parameters.AddWithValue(followers.Keys.ToArray());
        command.Parameters.AddWithValue(followers.Values.Select(x => x.Event.StreamId).ToArray());
        command.Parameters.AddWithValue(followers.Values.Select(x => x.Event.Version).ToArray());
        command.Parameters.AddWithValue(names);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var before = new Dictionary<long, JsonNode>();
        while (await reader.ReadAsync(cancellation)) before[reader.GetInt64(0)] = AuditEntryWriter.ObjectOf(reader.GetString(1));
        return [.. rows.Select(x => x with { Before = before.GetValueOrDefault(x.Event.Sequence) })];
    }

    private void AddPaths(StringBuilder where, List<object> values)
    {
        if (PathLimit.Current.Expression is not { } paths) return;
        values.Add(paths);
        values.Add(sight.Configuration);
        where.Append(CultureInfo.InvariantCulture, $" and {PathSight.Condition("e", $"${values.Count - 1}", $"${values.Count}")}");
    }

    /// <summary>The filter as SQL, applied whatever the index said; without the text, which the index or the bodies decide.</summary>
    private (StringBuilder Where, List<object> Values) Where(AuditFilter filter)
    {
        var (where, values) = (new StringBuilder(), new List<object>());
        AddPaths(where, values);
        if (filter.From is { } from) Add(where, values, "e.timestamp >= ", from);
        if (filter.To is { } to) Add(where, values, "e.timestamp < ", to);
        if (filter.Actor is { } actor)
        {
            values.Add(actor);
            where.Append(CultureInfo.InvariantCulture,
                $" and (e.user_name = ${values.Count} or e.headers->>'{Kernel.AuditContext.ActorNameHeader}' = ${values.Count})");
        }

        if (filter.Module is { } module) Add(where, values, "split_part(e.type, '.', 1) = ", module);
        if (filter.Type is { } type) Add(where, values, "e.type = ", type);
        if (filter.CorrelationId is { } correlation)
        {
            values.Add(correlation);
            where.Append(CultureInfo.InvariantCulture,
                $" and (e.correlation_id = ${values.Count} or e.headers->>'{Kernel.AuditContext.RequestCorrelationHeader}' = ${values.Count})");
        }

        if (filter.Stream is { } stream) Add(where, values, "e.stream_id = ", stream);
        if (filter.Kind is { } kind) Add(where, values, "split_part(e.stream_id, '-', 1) = ", kind);
        return (where, values);
    }

    private static void Add(StringBuilder where, List<object> values, string condition, object value)
    {
        values.Add(value);
        where.Append(CultureInfo.InvariantCulture, $" and {condition}${values.Count}");
    }
}
