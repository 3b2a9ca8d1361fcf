namespace Notify.Audit.Replays.Review;

/// <summary>The alarms and notifications that a filter selects, by the ids of their streams.</summary>
public sealed record ReviewScope(HashSet<string> Streams)
{
    /// <summary>Changes of the configuration belong to every review: they may explain what happened.</summary>
    public bool Holds(ReviewEvent e) => e.IsConfiguration || Streams.Contains(e.Row.StreamId) || e.Fact.Alarms.Any(Streams.Contains);
}
