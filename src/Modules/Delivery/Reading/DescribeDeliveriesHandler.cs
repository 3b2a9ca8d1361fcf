using System.Text.Json;
using Notify.Contracts.Delivery;
using Notify.Delivery.Notifications;
using Notify.Kernel.Events;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>Describes notifications to other modules: each attempt, with the sequence numbers of its events.</summary>
public static class DescribeDeliveriesHandler
{
    public static async Task<DeliveriesDescribed> Handle(
        DescribeDeliveries query, EventReader events, NpgsqlDataSource database, IMessageBus bus, CancellationToken cancellation)
    {
        var described = await ReadAsync(
            events, [.. query.NotificationIds.Where(x => x.StartsWith("notification-", StringComparison.Ordinal))], cancellation);
        string[] overtaken = [.. described.Where(x => x.Reason == NotificationTable.Superseded).Select(x => x.NotificationId)];
        if (overtaken.Length > 0)
        {
            var others = (await ReadAsync(events, [.. overtaken.Select(LateNotification.IdOfOthers)], cancellation))
                .ToDictionary(x => x.NotificationId, StringComparer.Ordinal);
            described = described.ConvertAll(x => x with { Others = others.GetValueOrDefault(LateNotification.IdOfOthers(x.NotificationId)) });
        }

        if (described.Count == query.NotificationIds.Count) return new(described);
        var missing = query.NotificationIds.Except(described.Select(x => x.NotificationId), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        described.AddRange((await PutAside.ReadAsync(bus, database, cancellation)).Where(x => missing.Contains(x.Id))
            .Select(x => new DescribedDelivery(
            x.Id, 0, x.Status.ToString(), x.Reason, [.. x.Receivers.Select(
            r => new DescribedReceiver(r.Receiver, r.Outcome, r.PlatformCode))], [], null, null, null)));
        return new(described);
    }

    private static async Task<List<DescribedDelivery>> ReadAsync(EventReader events, string[] ids, CancellationToken cancellation) =>
        [.. (await events.ReadAsync(ids, cancellation)).GroupBy(x => x.StreamId, StringComparer.Ordinal).Select(x => Describe(x.Key, [.. x]))];

    private static DescribedDelivery Describe(string id, List<StoredEvent> events)
    {
        Notification? n = null;
        foreach (var e in events) n = Notification.Apply(n, id, e.Data, e.At, e.CorrelationId);
        return new DescribedDelivery(
            id, events[0].Sequence, n!.Status.ToString(), n.Reason,
            [.. n.Receivers.Select(x => new DescribedReceiver(x.Receiver, x.Outcome, x.PlatformCode))],
            [.. n.Attempts.Select(x => Describe(x, events))], n.Request.ReplayOf, n.ResentAs, n.DigestedIn);
    }

    private static DescribedAttempt Describe(Attempt attempt, List<StoredEvent> events) => new(
        attempt.Number, events.First(x => x.Data is AttemptStarted e && e.Number == attempt.Number).Sequence, attempt.StartedAt,
        events.FirstOrDefault(x =>
        x.Data is AttemptSucceeded a && a.Number == attempt.Number || x.Data is AttemptAccepted d && d.Number == attempt.Number
        || x.Data is AttemptFailed b && b.Number == attempt.Number
            || x.Data is AttemptOutcomeUnknown c && c.Number == attempt.Number)?.Sequence,
        attempt.EndedAt, JsonNamingPolicy.CamelCase.ConvertName(attempt.Outcome.ToString()), attempt.PlatformCode, attempt.PlatformMessage,
            attempt.MergedInto);
}
