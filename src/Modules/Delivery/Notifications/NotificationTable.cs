using System.Text.Json;
using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Notifications;

/// <summary>One row for each notification, written in the transaction of its events. The table is the work queue (a row with <c>due_at</c> is open),
/// and lists are filtered by it; the content of a notification is read from its events.</summary>
public static class NotificationTable
{
    public const string Name = $"{Database.Schema}.notification";

    /// <summary>SQL: it is still to be sent, by itself or in a digest.</summary>
    private const string IsOpen = "due_at is not null or digest_at is not null";

    public static readonly OwnedTable Owned = new(
        "notification")
    { Texts = ["receivers", "reason", "earlier"], Stream = "id", Open = IsOpen, UnderWay = IsOpen };

    /// <summary>SQL: the id of the message that the platform has accepted and whose result is asked for before anything else is sent; null:
    /// none.</summary>
    /// <param name="row">The alias of the table.</param>
    public static string AskedFor(string row) => $"({row}.earlier::jsonb->>'requestId')";

    /// <summary>SQL: it has ended without reaching all of its receivers, and nobody has dealt with it.</summary>
    public static string NotAllReached(string row) => $"{row}.due_at is null and {row}.status in ('Failed', 'PartlyDelivered')";

    public static IEnumerable<ISchemaObject> SchemaObjects()
    {
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
        table.AddColumn("unknowns", "smallint").NotNull().DefaultValueByExpression("0");
        table.AddColumn("form", "smallint").NotNull().DefaultValueByExpression("0");
        table.AddColumn("alarm_version", "bigint").NotNull();
        table.AddColumn("digest_at", "timestamptz");
        table.AddColumn<string>("earlier");
        table.AddColumn("otherwise_after", "smallint");
        table.Indexes.Add(new IndexDefinition("notification_otherwise") { Columns = ["lane"], Predicate = "otherwise_after is not null" });
        table.Indexes.Add(new IndexDefinition("notification_digest") { Columns = ["digest_at"], Predicate = "digest_at is not null" });
        table.Indexes.Add(new IndexDefinition("notification_position") { Columns = ["position"] });
        table.Indexes.Add(new IndexDefinition("notification_open") { Columns = ["lane", "priority", "position"], Predicate = "due_at is not null" });
        table.Indexes.Add(new IndexDefinition("notification_alarm_version") { Columns = ["alarm_id", "alarm_version"] });
        // In PostgreSQL's own spelling, which the next start compares; otherwise it would recreate the index.
        table.Indexes.Add(new IndexDefinition("notification_failed")
        {
            Columns = ["ended_at"],
            Predicate = "((status)::text = 'Failed'::text) OR ((status)::text = 'PartlyDelivered'::text)",
        });
        // Most notifications end as Delivered and never touch this index.
        table.Indexes.Add(new IndexDefinition("notification_status")
        {
            Columns = ["status", "position"],
            Predicate = "((status)::text <> 'Delivered'::text) AND ((status)::text <> 'Pending'::text) AND ((status)::text <> 'Scheduled'::text)",
        });
        yield return table;
        yield return NotificationSpans.Table();
    }

    /// <param name="Failed">Why it cannot be sent; null: it can. As for a suppressed one, its second event says so.</param>
    public sealed record NewRow(string Id, NotificationRequested Request, string? Suppressed, DateTimeOffset? DigestAt = null, string? Failed = null);

    /// <summary>SQL that inserts the rows with the events that request them; a notification's position is the sequence number of its first
    /// event.</summary>
    /// <param name="started">The ids of those that are sent at once; the others wait for their lane.</param>
    public static RowsOfEvents? Insert(IReadOnlyList<NewRow> rows, DateTimeOffset now, IReadOnlySet<string>? started = null) =>
        rows.Count == 0 ? null : new(
            $"""
            , n as (
            insert into {Name} (id, position, lane, priority, due_at, status, version, attempts, tries, requests_done,
                                alarm_id, alarm_version, rule_id, service_id, receivers, requested_at, ended_at, reason, digest_at, otherwise_after)
            select n.id, e.seq_id, n.lane, n.priority, case when n.reason is null then ?::timestamptz end,
                   n.status, case when n.reason is null then 1 else 2 end, 0, 0, 0,
                   n.alarm_id, n.alarm_version, n.rule_id, n.service_id, string_to_array(n.receivers, chr(31)), ?::timestamptz,
                   case when n.reason is not null then ?::timestamptz end, n.reason, n.digest_at, n.otherwise_after
            from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              as n(id, lane, priority, status, alarm_id, alarm_version, rule_id, service_id, receivers, reason, digest_at, otherwise_after)
            join {EventTables.Appended} e on e.stream_id = n.id and e.version = 1
            returning position, rule_id, service_id, receivers)
            {NotificationSpans.InsertFrom("n")}
            """,
            now, now, now,
            rows.Select(x => x.Id).ToArray(),
            rows.Select(x => x.Request.Lane).ToArray(),
            rows.Select(x => PriorityOf(x.Request)).ToArray(),
            rows.Select(x => StatusOf(x, started).ToString()).ToArray(),
            rows.Select(x => x.Request.AlarmId).ToArray(),
            rows.Select(x => x.Request.AlarmVersion).ToArray(),
            rows.Select(x => x.Request.Rule.Id).ToArray(),
            rows.Select(x => x.Request.Service.Id).ToArray(),
            rows.Select(x => string.Join('\u001f', KeysOf(x.Request))).ToArray(),
            rows.Select(x => x.Suppressed ?? x.Failed).ToArray(),
            rows.Select(x => x.DigestAt).ToArray(),
            rows.Select(OtherwiseAfter).ToArray());

