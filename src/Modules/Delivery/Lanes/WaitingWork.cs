using Notify.Channels.Sending;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Work that waits in the store for its lane. The store determines what is due and in which order. Requests that this node stored a moment
/// ago are kept in memory, since a request never changes, so a lane that is slightly behind need not read them back.</summary>
public sealed class WaitingWork(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>How many requests are kept in memory: those of a few seconds at full speed, about 1 kB each.</summary>
    private const int Capacity = 20_000;

    /// <summary>Work that waits longer waits for its pace or a retry; then reading it back does not matter.</summary>
    private static readonly TimeSpan remembered = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Asked> recent = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Since)> order = new();

    /// <summary>What a notification's first event contains.</summary>
    private sealed record Asked(NotificationRequested Request, string CorrelationId, string? CausationId, string? TraceParent,
        string? RequestCorrelationId = null, Exception? Unreadable = null);

    /// <summary>What a notification's row contains now.</summary>
    private sealed record Row(
        string Id, string Lane, long Version, int Attempts, int Tries, int RequestsDone, DateTimeOffset RequestedAt, int Unknowns, MessageForm Form,
        HashSet<string> Told, Earlier? Earlier)
    {
        public Work With(Asked x) =>
            new(Id, Lane, Version, Attempts, Tries, RequestsDone, x.Request, RequestedAt, x.CorrelationId, x.CausationId, x.TraceParent, Unknowns,
                Form)
            { Unreadable = x.Unreadable, RequestCorrelationId = x.RequestCorrelationId, Earlier = Earlier, Told = Told };
    }

    /// <summary>Keeps new waiting work in memory. If there is no room, the new work is read back later instead, since older work is sent
    /// first.</summary>
    public void Remember(IEnumerable<Work> requested)
    {
        lock (gate)
        {
            while (order.TryPeek(out var oldest) && (!recent.ContainsKey(oldest.Id) || time.GetElapsedTime(oldest.Since) > remembered)) recent.Remove(
                order.Dequeue().Id);
            foreach (var work in requested.Take(Capacity - recent.Count))
                if (recent.TryAdd(work.Id, new Asked(work.Request, work.CorrelationId, work.CausationId, work.TraceParent,
                    work.RequestCorrelationId))) order.Enqueue((work.Id, time.GetTimestamp()));
        }
    }

    /// <summary>Removes work that was started.</summary>
    public void Forget(IEnumerable<Work> started)
    {
        lock (gate)
        {
            foreach (var work in started) recent.Remove(work.Id);
        }
    }

    /// <summary>Those of these lanes that have open work which is not in flight.</summary>
    public async Task<HashSet<string>> LanesWithWorkAsync(string[] lanes, string[] inFlight, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select l.lane from unnest($1::text[]) as l(lane)
            where exists (select 1 from {NotificationTable.Name} n where n.lane = l.lane and n.due_at is not null and not (n.id = any($2)))
            """);
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(inFlight);
        return (await command.ReadTextsAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Whether alarms wait for their turn on the lane. What a blocked lane holds does not, nor what is sent again by a replay.</summary>
    internal async Task<bool> HasAlarmsAsync(string lane, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select exists (
              select 1 from {NotificationTable.Name} n left join {LaneTable.Name} l on l.id = n.lane
              where n.lane = $1 and n.due_at is not null and n.due_at <= $2 and n.status = '{nameof(NotificationStatus.Scheduled)}'
                and n.priority < {NotificationTable.ReplayPriority} and l.blocked_at is null)
            """);
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(now);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Due work on these lanes, the most urgent first, then by position; limited for each lane. Omitted is work that must wait for other
    /// work of the same alarm that is in flight, waits for its retry, cannot be sent yet or would come later in this order, so that on one lane
    /// "cleared" never overtakes "active". An accepted message whose result is only asked for counts as sent. An alarm's order is that of its
    /// versions, in whatever order they were recorded; replays are independent of it.</summary>
    /// <returns>The work, and the configuration's version, which is valid only if there is work.</returns>
    internal async Task<(List<Work> Work, long ConfigurationVersion)> PickAsync(
        IReadOnlyList<LaneLook> lanes, string[] inFlight, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select n.id, n.lane, n.version, n.attempts, n.tries, n.requests_done, n.requested_at, n.unknowns, n.form,
              array(
                select unnest(o.receivers) from {NotificationTable.Name} o
                where n.alarm_version > 0 and {NotificationTable.AskedFor("n")} is null
                  and o.alarm_id = n.alarm_id and o.alarm_version > n.alarm_version and o.status <> 'Suppressed' and o.service_id = n.service_id
                  and o.receivers && n.receivers and (o.due_at is null and o.status <> 'Failed' or o.attempts > 0 or o.id = any($4))),
              coalesce((select version from {Database.Schema}.configuration_stamp), 0), n.earlier
            from unnest($1::text[], $2::int[], $5::text[]) as l(lane, room, blocked)
            cross join lateral (
              select * from {NotificationTable.Name} q
              where q.lane = l.lane and q.due_at is not null and q.due_at <= $3 and not (q.id = any($4))
                and not (q.receivers && string_to_array(l.blocked, chr(31)))
                and not exists (
                  select 1 from {NotificationTable.Name} p
                  where p.alarm_id = q.alarm_id and p.lane = q.lane and p.due_at is not null and {NotificationTable.AskedFor("p")} is null
                    and (p.alarm_version = 0) = (q.alarm_version = 0) and (p.alarm_version, p.position) < (q.alarm_version, q.position)
                    and (p.due_at > $3 or p.id = any($4) or (p.priority, p.position) > (q.priority, q.position) or p.receivers && string_to_array(l.blocked, chr(31))))
              order by q.priority, q.position limit l.room) n
            order by n.priority, n.position
            """);
        command.Parameters.AddWithValue(lanes.Select(x => x.Lane).ToArray());
        command.Parameters.AddWithValue(lanes.Select(x => x.Most).ToArray());
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(inFlight);
        command.Parameters.AddWithValue(lanes.Select(x => string.Join('\u001f', x.Full)).ToArray());
        var (rows, version) = (new List<Row>(), 0L);
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new Row(
                    reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5),
                    reader.GetFieldValue<DateTimeOffset>(6), reader.GetInt16(7), (MessageForm)reader.GetInt16(8),
                    reader.GetFieldValue<string[]>(9).ToHashSet(StringComparer.Ordinal),
                    Work.ReadEarlier(reader.IsDBNull(11) ? null : reader.GetString(11))));
                version = reader.GetInt64(10);
            }
        }

        var asked = await AskedAsync(rows, cancellation);
        return (rows.ConvertAll(x => x.With(asked[x.Id])), version);
    }

    /// <summary>From memory, otherwise from the events.</summary>
    private async Task<Dictionary<string, Asked>> AskedAsync(List<Row> rows, CancellationToken cancellation)
    {
        var asked = new Dictionary<string, Asked>(rows.Count, StringComparer.Ordinal);
        lock (gate)
        {
            foreach (var row in rows)
                if (recent.TryGetValue(row.Id, out var known)) asked[row.Id] = known;
        }

        if (asked.Count == rows.Count) return asked;
        await using var command = database.CreateCommand(
            $"""
            select stream_id, data, correlation_id, id, headers->>'{AuditContext.TraceParentHeader}', headers->>'{AuditContext.RequestCorrelationHeader}'
            from {EventTables.Events} where stream_id = any($1) and version = 1
            """);
        command.Parameters.AddWithValue(rows.Select(x => x.Id).Where(x => !asked.ContainsKey(x)).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (request, unreadable) = Work.ReadRequest(reader.GetString(1));
            asked[reader.GetString(0)] = new Asked(
                request, reader.IsDBNull(2) ? "" : reader.GetString(2), reader.GetGuid(3).ToString(), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5), unreadable);
        }

        // If somebody deleted the event, the others on these lanes must still be sent.
        var (nothing, missing) = Work.ReadRequest(null);
        foreach (var row in rows) asked.TryAdd(row.Id, new Asked(nothing, "", null, null, Unreadable: missing));

        return asked;
    }
}
