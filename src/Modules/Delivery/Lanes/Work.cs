using System.Text.Json;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>An open notification taken up by this node.</summary>
/// <param name="Version">Of its stream.</param>
/// <param name="Attempts">Started so far.</param>
/// <param name="Tries">Attempts so far that count towards the limit of retries.</param>
/// <param name="TraceParent">The span of the request that reported the alarm, when a trace was recorded.</param>
/// <param name="RequestsDone">How many of its requests the platform has taken already.</param>
/// <param name="Unknowns">Attempts so far of which nobody knows the outcome.</param>
/// <param name="Form">How it goes out, after the platform has refused it otherwise.</param>
/// <param name="Overtaken">Its receivers were told of something later of its alarm, or are being told.</param>
public sealed record Work(
    string Id, string Lane, long Version, int Attempts, int Tries, int RequestsDone, NotificationRequested Request,
    DateTimeOffset RequestedAt, string CorrelationId, string CausationId, string? TraceParent = null, int Unknowns = 0, MessageForm Form = MessageForm.AsWritten, bool Overtaken = false)
{
    private const string Columns =
        $"n.tries, n.requests_done, e.data, n.requested_at, e.correlation_id, e.id, n.unknowns, n.form, e.headers->>'{AuditContext.TraceParentHeader}'";

    /// <summary>
    /// What is due on these lanes, most urgent first, then in order; at most so many for each. What follows on something of the same alarm that is in
    /// flight, waits for its retry, cannot leave yet or would come later in this order is left out, so that on one lane "cleared" never overtakes "active".
    /// An alarm's own order is that of its changes, in whatever order they were put on record; repeats of the past are apart from it.
    /// </summary>
    /// <returns>The work, and the configuration's version; the latter only when there is work.</returns>
    internal static async Task<(List<Work> Work, long ConfigurationVersion)> PickAsync(
        NpgsqlDataSource database, IReadOnlyList<LaneLook> lanes, string[] inFlight, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select n.id, n.lane, n.version, n.attempts, {Columns}, coalesce((select version from {Database.Schema}.configuration_stamp), 0),
              n.alarm_version > 0 and exists (
                select 1 from {NotificationTable.Name} o
                where o.alarm_id = n.alarm_id and o.alarm_version > n.alarm_version and o.status <> 'Suppressed' and o.service_id = n.service_id
                  and o.receivers && n.receivers and (o.due_at is null or o.attempts > 0 or o.id = any($4)))
            from unnest($1::text[], $2::int[], $5::text[]) as l(lane, room, blocked)
            cross join lateral (
              select * from {NotificationTable.Name} q
              where q.lane = l.lane and q.due_at is not null and q.due_at <= $3 and not (q.id = any($4))
                and not (q.receivers && string_to_array(l.blocked, chr(31)))
                and not exists (
                  select 1 from {NotificationTable.Name} p
                  where p.alarm_id = q.alarm_id and p.lane = q.lane and p.due_at is not null
                    and (p.alarm_version = 0) = (q.alarm_version = 0) and (p.alarm_version, p.position) < (q.alarm_version, q.position)
                    and (p.due_at > $3 or p.id = any($4) or (p.priority, p.position) > (q.priority, q.position) or p.receivers && string_to_array(l.blocked, chr(31))))
              order by q.priority, q.position limit l.room) n
            join {Database.Schema}.mt_events e on e.stream_id = n.id and e.version = 1
            order by n.priority, n.position
            """);
        command.Parameters.AddWithValue(lanes.Select(x => x.Lane).ToArray());
        command.Parameters.AddWithValue(lanes.Select(x => x.Most).ToArray());
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(inFlight);
        command.Parameters.AddWithValue(lanes.Select(x => string.Join('\u001f', x.Full)).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (work, version) = (new List<Work>(), 0L);
        while (await reader.ReadAsync(cancellation))
        {
            work.Add(Read(reader) with { Overtaken = reader.GetBoolean(14) });
            version = reader.GetInt64(13);
        }

        return (work, version);
    }

    /// <summary>
    /// Attempts that another process, or an earlier one, had started on these lanes without recording an outcome: the row still has the version from
    /// before the attempt, its stream is one event further.
    /// </summary>
    /// <param name="inFlight">What this process has under way: its outcome is still to come.</param>
    public static async Task<List<Work>> AbandonedAsync(NpgsqlDataSource database, string[] lanes, string[] inFlight, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select n.id, n.lane, s.version, n.attempts + 1, {Columns}
            from {NotificationTable.Name} n
            join {Database.Schema}.mt_streams s on s.id = n.id and s.version > n.version
            join {Database.Schema}.mt_events e on e.stream_id = n.id and e.version = 1
            where n.lane = any($1) and n.due_at is not null and not (n.id = any($2))
            """);
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(inFlight);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var work = new List<Work>();
        while (await reader.ReadAsync(cancellation)) work.Add(Read(reader));
        return work;
    }

    /// <summary>When the open work of these lanes that is not due yet becomes due.</summary>
    public static async Task<List<DateTimeOffset>> DueTimesAsync(NpgsqlDataSource database, string[] lanes, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select due_at from {NotificationTable.Name} where lane = any($1) and due_at > $2");
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var times = new List<DateTimeOffset>();
        while (await reader.ReadAsync(cancellation)) times.Add(reader.GetFieldValue<DateTimeOffset>(0));
        return times;
    }

    /// <summary>Whether these lanes have open work that is not in flight.</summary>
    public static async Task<HashSet<string>> WaitingLanesAsync(NpgsqlDataSource database, string[] lanes, string[] inFlight, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select l.lane from unnest($1::text[]) as l(lane)
            where exists (select 1 from {NotificationTable.Name} n where n.lane = l.lane and n.due_at is not null and not (n.id = any($2)))
            """);
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(inFlight);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) waiting.Add(reader.GetString(0));
        return waiting;
    }

    private static Work Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5),
        JsonSerializer.Deserialize<NotificationRequested>(reader.GetString(6), NotifyJson.Options)!,
        reader.GetFieldValue<DateTimeOffset>(7), reader.IsDBNull(8) ? "" : reader.GetString(8), reader.GetGuid(9).ToString(),
        reader.IsDBNull(12) ? null : reader.GetString(12), reader.GetInt16(10), (MessageForm)reader.GetInt16(11));
}
