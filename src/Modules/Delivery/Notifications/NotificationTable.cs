using Marten;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Notifications;

/// <summary>
/// One row for each notification, kept in the same transaction as its events. It is the work queue (a row with <c>due_at</c> is open) and what lists
/// are filtered by; what a notification says is read from its events.
/// </summary>
public static class NotificationTable
{
    public const string Name = $"{Database.Schema}.notification";
    private const string Positions = $"{Database.Schema}.notification_positions";

    public static IEnumerable<ISchemaObject> SchemaObjects()
    {
        yield return new Sequence(new PostgresqlObjectName(Database.Schema, "notification_positions", SchemaUtils.IdentifierUsage.General));
        var table = Database.Table("notification");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<long>("position").NotNull();
        table.AddColumn<string>("lane").NotNull();
        table.AddColumn("priority", "smallint").NotNull();
        table.AddColumn("due_at", "timestamptz");
        table.AddColumn<string>("status").NotNull();
        table.AddColumn<long>("version").NotNull();
        table.AddColumn<int>("attempts").NotNull();
        table.AddColumn<int>("tries").NotNull();
        table.AddColumn<int>("requests_done").NotNull();
        table.AddColumn<string>("alarm_id").NotNull();
        table.AddColumn<string>("rule_id").NotNull();
        table.AddColumn<string>("service_id").NotNull();
        table.AddColumn("receivers", "text[]").NotNull();
        table.AddColumn("requested_at", "timestamptz").NotNull();
        table.AddColumn("ended_at", "timestamptz");
        table.AddColumn<string>("reason");
        table.AddColumn<string>("resent_as");
        table.Indexes.Add(new IndexDefinition("notification_position") { Columns = ["position"], IsUnique = true });
        table.Indexes.Add(new IndexDefinition("notification_open") { Columns = ["lane", "priority", "position"], Predicate = "due_at is not null" });
        table.Indexes.Add(new IndexDefinition("notification_alarm") { Columns = ["alarm_id", "position"] });
        table.Indexes.Add(new IndexDefinition("notification_failed") { Columns = ["ended_at"], Predicate = "status in ('Failed', 'PartlyDelivered')" });
        yield return table;
    }

    /// <summary>How a row tells receivers apart: <c>bot:alias</c>, <c>account:userid</c> in lower case.</summary>
    public static string KeyOf(Receiver receiver) =>
        receiver.Kind == Receiver.Bot ? $"bot:{receiver.Alias}" : $"account:{receiver.Account?.ToLowerInvariant()}";

    public sealed record NewRow(string Id, NotificationRequested Request, string? Suppressed);

    public static void QueueInsert(IDocumentSession session, IReadOnlyList<NewRow> rows, DateTimeOffset now)
    {
        session.QueueSqlCommand(
            $"""
            insert into {Name} (id, position, lane, priority, due_at, status, version, attempts, tries, requests_done,
                                alarm_id, rule_id, service_id, receivers, requested_at, ended_at, reason)
            select n.id, nextval('{Positions}'), n.lane, n.priority, case when n.reason is null then ?::timestamptz end,
                   case when n.reason is null then 'Pending' else 'Suppressed' end, case when n.reason is null then 1 else 2 end, 0, 0, 0,
                   n.alarm_id, n.rule_id, n.service_id, string_to_array(n.receivers, chr(31)), ?::timestamptz,
                   case when n.reason is not null then ?::timestamptz end, n.reason
            from unnest(?, ?, ?, ?, ?, ?, ?, ?) as n(id, lane, priority, alarm_id, rule_id, service_id, receivers, reason)
            """,
            now, now, now,
            rows.Select(x => x.Id).ToArray(),
            rows.Select(x => x.Request.Lane).ToArray(),
            rows.Select(PriorityOf).ToArray(),
            rows.Select(x => x.Request.AlarmId).ToArray(),
            rows.Select(x => x.Request.Rule.Id).ToArray(),
            rows.Select(x => x.Request.Service.Id).ToArray(),
            rows.Select(x => string.Join('\u001f', x.Request.Receivers.Select(KeyOf))).ToArray(),
            rows.Select(x => x.Suppressed).ToArray());
    }

    /// <summary>Most urgent first; what a replay repeats comes after all that is live.</summary>
    private static short PriorityOf(NewRow row) => (short)((int)row.Request.Level + (row.Request.ReplayId is null ? 0 : 10));

    /// <summary>What an attempt made of a notification.</summary>
    public sealed record Change(
        string Id, NotificationStatus Status, long Version, int Attempts, int Tries, int RequestsDone, DateTimeOffset? DueAt, DateTimeOffset? EndedAt, string? Reason);

    public static void QueueUpdate(IDocumentSession session, IReadOnlyList<Change> changes)
    {
        if (changes.Count == 0) return;
        var rows = changes.OrderBy(x => x.Id, StringComparer.Ordinal).ToList();
        session.QueueSqlCommand(
            $"""
            update {Name} n set status = c.status, version = c.version, attempts = c.attempts, tries = c.tries, requests_done = c.requests_done,
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
    }

    /// <summary>One round trip: the configuration's version, and which of these were requested before.</summary>
    public static async Task<(long ConfigurationVersion, HashSet<string> Known)> ReadKnownAsync(IQuerySession session, string[] ids, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select coalesce((select version from {Database.Schema}.configuration_stamp), 0), array(select id from {Name} where id = any($1))");
        command.Parameters.AddWithValue(ids);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), [.. reader.GetFieldValue<string[]>(1)]);
    }
}
