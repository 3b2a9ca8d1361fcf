using System.Data.Common;
using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>Finds events by their content, in few round trips.</summary>
public static class StoredEvents
{
    /// <summary>How far from its cause an event is searched for, in events: usually, after an alarm flood, after an outage.</summary>
    private static readonly long[] windows = [2_000, 100_000, long.MaxValue / 2];

    private const string OfKind = $"{EventTables.Events} e where e.stream_id >= $1 and e.stream_id <= $2 and starts_with(e.stream_id, $1)";

    /// <summary>All events of a few types that have an index (<c>EventType.IsLookedFor</c>), in order.</summary>
    public static async Task<List<StoredRow>> OfTypesAsync(NpgsqlConnection connection, string[] types, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(SelectOfTypes(types), connection) { CommandTimeout = 0 };
        return await StoredRow.ReadAllAsync(command, cancellation);
    }

    /// <summary>A separate condition for each type, with literals, so that PostgreSQL can match it to an index.</summary>
    internal static string SelectOfTypes(IEnumerable<string> types) =>
        $"{string.Join(" union all ", types.Select(x => $"select {StoredRow.Columns} from {EventTables.Events} e where e.type = '{x}'"))} order by 1";

    /// <summary>For each cause, the first later event of a type that names it as its cause; causes without one are omitted.</summary>
    public static async Task<List<StoredRow>> CausedByAsync(
        NpgsqlDataSource database, string type, IReadOnlyList<(long Sequence, Guid Id)> causes, CancellationToken cancellation)
    {
        var found = new List<StoredRow>();
        var missing = causes.DistinctBy(x => x.Id).ToDictionary(x => x.Id.ToString(), x => x.Sequence, StringComparer.Ordinal);
        foreach (var window in windows)
        {
            if (missing.Count == 0) break;
            await using var command = database.CreateCommand(
                $"""
                select {StoredRow.Columns} from unnest($1::bigint[], $2::text[]) as c(seq, id)
                cross join lateral (
                  select * from {EventTables.Events} d where d.seq_id > c.seq and d.seq_id <= c.seq + $3 and d.type = '{type}' and d.causation_id = c.id
                  order by d.seq_id limit 1) e
                """);
            command.Parameters.AddWithValue(missing.Values.ToArray());
            command.Parameters.AddWithValue(missing.Keys.ToArray());
            command.Parameters.AddWithValue(window);
            foreach (var row in await StoredRow.ReadAllAsync(command, cancellation))
            {
                found.Add(row);
                missing.Remove(row.CausationId!);
            }
        }

        return found;
    }

