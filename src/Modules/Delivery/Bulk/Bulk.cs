using Notify.Delivery.Changes;

namespace Notify.Delivery.Bulk;

/// <summary>Somebody asked to do the same with many notifications; they were chosen at that moment. Stream <c>bulk-…</c>.</summary>
/// <param name="Filter">By which they were chosen; null when their ids were given.</param>
public sealed record BulkRequested(NotificationVerb Verb, string? Reason, IReadOnlyDictionary<string, string>? Filter, int Total);

/// <param name="Outcomes">How many had each outcome.</param>
public sealed record BulkCompleted(IReadOnlyDictionary<string, int> Outcomes);

/// <summary>How far it is.</summary>
/// <param name="Status"><c>running</c> or <c>completed</c>.</param>
/// <param name="Outcomes">So far, how many had each outcome.</param>
public sealed record BulkView(
    string Id, NotificationVerb Verb, string? Reason, string Status, int Total, int Done, IReadOnlyDictionary<string, int> Outcomes,
    DateTimeOffset RequestedAt, DateTimeOffset? CompletedAt);
