using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Reading;

/// <summary>Finds the notifications of a review by their requests, and by their status at the end of the period.</summary>
public static class FindReviewedNotificationsHandler
{
    public static async Task<ReviewedNotificationsFound> Handle(
        FindReviewedNotifications query, NpgsqlDataSource database, EventCatalog catalog, CancellationToken cancellation)
    {
        var (filter, period) = (query.Filter, query.Period);
        var path = filter.AlarmPath is null ? null : PathPattern.Parse(filter.AlarmPath);
        var requested = catalog[typeof(NotificationRequested)].Name;
        await using var command = database.CreateCommand(
            $"""
            select v.stream_id, v.data, l.type, l.data from {EventPeriod.FirstOfChanged}
            cross join lateral (
              select e.type, e.data from {EventTables.Events} e where e.stream_id = s.stream_id and e.seq_id <= $2 and e.timestamp < $4 and e.type <> $9
              order by e.version desc limit 1) l
            where v.type = $6 and ($7::text is null or v.data->'rule'->>'id' = $7) and ($8::text is null or v.data->'service'->>'id' = $8)
            """);
        new EventPeriod(period.After, period.UpTo).AddTo(command, period.From, period.To);
        command.Parameters.AddWithValue(catalog.NamesOf("delivery"));
        command.Parameters.AddWithValue(requested);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = filter.RuleId });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = filter.ServiceId });
        command.Parameters.AddWithValue(catalog[typeof(NotificationResent)].Name);
        var (notifications, alarms) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (catalog.TryRead(requested, reader.GetFieldValue<byte[]>(1)) is not NotificationRequested request) continue;
            if (path?.Matches(request.AlarmPath) == false || !PathLimit.Current.Allows(request.AlarmPath)) continue;
            if (!Reaches(request, filter.Receiver)) continue;
            if (filter.Status is { } status
                && $"{StatusAfter(catalog.TryRead(reader.GetString(2), reader.GetFieldValue<byte[]>(3)))}" != status) continue;
            notifications.Add(reader.GetString(0));
            alarms.Add(request.AlarmId);
        }

        return new(notifications, [.. alarms]);
    }

    /// <param name="receiver">A receiver as in the filter; null: any.</param>
    private static bool Reaches(NotificationRequested request, string? receiver) =>
        receiver is null || request.Receivers.Any(x =>
            ((x.Account ?? x.Alias) is { } name && (Names.Same(receiver, name) || Names.Same(receiver, $"{x.Kind}:{name}")))
            || x.People?.Any(p => Names.Same(receiver, p.Name) || receiver == p.Id || receiver == ReceiverKey.Of(PeopleKinds.ReceiverOf(p.Id)))
                == true);

    /// <summary>A notification's status according to its last event, as in the list of notifications.</summary>
    internal static NotificationStatus StatusAfter(object? last) => last switch
    {
        NotificationSuppressed or NotificationCancelled or NotificationDigested => NotificationStatus.Suppressed,
        AttemptStarted => NotificationStatus.Pending,
        AttemptSucceeded e => e.FailedReceivers.Count == 0 ? NotificationStatus.Delivered : NotificationStatus.PartlyDelivered,
        AttemptFailed { RetryAt: null } or AttemptOutcomeUnknown { RetryAt: null } or NotificationFailed => NotificationStatus.Failed,
        NotificationDismissed => NotificationStatus.Dismissed,
        _ => NotificationStatus.Scheduled,
    };
}
