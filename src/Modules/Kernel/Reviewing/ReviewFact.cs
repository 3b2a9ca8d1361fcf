namespace Notify.Kernel.Reviewing;

/// <summary>What one event counts for.</summary>
/// <param name="Counts">Figures of the summary that it raises by one.</param>
public sealed record ReviewFact(params IReadOnlyList<string> Counts)
{
    public static readonly ReviewFact None = new();

    /// <summary>It is a report of an alarm, for the chart.</summary>
    public bool IsReport { get; init; }

    /// <summary>What it means for the notification of its stream, and so for each of its receivers; null: nothing.</summary>
    public ReviewOutcome? Outcome { get; init; }

    /// <summary>Of a delivery: the receivers it did not reach.</summary>
    public IReadOnlyList<string> Missed { get; init; } = [];

    /// <summary>Configuration that was used: ids and versions.</summary>
    public IReadOnlyList<(string Id, long Version)> Used { get; init; } = [];

    /// <summary>The alarms it is about, where its stream is not about one.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Receivers of notifications that were never made, one entry for each notification.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Lost { get; init; } = [];

    /// <summary>Changes of alarms about which nothing was decided.</summary>
    public int Undecided { get; init; }
}

/// <summary>All but the first are an end.</summary>
public enum ReviewOutcome
{
    Requested,
    Delivered,
    Failed,
    Suppressed,
}
