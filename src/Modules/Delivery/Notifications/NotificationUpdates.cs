using System.Text.Json;
using Marten;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>All changes of notification rows after their insertion, except their urgency (<see cref="NotificationUrgency"/>).</summary>
public static class NotificationUpdates
{
    /// <summary>The state of a notification after an attempt.</summary>
    public sealed record Change(
        string Id, NotificationStatus Status, long Version, int Attempts, int Tries, int RequestsDone, DateTimeOffset? DueAt, DateTimeOffset? EndedAt,
        string? Reason)
    {
        /// <summary>Fields that most attempts do not change; null: unchanged.</summary>
        public (int Unknowns, MessageForm Form, Earlier? Earlier)? Detour { get; init; }
    }

    public static void QueueAttempts(IDocumentSession session, IReadOnlyList<Change> changes)
    {
        if (changes.Count == 0) return;
        var rows = changes.OrderBy(x => x.Id, StringComparer.Ordinal).ToList();
        session.QueueSqlCommand(
            $"""
            update {NotificationTable.Name} n set status = c.status, version = c.version, attempts = c.attempts, tries = c.tries, requests_done = c.requests_done,
              due_at = c.due_at, ended_at = c.ended_at, reason = c.reason
            from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) as c(id, status, version, attempts, tries, requests_done, due_at, ended_at, reason)
            where n.id = c.id
            """,
            rows.Select(x => x.Id).ToArray(),
            rows.Select(x => x.Status.ToString()).ToArray(),
            rows.Select(x => x.Version).ToArray(),
            rows.Select(x => x.Attempts).ToArray(),
            rows.Select(x => x.Tries).ToArray(),
            rows.Select(x => x.RequestsDone).ToArray(),
            rows.Select(x => x.DueAt).ToArray(),
            rows.Select(x => x.EndedAt).ToArray(),
            rows.Select(x => x.Reason).ToArray());
        foreach (var row in rows.Where(x => x.Detour is not null))
            session.QueueSqlCommand(
                $"update {NotificationTable.Name} set unknowns = ?, form = ?, earlier = nullif(?, '') where id = ?", (short)row.Detour!.Value.Unknowns,
                (short)row.Detour.Value.Form,
                row.Detour.Value.Earlier is { } earlier ? JsonSerializer.Serialize(earlier, NotifyJson.Options) : "", row.Id);
    }

    public static void QueueDismissed(IDocumentSession session, string id, long version, string reason) =>
        session.QueueSqlCommand(
            $"update {NotificationTable.Name} set status = 'Dismissed', version = ?, reason = ? where id = ?", version, reason, id);

    public static void QueueCancelled(IDocumentSession session, string id, long version, string reason, DateTimeOffset now) =>
        session.QueueSqlCommand(
            $"update {NotificationTable.Name} set status = 'Suppressed', version = ?, reason = ?, due_at = null, ended_at = ? where id = ?",
            version, reason, now, id);

    /// <param name="again">The id of the notification as which it is resent.</param>
    public static void QueueResent(IDocumentSession session, string id, long version, string again) =>
        session.QueueSqlCommand($"update {NotificationTable.Name} set version = ?, resent_as = ? where id = ?", version, again, id);

    /// <summary>Makes notifications due that wait on the lane for their next attempt.</summary>
    public static async Task DueNowAsync(NpgsqlDataSource database, string lane, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {NotificationTable.Name} set due_at = $2 where lane = $1 and due_at > $2");
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The platform has reported on these messages, given by its own ids: notifications that wait to ask for them are due now.</summary>
    /// <returns>The lanes of these notifications.</returns>
    public static async Task<List<string>> AskNowAsync(
        NpgsqlDataSource database, string[] lanes, string[] messages, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            update {NotificationTable.Name} n set due_at = $3
            where n.lane = any($1) and n.due_at > $3 and {NotificationTable.AskedFor("n")} = any($2) returning n.lane
            """);
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(messages);
        command.Parameters.AddWithValue(now);
        return [.. (await command.ReadTextsAsync(cancellation)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Moves notifications that wait on a lane for these receivers of a service to another lane.</summary>
    /// <param name="inFlight">The ids of notifications that are not moved.</param>
    public static void QueueMove(IDocumentSession session, string lane, string serviceId, string[] receivers, string to, string[] inFlight) =>
        session.QueueSqlCommand(
            $"update {NotificationTable.Name} set lane = ? where lane = ? and service_id = ? and receivers = ? and due_at is not null and not (id = any(?))",
            to, lane, serviceId, receivers, inFlight);

    /// <summary>A notification delivered to all needs no fallback; one whose failure is reported now has used it.</summary>
    public static void QueueOtherWayTaken(IDocumentSession session, string[] told) =>
        session.QueueSqlCommand(
            $"""
            update {NotificationTable.Name} n set otherwise_after = null
            where n.otherwise_after is not null and (n.id = any(?) or (n.due_at is null and not ({NotificationTable.NotAllReached("n")})))
            """,
            new object[] { told });

    /// <summary>Sets when the notifications held back by a schedule are sent.</summary>
    public static async Task SetOpeningAsync(NpgsqlDataSource database, string scheduleId, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            update {NotificationTable.Name} n set digest_at = $2 from {EventTables.Events} e
            where e.stream_id = n.id and e.version = 1 and n.digest_at is not null and n.digest_at <> $2 and e.data->'schedule'->>'id' = $1
            """);
        command.Parameters.AddWithValue(scheduleId);
        command.Parameters.AddWithValue(at);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Postpones those of these notifications that are still held back.</summary>
    public static async Task PutOffDigestAsync(NpgsqlDataSource database, string[] ids, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"update {NotificationTable.Name} set digest_at = $2 where id = any($1) and digest_at is not null");
        command.Parameters.AddWithValue(ids);
        command.Parameters.AddWithValue(until);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>These notifications stay held back.</summary>
    public static void QueueHeldUntil(IDocumentSession session, string[] ids, DateTimeOffset opening) =>
        session.QueueSqlCommand($"update {NotificationTable.Name} set digest_at = ? where id = any(?)", opening, ids);

    public static void QueueDigested(IDocumentSession session, string[] ids) =>
        session.QueueSqlCommand(
            $"update {NotificationTable.Name} set digest_at = null, version = version + 1 where id = any(?)", new object[] { ids });

    /// <summary>The notification cannot be part of its digest.</summary>
    public static void QueueFailedInDigest(IDocumentSession session, string id, string reason, DateTimeOffset now) =>
        session.QueueSqlCommand(
            $"update {NotificationTable.Name} set status = 'Failed', reason = ?, digest_at = null, ended_at = ?, version = version + 1 where id = ?",
            reason, now, id);
}