    /// <summary>The keys by which a notification is found: its receivers, and the people behind them.</summary>
    public static IEnumerable<string> KeysOf(NotificationRequested request) =>
        request.Receivers.SelectMany(PeopleKinds.KeysOf).Distinct(StringComparer.Ordinal);

    /// <summary>After how many minutes on a blocked lane the fallback is used; null: there is none, or it was used. Resent notifications and digests
    /// have none.</summary>
    private static short? OtherwiseAfter(NewRow row) =>
        row is { Suppressed: null, Request: { ReplayOf: null, DigestOf: null, Otherwise: { } other } } ? (short)other.AfterMinutes : null;

    private static NotificationStatus StatusOf(NewRow row, IReadOnlySet<string>? started) =>
        row.Suppressed is not null ? NotificationStatus.Suppressed
        : row.Failed is not null ? NotificationStatus.Failed
        : started?.Contains(row.Id) == true ? NotificationStatus.Pending
        : NotificationStatus.Scheduled;

    internal const short ReplayPriority = 10;

    /// <summary>The lower the more urgent; replayed notifications come after all live ones.</summary>
    public static short PriorityOf(NotificationRequested request) => (short)((int)request.Level + (request.ReplayId is null ? 0 : ReplayPriority));

    /// <summary>The data in the rows of notifications whose events cannot be read: enough to find and dismiss them.</summary>
    internal static async Task<List<Notification>> ReadUnreadableAsync(
        NpgsqlDataSource database, ChannelCatalog channels, string[] ids, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select id, status, version, alarm_id, rule_id, service_id, receivers, requested_at, ended_at, reason, resent_as,
              priority, lane, digest_at, due_at
            from {Name} where id = any($1)
            """);
        command.Parameters.AddWithValue(ids);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Notification>();
        while (await reader.ReadAsync(cancellation))
        {
            var receivers = PeopleKinds.ReceiversIn(reader.GetFieldValue<string[]>(6), channels.Kinds);
            found.Add(new Notification
            {
                Id = reader.GetString(0),
                IsUnreadable = true,
                Status = Enum.TryParse<NotificationStatus>(reader.GetString(1), out var status) ? status : NotificationStatus.Failed,
                Version = reader.GetInt64(2),
                Request = new NotificationRequested(
                    reader.GetString(3), "", "", (AlarmLevel)(reader.GetInt16(11) % ReplayPriority), default, reader.GetFieldValue<DateTimeOffset>(7),
                    new(reader.GetString(4), 0, ""), new(reader.GetString(5), 0, ""), new("", 0, ""), new("", 0, ""), "", reader.GetString(12),
                    receivers,
                    new("text", "", Mentions.None)),
                Receivers = [.. receivers.Select(ReceiverState.Of)],
                RequestedAt = reader.GetFieldValue<DateTimeOffset>(7),
                EndedAt = reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
                Reason = reader.IsDBNull(9) ? null : reader.GetString(9),
                ResentAs = reader.IsDBNull(10) ? null : reader.GetString(10),
                DigestAt = reader.IsDBNull(13) ? null : reader.GetFieldValue<DateTimeOffset>(13),
                RetryAt = reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14),
            });
        }

        return found;
    }

    /// <summary>What is known about new notifications before they are recorded.</summary>
    /// <param name="Requested">The ids of those that were requested before.</param>
    /// <param name="Overtaken">Those of their alarms of which a later change was already sent.</param>
    public sealed record Known(long ConfigurationVersion, HashSet<string> Requested, string[] Overtaken);

    /// <summary>In one round trip.</summary>
    public static async Task<Known> ReadKnownAsync(
        IQuerySession session, string[] ids, string[] alarms, long[] alarmVersions, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select coalesce((select version from {Database.Schema}.configuration_stamp), 0), array(select id from {Name} where id = any($1)),
              array(select distinct a.id from unnest($2, $3) as a(id, version) where exists (
                select 1 from {Name} n where n.alarm_id = a.id and n.alarm_version > a.version and {Told("n")}))
            """);
        command.Parameters.AddWithValue(ids);
        command.Parameters.AddWithValue(alarms);
        command.Parameters.AddWithValue(alarmVersions);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        await reader.ReadAsync(cancellation);
        return new Known(reader.GetInt64(0), [.. reader.GetFieldValue<string[]>(1)], reader.GetFieldValue<string[]>(2));
    }

    /// <summary>The reason of a notification that is suppressed because its receivers were already notified of a later state of its alarm.</summary>
    public const string Superseded = "superseded";

    /// <summary>SQL: receivers may have seen it; not if it was suppressed, or failed before anything was sent.</summary>
    private static string Told(string row) => $"{row}.status <> 'Suppressed' and ({row}.status <> 'Failed' or {row}.attempts > 0)";

    /// <summary>What was sent about these alarms: to whom, and of which version.</summary>
    public static async Task<List<(string AlarmId, long Version, string ServiceId, string[] Receivers)>> ReadToldAsync(
        IQuerySession session, string[] alarms, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select n.alarm_id, n.alarm_version, n.service_id, n.receivers from unnest($1) as a(id)
            cross join lateral (select * from {Name} q where q.alarm_id = a.id and {Told("q")} order by q.alarm_version desc limit 100) n
            """);
        command.Parameters.AddWithValue(alarms);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var told = new List<(string, long, string, string[])>();
        while (await reader.ReadAsync(cancellation)) told.Add(
            (reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<string[]>(3)));
        return told;
    }
}
