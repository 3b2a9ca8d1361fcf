using System.Text.Json.Serialization;
using JasperFx.Events;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Signing;

namespace Notify.Audit.HistoryReviews;

/// <summary>Somebody independent has signed that they have read a period of the history. Stream <c>historyreview-…</c>.</summary>
/// <param name="From">When what was read begins, by the instants at which it was recorded.</param>
/// <param name="To">The first instant after it.</param>
/// <param name="Filter">Null: all of the period was read.</param>
/// <param name="Entries">How many.</param>
/// <param name="FirstSequence">Null: there are none; as <paramref name="LastSequence"/>.</param>
/// <param name="Hash">SHA-256, in hexadecimal, over the leaf hashes of the entries in their order (docs/proofs.md).</param>
public sealed record HistoryReviewed(
    DateTimeOffset From, DateTimeOffset To, ReviewedEntries? Filter, string Findings, long Entries, long? FirstSequence, long? LastSequence,
    string Hash, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

/// <summary>Which entries of a period; null values do not restrict. As in <c>GET /audit</c>.</summary>
/// <param name="Actor">An id, or a name at that time.</param>
/// <param name="Resource">An id, or a kind.</param>
public sealed record ReviewedEntries(string? Actor = null, string? Module = null, string? Resource = null, string? Type = null)
{
    [JsonIgnore]
    public bool IsAll => this == new ReviewedEntries();

    public IEnumerable<string> Given() => new[] { Actor, Module, Resource, Type }.OfType<string>();
}

/// <summary>A review as its event says.</summary>
public sealed record HistoryReview(string Id, HistoryReviewed Reviewed, DateTimeOffset At, Actor By)
{
    public const string Noun = "historyreview";
    public const string Meaning = "reviewed";

    private const int MostFindings = 4000;

    /// <summary>More than that nobody reads at once.</summary>
    private static readonly TimeSpan longest = TimeSpan.FromDays(366);

    /// <exception cref="ProblemException">400: the period does not fit.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) CheckPeriod(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now, Errors errors)
    {
        if (from is null) errors.Add("from", "This field is required.");
        if (to is null) errors.Add("to", "This field is required.");
        if (from >= to) errors.Add("to", "The end must be after the beginning.");
        else if (to > now) errors.Add("to", "What is still to come cannot have been read. Give an instant in the past.");
        else if (to - from > longest) errors.Add("from", "At most 366 days.");
        errors.ThrowIfAny();
        return (from!.Value, to!.Value);
    }

    /// <param name="digest">Of what lies in the period now.</param>
    /// <param name="seen">The hash that the reader was shown before they read; null: they do not say.</param>
    /// <exception cref="ProblemException">400; 403: they have acted in it themselves; 409: it is no longer what they have read.</exception>
    public static HistoryReviewed Decide(
        DateTimeOffset from, DateTimeOffset to, ReviewedEntries? filter, string? findings, string? seen, PeriodDigest digest)
    {
        var found = findings?.Trim() ?? "";
        if (found.EnumerateRunes().Count() is 0 or > MostFindings)
            throw ProblemException.Invalid("findings", "Say what you have found, in at most 4000 characters.");
        if (digest.OwnSequence is { } own) throw new ProblemException(
            403, "Not allowed.", $"Who reviews the history must be independent: the entry {own} of this period is your own doing.");
        if (seen is not null && !string.Equals(seen.Trim(), digest.Hash, StringComparison.OrdinalIgnoreCase)) throw ProblemException.Conflict(
            "The history of this period is not what you have read: its hash is another one. Read it again.");
        return new HistoryReviewed(
            from, to, filter is null or { IsAll: true } ? null : filter, found, digest.Entries, digest.First, digest.Last, digest.Hash);
    }

    /// <returns>Null: it is no review.</returns>
    public static HistoryReview? Of(string id, IEvent? e) =>
        e is { Version: 1, Data: HistoryReviewed reviewed } ? new HistoryReview(id, reviewed, e.Timestamp, e.Actor()) : null;
}

/// <summary>What lies in a period.</summary>
/// <param name="OwnSequence">The first entry that is the reviewer's own doing; null: there is none.</param>
public sealed record PeriodDigest(long Entries, long? First, long? Last, string Hash, long? OwnSequence);