    /// <summary>The stream and version of each cause; missing ones are omitted.</summary>
    /// <param name="effects">The ids of the causes, each with the sequence number of an event that names it.</param>
    public static async Task<List<(Guid Id, string Stream, long Version)>> CausesAsync(
        NpgsqlDataSource database, IReadOnlyList<(long Sequence, Guid Cause)> effects, CancellationToken cancellation)
    {
        var found = new List<(Guid Id, string Stream, long Version)>();
        var missing = effects.DistinctBy(x => x.Cause).ToDictionary(x => x.Cause, x => x.Sequence);
        foreach (var window in windows)
        {
            if (missing.Count == 0) break;
            await using var command = database.CreateCommand(
                $"""
                select e.id, e.stream_id, e.version from unnest($1::bigint[], $2::uuid[]) as c(seq, id)
                join {EventTables.Events} e on e.seq_id < c.seq and e.seq_id >= c.seq - $3 and e.id = c.id
                """);
            command.Parameters.AddWithValue(missing.Values.ToArray());
            command.Parameters.AddWithValue(missing.Keys.ToArray());
            command.Parameters.AddWithValue(window);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) found.Add((reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2)));
            foreach (var (id, _, _) in found) missing.Remove(id);
        }

        return found;
    }

    /// <summary>All events of a stream in order, including archived ones.</summary>
    public static async Task<List<StoredRow>> OfStreamAsync(NpgsqlDataSource database, string stream, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {StoredRow.Columns} from {EventTables.Events} e where e.stream_id = $1 order by e.version");
        command.Parameters.AddWithValue(stream);
        return await StoredRow.ReadAllAsync(command, cancellation);
    }

    /// <summary>
    /// The sequence numbers, in order, of all events of some streams, of the first events of others, and of the direct and indirect causes of the
    /// events in <paramref name="streams"/>.
    /// </summary>
    public static async Task<long[]> WithCausesAsync(
        NpgsqlDataSource database, string[] streams, string[] whole, string[] firsts, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with own as (select seq_id, causation_id from {EventTables.Events} where stream_id = any($1)),
              cause as (select seq_id, causation_id from {EventTables.Events} where id in (select causation_id::uuid from own where causation_id ~ $4)),
              before as (select seq_id from {EventTables.Events} where id in (select causation_id::uuid from cause where causation_id ~ $4))
            select array(
              select seq_id from own union select seq_id from cause union select seq_id from before
              union select seq_id from {EventTables.Events} where stream_id = any($2)
              union select seq_id from {EventTables.Events} where stream_id = any($3) and version = 1 order by 1)
            """);
        command.Parameters.AddWithValue(streams);
        command.Parameters.AddWithValue(whole);
        command.Parameters.AddWithValue(firsts);
        command.Parameters.AddWithValue("^[0-9a-f-]{36}$");
        return (long[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// The sequence numbers, in order, of the events about approvals of the events that meet a condition: the proposals that approved them or contain
    /// some of them, and the policy; and the emergencies in which they were made without approval, or that contain some of them. Empty if there are
    /// none.
    /// </summary>
    /// <param name="where">A condition on the columns of the events, with texts as literals quoted by PostgreSQL itself.</param>
    public static async Task<long[]> WithApprovalsAsync(NpgsqlDataSource database, string where, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with proposal as (
              select headers->>'{AuditContext.ProposalHeader}' as id from {EventTables.Events}
              where headers ? '{AuditContext.ProposalHeader}' and ({where})
              union select stream_id from {EventTables.Events}
              where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1) and ({where})),
            emergency as (
              select headers->>'{AuditContext.EmergencyHeader}' as id from {EventTables.Events}
              where headers ? '{AuditContext.EmergencyHeader}' and ({where})
              union select stream_id from {EventTables.Events}
              where stream_id >= $3 and stream_id <= $4 and starts_with(stream_id, $3) and ({where}))
            select array(
              select seq_id from {EventTables.Events} where stream_id in (select id from proposal union select id from emergency)
              union select seq_id from {EventTables.Events} where stream_id = '{Approval.PolicyStream}' and exists (select from proposal) order by 1)
            """);
        command.CommandTimeout = 0;
        AddRange(command, Approval.ProposalNoun);
        AddRange(command, Approval.EmergencyNoun);
        return (long[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The sequence numbers of the changes that led to the given versions of resources, if they were approved or made in an emergency: for
    /// each, the last change of its settings, and the last event.</summary>
    /// <param name="versions">The versions, in the order of the streams.</param>
    public static async Task<long[]> ApprovedAsync(NpgsqlDataSource database, string[] streams, long[] versions, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select coalesce(array_agg(distinct e.seq_id), array[]::bigint[]) from unnest($1::text[], $2::bigint[]) as u(id, version)
            cross join lateral (
              (select * from {EventTables.Events} where stream_id = u.id and version <= u.version and data ? 'settings' order by version desc limit 1)
              union all (select * from {EventTables.Events} where stream_id = u.id and version <= u.version order by version desc limit 1)) e
            where e.headers ?| array['{AuditContext.ProposalHeader}', '{AuditContext.EmergencyHeader}']
            """);
        command.Parameters.AddWithValue(streams);
        command.Parameters.AddWithValue(versions);
        return (long[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>All proposals with their later events, the policy, and the approved changes, in order.</summary>
    public static async Task<List<StoredRow>> OfApprovalsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {StoredRow.Columns} from {OfKind}
            union all select {StoredRow.Columns} from {EventTables.Events} e where e.stream_id = '{Approval.PolicyStream}'
            union all select {StoredRow.Columns} from {EventTables.Events} e
              where e.headers ? '{AuditContext.ProposalHeader}' and not starts_with(e.stream_id, $1) and e.stream_id <> '{Approval.PolicyStream}'
            order by 1
            """, connection)
        { CommandTimeout = 0 };
        AddRange(command, Approval.ProposalNoun);
        return await StoredRow.ReadAllAsync(command, cancellation);
    }

    /// <summary>The sequence number of a stream's first event; null: there is none.</summary>
    public static async Task<long?> FirstNumberAsync(NpgsqlConnection connection, string stream, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select seq_id from {EventTables.Events} where stream_id = $1 and version = 1", connection);
        command.Parameters.AddWithValue(stream);
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    /// <summary>The number of all events of some kinds of streams, including archived ones; it increases with every change.</summary>
    public static async Task<long> CountOfKindsAsync(NpgsqlDataSource database, string[] kinds, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select count(*) from unnest($1, $2) as k(first, last)
            join {EventTables.Events} e on e.stream_id >= k.first and e.stream_id <= k.last and starts_with(e.stream_id, k.first)
            """);
        command.Parameters.AddWithValue(kinds.Select(x => Ids.Range(x).First).ToArray());
        command.Parameters.AddWithValue(kinds.Select(x => Ids.Range(x).Last).ToArray());
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Reads all events of one kind of streams in order, as this connection sees them, without archived ones.</summary>
    /// <param name="columns">The columns to read.</param>
    internal static async Task<List<T>> OfKindAsync<T>(
        NpgsqlConnection connection, string kind, string columns, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {columns} from {OfKind} and not e.is_archived order by e.seq_id", connection);
        AddRange(command, kind);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<T>();
        while (await reader.ReadAsync(cancellation)) events.Add(read(reader));
        return events;
    }

    /// <summary>The events of each of these streams after a version, in order.</summary>
    /// <param name="after">The version for each stream, in the order of the streams.</param>
    internal static async Task<List<T>> AfterAsync<T>(
        NpgsqlDataSource database, string[] streams, long[] after, string columns, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select {columns} from unnest($1::text[], $2::bigint[]) as x(id, after)
            join {EventTables.Events} e on e.stream_id = x.id and e.version > x.after where not e.is_archived order by e.stream_id, e.version
            """);
        command.Parameters.AddWithValue(streams);
        command.Parameters.AddWithValue(after);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<T>();
        while (await reader.ReadAsync(cancellation)) events.Add(read(reader));
        return events;
    }

    /// <summary>The last version of a stream by its events, which cannot be lowered; 0: it has none.</summary>
    public static async Task<long> LastVersionAsync(NpgsqlDataSource database, string stream, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select coalesce(max(version), 0) from {EventTables.Events} where stream_id = $1");
        command.Parameters.AddWithValue(stream);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The earliest time of an event; null: there is none.</summary>
    public static Task<DateTimeOffset?> FirstInstantAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        InstantAsync(connection, "min", DateTimeOffset.MaxValue, cancellation);

    /// <summary>The latest time of an event before a given time.</summary>
    public static Task<DateTimeOffset?> LastInstantAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellation) =>
        InstantAsync(connection, "max", before, cancellation);

    /// <summary>The sequence numbers of all events of these streams that are not archived, in order.</summary>
    public static async Task<List<long>> NumbersAsync(NpgsqlConnection connection, string[] streams, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select seq_id from {EventTables.Events} where stream_id = any($1) and not is_archived order by 1", connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(streams);
        return await NumbersAsync(command, cancellation);
    }

    private static async Task<DateTimeOffset?> InstantAsync(
        NpgsqlConnection connection, string which, DateTimeOffset before, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {which}(timestamp) from {EventTables.Events} where type <> '{EventTables.Tombstone}' and isfinite(timestamp) and timestamp < $1",
            connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(before);
        return await command.ExecuteScalarAsync(cancellation) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    internal static async Task<List<long>> NumbersAsync(DbCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var numbers = new List<long>();
        while (await reader.ReadAsync(cancellation)) numbers.Add(reader.GetInt64(0));
        return numbers;
    }

    private static void AddRange(NpgsqlCommand command, string kind)
    {
        var (first, last) = Ids.Range(kind);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
    }
}
