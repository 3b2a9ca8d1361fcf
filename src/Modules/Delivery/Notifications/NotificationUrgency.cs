using System.Text.Json;
using Marten;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>The urgency of waiting notifications whose alarm has changed again.</summary>
public static class NotificationUrgency
{
    /// <summary>Makes waiting notifications of these alarms as urgent as later ones of the same alarm on their lane: the later one must not overtake
    /// the earlier, and need not wait for it either. This remains when the later one is cancelled. Waits for concurrent writers of such rows; the
    /// events are decisive, and a rebuild (<see cref="WriteAsync"/>) produces the same.</summary>
    public static void QueueRaise(IDocumentSession session, IReadOnlyCollection<string> alarms)
    {
        if (alarms.Count > 0) session.QueueSqlCommand(Raise("q.alarm_id = any(?)"), (object)alarms.Distinct(StringComparer.Ordinal).ToArray());
    }

    /// <summary>As <see cref="QueueRaise"/>, for waiting notifications that were moved to these lanes.</summary>
    public static void QueueRaiseOn(IDocumentSession session, string[] lanes) =>
        session.QueueSqlCommand(Raise("q.lane = any(?)"), (object)lanes);

    private static string Raise(string which) =>
        $"""
        update {NotificationTable.Name} n set priority = p.priority from (
          select q.id, f.priority from {NotificationTable.Name} q cross join lateral (select min(r.priority) as priority from {NotificationTable.Name} r where {Follows("r", "q")}) f
          where {which} and {IsInOrder("q")} and q.priority > 0 and f.priority < q.priority order by q.id for update of q) p
        where n.id = p.id and n.priority > p.priority
        """;

    /// <summary>Replayed notifications and digests belong to no version of the alarm, and have no place in its order.</summary>
    private static string IsInOrder(string row) => $"{row}.due_at is not null and {row}.alarm_version > 0";

    /// <summary>A notification that ended at the moment of its request never waited.</summary>
    private static string Follows(string later, string row) =>
        $"{later}.alarm_id = {row}.alarm_id and {later}.lane = {row}.lane and {later}.alarm_version > {row}.alarm_version "
        + $"and {later}.ended_at is distinct from {later}.requested_at";

    /// <summary>Locks and returns the next waiting notifications, so that nobody changes them until the transaction ends.</summary>
    internal static async Task<string[]> LockAsync(NpgsqlConnection connection, string after, int limit, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select n.id from {NotificationTable.Name} n where {IsInOrder("n")} and n.id > $1 order by n.id limit {limit} for update", connection);
        command.Parameters.AddWithValue(after);
        return [.. await command.ReadTextsAsync(cancellation)];
    }

    /// <summary>Sets the urgency of waiting notifications from the events: their own level, and that of later ones.</summary>
    /// <returns>How many rows differed from the events.</returns>
    internal static async Task<int> WriteAsync(NpgsqlConnection connection, string[] ids, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            update {NotificationTable.Name} n set priority = w.priority from (
              select q.id, least({LevelOf("e")}, (
                select min({LevelOf("a")}) from {NotificationTable.Name} r {EventTables.JoinFirst("r.id", "a")} where {Follows("r", "q")})) as priority
              from {NotificationTable.Name} q {EventTables.JoinFirst("q.id")} where q.id = any($1)) w
            where n.id = w.id and n.priority <> w.priority
            """, connection);
        command.Parameters.AddWithValue(ids);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>SQL: the urgency that a request has by itself.</summary>
    private static string LevelOf(string @event)
    {
        var cases = Enum.GetValues<AlarmLevel>().Select(x => $"when '{JsonSerializer.SerializeToNode(x, NotifyJson.Options)}' then {(int)x}");
        return $"(case {@event}.data->>'level' {string.Join(' ', cases)} end)";
    }
}
