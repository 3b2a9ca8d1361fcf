using Notify.Channels.Sending;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>
/// Work that waits in the store for its lane. The store says what is due and in which order; requests that this node stored a moment ago need not be
/// read back, since a request never changes. A lane that is slightly behind is served from memory.
/// </summary>
public sealed class WaitingWork(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Requests kept in memory: a few seconds' at full speed, about a kilobyte each.</summary>
    private const int Capacity = 20_000;

    /// <summary>Work that waits longer waits for its pace or a retry, and may as well be read back.</summary>
    private static readonly TimeSpan remembered = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Asked> recent = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Since)> order = new();

    /// <summary>What a notification's first event says of it.</summary>
    private sealed record Asked(NotificationRequested Request, string CorrelationId, string? CausationId, string? TraceParent,
        string? RequestCorrelationId = null, Exception? Unreadable = null);

    /// <summary>What its row says of it now.</summary>
    private sealed record Row(
        string Id, string Lane, long Version, int Attempts, int Tries, int RequestsDone, DateTimeOffset RequestedAt, int Unknowns, MessageForm Form,
        bool Overtaken, Earlier? Earlier)
    {
        public Work With(Asked x) =>
            new(Id, Lane, Version, Attempts, Tries, RequestsDone, x.Request, RequestedAt, x.CorrelationId, x.CausationId, x.TraceParent, Unknowns,
                Form, Overtaken)
            { Unreadable = x.Unreadable, RequestCorrelationId = x.RequestCorrelationId, Earlier = Earlier };
    }

    /// <summary>These are on record, and wait. The first to come are the first to leave: when there is no room, it is the new ones that are read
    /// back.</summary>
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

    /// <summary>These are on their way.</summary>
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

    /// <summary>
    /// What is due on these lanes, most urgent first, then in order; at most so many for each. What follows on something of the same alarm that is in
    /// flight, waits for its retry, cannot leave yet or would come later in this order is left out, so that on one lane "cleared" never overtakes
    /// "active"; what the platform has accepted and is only asked for has left. An alarm's own order is that of its changes, in whatever order they
    /// were recorded; repeats of the past are apart from it.
    /// </summary>
    /// <returns>The work, and the configuration's version; the latter only when there is work.</returns>
    internal async Task<(List<Work> Work, long ConfigurationVersion)> PickAsync(
        IReadOnlyList<LaneLook> lanes, string[] inFlight, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select n.id, n.lane, n.version, n.attempts, n.tries, n.requests_done, n.requested_at, n.unknowns, n.form,
              n.alarm_version > 0 and {NotificationTable.AskedFor("n")} is null and exists (
                select 1 from {NotificationTable.Name} o
                where o.alarm_id = n.alarm_id and o.alarm_version > n.alarm_version and o.status <> 'Suppressed' and o.service_id = n.service_id
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
                    reader.GetFieldValue<DateTimeOffset>(6), reader.GetInt16(7), (MessageForm)reader.GetInt16(8), reader.GetBoolean(9),
                    Work.ReadEarlier(reader.IsDBNull(11) ? null : reader.GetString(11))));
                version = reader.GetInt64(10);
            }
        }

        var asked = await AskedAsync(rows, cancellation);
        return (rows.ConvertAll(x => x.With(asked[x.Id])), version);
    }

    /// <summary>From memory, or else from the events.</summary>
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

        // Somebody has deleted the event: that must not keep the others on these lanes from leaving.
        var (nothing, missing) = Work.ReadRequest(null);
        foreach (var row in rows) asked.TryAdd(row.Id, new Asked(nothing, "", null, null, Unreadable: missing));

        return asked;
    }
}
