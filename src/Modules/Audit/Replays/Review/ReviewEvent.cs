using System.Text.Json.Nodes;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Reviewing;

namespace Notify.Audit.Replays.Review;

/// <summary>An event of the period. Its data is handed on as it is stored: the review shows the record, not an opinion of it.</summary>
public sealed class ReviewEvent(StoredRow row, ReviewedEvents events)
{
    private readonly Lazy<object?> content = new(() => events.Read(row.Type, row.Data), isThreadSafe: false);
    private ReviewFact? fact;

    public StoredRow Row => row;

    public bool IsConfiguration { get; } = events.IsConfiguration(row.StreamId);

    /// <summary>What its module says of its type; null: nothing.</summary>
    public ReviewedType? Description { get; } = events.Find(row.Type);

    /// <summary>What it says, as its module reads it; null when it cannot be read.</summary>
    public object? Content => content.Value;

    public ReviewFact Fact => fact ??= Description is { HasFact: true } && Content is { } e ? Description.FactOf(e, row.Version) : ReviewFact.None;

    /// <summary>A field that every event of configuration has; null: this one has not.</summary>
    public JsonNode? Field(string name) => JsonNode.Parse(row.Data)?[name];
}

/// <summary>What an event about an alarm or a notification does not say itself: which alarm, and to whom.</summary>
/// <param name="IsOfPeriod">Whether it began in the period.</param>
public sealed record ReviewedSubject(ReviewSubject Subject, bool IsOfPeriod);
