using System.Data.Common;
using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>Finds events by what they are, in few round trips.</summary>
public static class StoredEvents
{
    /// <summary>How far behind its cause an event is looked for, in events: at once, after a storm, after an outage.</summary>
    private static readonly long[] windows = [2_000, 100_000, long.MaxValue / 2];

    private const string OfKind = $"{EventTables.Events} e where e.stream_id >= $1 and e.stream_id <= $2 and starts_with(e.stream_id, $1)";

    /// <summary>All events of a few types for which there is an index (<c>EventType.IsLookedFor</c>), in order.</summary>
    public static async Task<List<StoredRow>> OfTypesAsync(NpgsqlConnection connection, string[] types, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(SelectOfTypes(types), connection) { CommandTimeout = 0 };
        return await StoredRow.ReadAllAsync(command, cancellation);
    }

    /// <summary>A separate condition for each type, with literals, so that PostgreSQL can match it to an index.</summary>
    internal static string SelectOfTypes(IEnumerable<string> types) =>
        $"{string.Join(" union all ", types.Select(x => $"select {StoredRow.Columns} from {EventTables.Events} e where e.type = '{x}'"))} order by 1";

    /// <summary>For each of these, the first later event of a type that names it as its cause; events that caused none are absent.</summary>
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

    /// <summary>All events of a stream in their order, also those that were put away.</summary>
    public static async Task<List<StoredRow>> OfStreamAsync(NpgsqlDataSource database, string stream, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {StoredRow.Columns} from {EventTables.Events} e where e.stream_id = $1 order by e.version");
        command.Parameters.AddWithValue(stream);
        return await StoredRow.ReadAllAsync(command, cancellation);
    }

    /// <summary>
    /// The numbers, in order, of all events of some streams, of the first of others, and of what led to the former: the events that they name as
    /// their cause, and the causes of those.
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
    /// The numbers, in order, of what belongs to the approvals of the events that meet a condition: the proposals by which they were approved, or of
    /// which some are among them, and the policy; and the emergencies in which they were made without, or of which some are among them. None when
    /// there are no such.
    /// </summary>
    /// <param name="where">On the columns of the events, with texts as literals that PostgreSQL itself has quoted.</param>
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

    /// <summary>The numbers of the changes, approved or made in an emergency, that made resources what they were in a version: the last of its
    /// settings, and the last of all.</summary>
    /// <param name="versions">Of the streams, in the same order.</param>
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

    /// <summary>In order: proposals and what became of them, the policy, and what was approved.</summary>
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

    /// <summary>The number of the event with which a stream begins; null: there is none.</summary>
    public static async Task<long?> FirstNumberAsync(NpgsqlConnection connection, string stream, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select seq_id from {EventTables.Events} where stream_id = $1 and version = 1", connection);
        command.Parameters.AddWithValue(stream);
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    /// <summary>All events of some kinds of streams, also those that were put away; one more for every change.</summary>
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

    /// <summary>Reads all events of one kind of streams in their order, as this connection sees them; without those that were put away.</summary>
    /// <param name="columns">Of the events.</param>
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

    /// <summary>What happened in each of these streams after a version, in its order.</summary>
    /// <param name="after">Of each stream, in the same order.</param>
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

    /// <summary>When the earliest event happened, by its instant; null: there is none.</summary>
    public static Task<DateTimeOffset?> FirstInstantAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        InstantAsync(connection, "min", DateTimeOffset.MaxValue, cancellation);

    /// <summary>When the last event before an instant happened.</summary>
    public static Task<DateTimeOffset?> LastInstantAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellation) =>
        InstantAsync(connection, "max", before, cancellation);

    /// <summary>The numbers of all events of these streams that were not put away, in order.</summary>
    public static async Task<List<long>> NumbersAsync(NpgsqlConnection connection, string[] streams, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select seq_id from {EventTables.Events} where stream_id = any($1) and not is_archived order by 1", connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(streams);
        return await NumbersAsync(command, cancellation);
    }

    /// <summary>The streams of these events.</summary>
    public static async Task<string[]> StreamsOfAsync(NpgsqlDataSource database, long[] numbers, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select array(select distinct stream_id from {EventTables.Events} where seq_id = any($1))");
        command.Parameters.AddWithValue(numbers);
        return (string[])(await command.ExecuteScalarAsync(cancellation))!;
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
