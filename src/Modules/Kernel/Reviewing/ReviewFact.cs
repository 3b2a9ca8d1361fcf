namespace Notify.Kernel.Reviewing;

/// <summary>How one event is counted.</summary>
/// <param name="Counts">The figures of the summary that it increments.</param>
public sealed record ReviewFact(params IReadOnlyList<string> Counts)
{
    public static readonly ReviewFact None = new();

    /// <summary>Whether it is a report of an alarm, for the chart.</summary>
    public bool IsReport { get; init; }

    /// <summary>The outcome for the notification of its stream, and so for each of its receivers; null: none.</summary>
    public ReviewOutcome? Outcome { get; init; }

    /// <summary>For a delivery: the receivers that it did not reach.</summary>
    public IReadOnlyList<string> Missed { get; init; } = [];

    /// <summary>The configuration used: ids and versions.</summary>
    public IReadOnlyList<(string Id, long Version)> Used { get; init; } = [];

    /// <summary>The alarms that it is about, if its stream is not about one.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>The receivers of notifications that were never created, one entry for each notification.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Lost { get; init; } = [];

    /// <summary>The number of alarm changes about which nothing was decided.</summary>
    public int Undecided { get; init; }
}

/// <summary>All but the first are final.</summary>
public enum ReviewOutcome
{
    Requested,
    Delivered,
    Failed,
    Suppressed,
}
