using Notify.Channels.Receivers;
using Notify.Contracts.Delivery;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Delivery.Reading;

/// <summary>Describes to other modules when notifications failed for good or reached only some of their receivers, and when blocked lanes held them,
/// from the events.</summary>
public static class DescribeUndeliveredHandler
{
    public static async Task<UndeliveredDescribed> Handle(DescribeUndelivered query, EventReader events, CancellationToken cancellation)
    {
        var notifications = (await events.ReadAsync(
            [.. query.NotificationIds.Where(x => x.StartsWith("notification-", StringComparison.Ordinal))], cancellation))
            .GroupBy(x => x.StreamId, StringComparer.Ordinal).Select(x => x.ToList())
            .Where(x => x[0].Data is NotificationRequested && x[1..].TrueForAll(e => e.Data is not UnreadableEvent)).ToList();
        string[] lanes =
            [.. notifications.Select(x => LaneIncidents.StreamOf(((NotificationRequested)x[0].Data).Lane)).Distinct(StringComparer.Ordinal)];
        var incidents = (lanes.Length == 0 ? [] : await events.ReadAsync(lanes, cancellation)).ToLookup(x => x.StreamId, StringComparer.Ordinal);
        return new([.. notifications
            .Select(x => Describe(x, incidents[LaneIncidents.StreamOf(((NotificationRequested)x[0].Data).Lane)]))
            .Where(x => x.FailedAt is not null || x.Holds.Count > 0)]);
    }

    /// <param name="events">The events of a notification.</param>
    /// <param name="incidents">The events of its lane.</param>
    internal static DescribedUndelivered Describe(IReadOnlyList<StoredEvent> events, IEnumerable<StoredEvent> incidents)
    {
        var (id, from) = (events[0].StreamId, events[0].At);
        Notification? n = null, failed = null;
        foreach (var e in events)
        {
            n = Notification.Apply(n, id, e.Data, e.At, e.CorrelationId);
            // Somebody may have dismissed or resent it since.
            if (n.Status is NotificationStatus.Failed or NotificationStatus.PartlyDelivered) failed ??= n;
        }

        var ended = failed?.EndedAt ?? n!.EndedAt;
        return new(
            id, failed?.EndedAt, failed?.NotReached ?? failed?.Reason, failed?.FailedAt is FailureStage.Addressing or FailureStage.Rendering,
            [.. HoldsOf(incidents).Where(x => (ended is null || x.From < ended) && (x.To is null || x.To > from)).Select(x => x with
            {
                From = x.From > from ? x.From : from,
                To = ended is null || x.To < ended ? x.To : ended,
            })])
        {
            IsPartly = failed?.Status == NotificationStatus.PartlyDelivered,
            Missed = failed is { Status: NotificationStatus.PartlyDelivered, MissedAmong.Count: 0 }
                ? [.. failed.Missed.Select(ReceiverKey.Of)] : null,
        };
    }

    private static List<DescribedHold> HoldsOf(IEnumerable<StoredEvent> incidents)
    {
        var holds = new List<DescribedHold>();
        foreach (var e in incidents)
        {
            if (e.Data is LaneBlocked blocked) holds.Add(new(e.At, null, WordsOf(blocked.PlatformCode, blocked.PlatformMessage)));
            else if (holds is not [.., { To: null } open]) continue;
            else if (e.Data is LaneMended) holds[^1] = open with { To = e.At };
            else if (e.Data is LaneBlockChanged changed) holds[^1] = open with
            {
                Changes = [.. open.Changes, new(e.At, WordsOf(changed.PlatformCode, changed.PlatformMessage))],
            };
        }

        return holds;
    }

    private static string? WordsOf(string? code, string? message) =>
        string.Join(' ', new[] { code, message }.Where(x => x is { Length: > 0 })) is { Length: > 0 } words ? words : null;
}
