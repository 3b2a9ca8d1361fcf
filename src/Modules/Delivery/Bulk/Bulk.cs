using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Delivery.Bulk;

/// <summary>Somebody requested the same change of many notifications, which were chosen at that moment. Stream <c>bulk-…</c>.</summary>
/// <param name="Filter">The filter by which they were chosen; null when their ids were given.</param>
public sealed record BulkRequested(NotificationVerb Verb, string? Reason, IReadOnlyDictionary<string, string>? Filter, int Total);

/// <summary>The chosen notifications, in the order in which they are changed. Recorded with the request, in several events if one would be too
/// long.</summary>
public sealed record BulkChosen(IReadOnlyList<string> Notifications)
{
    /// <summary>The ids in one event; an id has 45 bytes.</summary>
    private const int Most = 1000;

    public static IEnumerable<BulkChosen> Of(IEnumerable<string> notifications) => notifications.Chunk(Most).Select(x => new BulkChosen(x));
}

/// <summary>The outcomes of the next notifications, recorded in the transaction that changes them.</summary>
public sealed record BulkAdvanced(IReadOnlyList<NotificationChanged> Notifications);

/// <param name="Outcomes">The number of notifications by outcome.</param>
public sealed record BulkCompleted(IReadOnlyDictionary<string, int> Outcomes);

/// <summary>The progress of a bulk operation.</summary>
/// <param name="Status"><c>running</c> or <c>completed</c>.</param>
/// <param name="Outcomes">The number of notifications by outcome, so far.</param>
public sealed record BulkView(
    string Id, NotificationVerb Verb, string? Reason, string Status, int Total, int Done, IReadOnlyDictionary<string, int> Outcomes,
    DateTimeOffset RequestedAt, DateTimeOffset? CompletedAt);

/// <summary>A bulk operation, folded from its events.</summary>
/// <param name="Audit">Who requested it.</param>
/// <param name="Chosen">In the order in which they are changed, with their outcomes; null: not changed yet.</param>
public sealed record BulkOperation(
    string Id, BulkRequested Request, AuditContext Audit, DateTimeOffset RequestedAt, IReadOnlyList<(string Id, NotificationChanged? Outcome)> Chosen,
    long Version, DateTimeOffset? CompletedAt)
{
    public IReadOnlyDictionary<string, int> Outcomes => Chosen.Where(x => x.Outcome is not null)
        .GroupBy(x => x.Outcome!.Outcome, StringComparer.Ordinal).ToDictionary(x => x.Key, x => x.Count(), StringComparer.Ordinal);

    /// <param name="events">All events of its stream, in order.</param>
    /// <exception cref="InvalidOperationException">They do not begin with a request.</exception>
    public static BulkOperation Fold(IReadOnlyList<AttributedEvent> events)
    {
        if (events is not [{ Event: { Data: BulkRequested requested } first } asked, ..]) throw new InvalidOperationException(
            "A bulk operation begins with its request.");
        var outcomes = events.Select(x => x.Event.Data).OfType<BulkAdvanced>().SelectMany(x => x.Notifications)
            .ToLookup(x => x.Id, StringComparer.Ordinal);
        var chosen = events.Select(x => x.Event.Data).OfType<BulkChosen>().SelectMany(x => x.Notifications);
        return new(
            first.StreamId, requested, asked.Audit(), first.At, [.. chosen.Select(x => (x, outcomes[x].FirstOrDefault()))],
            events[^1].Event.Version, events.FirstOrDefault(x => x.Event.Data is BulkCompleted)?.Event.At);
    }
}
