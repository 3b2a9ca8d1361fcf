using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Notify.Kernel;
using Notify.Kernel.Reviewing;

namespace Notify.Audit.Replays.Review;

/// <summary>The state that one chunk of a review passes to the next: the position, and the figures of the summary.</summary>
public sealed class ReviewState
{
    public const int Buckets = 60;

    /// <summary>The version of what is counted, and how. A state of another version is discarded: its review starts again.</summary>
    private const int CurrentLayout = 2;

    [JsonPropertyName("form")]
    public int Layout { get; set; }
    public long Position { get; set; }
    [JsonPropertyName("steps")]
    public int LastPart { get; set; }
    public long Entries { get; set; }
    public long FirstSequence { get; set; }
    public long LastSequence { get; set; }
    public SortedDictionary<string, long> Counts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>For each sixtieth of the period: alarms, notifications requested, delivered, and failed or suppressed.</summary>
    public long[][] Timeline { get; set; } = [.. Enumerable.Range(0, Buckets).Select(_ => new long[4])];

    /// <summary>By receiver: requested, delivered, finally failed, suppressed; and how many of those requested in the period did not end in
    /// it.</summary>
    public SortedDictionary<string, long[]> Receivers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The configuration that was used: <c>rule-…@3</c>.</summary>
    public SortedSet<string> Used { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Columns of <see cref="Receivers"/>.</summary>
    public const int Asked = 0, Delivered = 1, Failed = 2, Suppressed = 3, StillOpen = 4;

    public static ReviewState Read(byte[]? state, ReplayRequested request) =>
        state is not null && JsonSerializer.Deserialize<ReviewState>(state, NotifyJson.Options) is { Layout: CurrentLayout } current
            ? current
            : new ReviewState { Layout = CurrentLayout, Position = request.After };

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NotifyJson.Options);

    public void Add(ReviewEvent e, ReviewedSubject? subject, ReplayRequested request)
    {
        if (Entries++ == 0) FirstSequence = e.Row.Sequence;
        LastSequence = e.Row.Sequence;
        var bucket = Timeline[Math.Clamp(
            (int)((e.Row.At - request.From).Ticks * Buckets / Math.Max(1, (request.To - request.From).Ticks)), 0, Buckets - 1)];
        var fact = e.Fact;
        foreach (var name in fact.Counts) Count(name);
        if (e.IsConfiguration) Count("configurationChanges");
        if (fact.IsReport) bucket[0]++;
        if (fact.Outcome is { } outcome)
        {
            var isRequest = outcome == ReviewOutcome.Requested;
            bucket[isRequest ? 1 : outcome == ReviewOutcome.Delivered ? 2 : 3]++;
            foreach (var receiver in Names(subject)) Of(receiver)[ColumnOf(outcome, receiver, fact.Missed)]++;
            Open(subject, isRequest ? 1 : -1);
        }

        foreach (var (id, version) in fact.Used) Used.Add(string.Create(CultureInfo.InvariantCulture, $"{id}@{version}"));
        // Nobody was notified of lost messages, and they are not recorded as notifications.
        if (fact.Undecided > 0) Count("undecided", fact.Undecided);
        foreach (var receivers in fact.Lost)
        {
            Count("failed");
            bucket[3]++;
            foreach (var receiver in receivers) Of(receiver)[Failed]++;
        }
    }

    private static int ColumnOf(ReviewOutcome outcome, string receiver, IReadOnlyList<string> missed) => outcome switch
    {
        ReviewOutcome.Requested => Asked,
        ReviewOutcome.Delivered => missed.Contains(receiver, StringComparer.OrdinalIgnoreCase) ? Failed : Delivered,
        ReviewOutcome.Failed => Failed,
        _ => Suppressed,
    };

    private void Count(string name, int by = 1) => Counts[name] = Counts.GetValueOrDefault(name) + by;

    /// <summary>Counts requests that have not ended. Requests from before the period do not count, not even when they end.</summary>
    private void Open(ReviewedSubject? subject, int by)
    {
        if (subject is not { IsOfPeriod: true }) return;
        Count("stillOpen", by);
        foreach (var receiver in Names(subject)) Of(receiver)[StillOpen] += by;
    }

    private static IReadOnlyList<string> Names(ReviewedSubject? subject) => subject?.Subject.Receivers ?? [];

    private long[] Of(string receiver) => Receivers.TryGetValue(receiver, out var counts) ? counts : Receivers[receiver] = new long[5];
}
