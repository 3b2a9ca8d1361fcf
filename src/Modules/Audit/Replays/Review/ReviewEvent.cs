using System.Text.Json.Nodes;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Reviewing;

namespace Notify.Audit.Replays.Review;

/// <summary>An event of the period. Its data is passed on as it is stored: a review shows the record, not an interpretation of it.</summary>
public sealed class ReviewEvent(StoredRow row, ReviewedEvents events)
{
    private (Type? Type, object? Value) read;
    private ReviewFact? fact;

    public StoredRow Row => row;

    public bool IsConfiguration { get; } = events.IsConfiguration(row.StreamId);

    /// <summary>How its module describes the type; null: it does not.</summary>
    public ReviewedType? Description { get; } = events.Find(row.Type);

    public ReviewFact Fact =>
        fact ??= Description?.Fields is { } fields && As(fields) is { } e ? Description.FactOf(e, row.Version) : ReviewFact.None;

    /// <summary>The event's data read as this type, without fields that the type lacks; null: it cannot be read, and is shown as it is
    /// stored.</summary>
    public object? As(Type type)
    {
        if (read.Type != type) read = (type, ReviewedEvents.Read(type, row.Data));
        return read.Value;
    }

    /// <summary>A field that every event of configuration has; null: this one lacks it.</summary>
    public JsonNode? Field(string name) => JsonNode.Parse(row.Data)?[name];
}

/// <summary>What an event about an alarm or a notification does not contain itself: which alarm, and which receivers.</summary>
/// <param name="IsOfPeriod">Whether it began in the period.</param>
public sealed record ReviewedSubject(ReviewSubject Subject, bool IsOfPeriod);
