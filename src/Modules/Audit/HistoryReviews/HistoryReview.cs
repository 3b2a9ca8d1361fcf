using System.Text.Json.Serialization;
using JasperFx.Events;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Signing;

namespace Notify.Audit.HistoryReviews;

/// <summary>Somebody independent has signed that they have read a period of the history. Stream <c>historyreview-…</c>.</summary>
/// <param name="From">The beginning of the period, by the times at which entries were recorded.</param>
/// <param name="To">The end of the period, exclusive.</param>
/// <param name="Filter">Null: all of the period was read.</param>
/// <param name="Entries">How many entries.</param>
/// <param name="FirstSequence">Null, like <paramref name="LastSequence"/>: there are no entries.</param>
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

/// <summary>A review, as recorded in its event.</summary>
public sealed record HistoryReview(string Id, HistoryReviewed Reviewed, DateTimeOffset At, Actor By)
{
    public const string Noun = "historyreview";
    public const string Meaning = "reviewed";

    private const int MostFindings = 4000;

    /// <summary>The longest period that one review may cover.</summary>
    private static readonly TimeSpan longest = TimeSpan.FromDays(366);

    /// <exception cref="ProblemException">400: the period is invalid.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) CheckPeriod(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now, Errors errors)
    {
        if (from is null) errors.Add("from", "This field is required.");
        if (to is null) errors.Add("to", "This field is required.");
        if (from >= to) errors.Add("to", "The end must be after the beginning.");
        else if (to > now) errors.Add("to", "The period must end in the past.");
        else if (to - from > longest) errors.Add("from", "At most 366 days.");
        errors.ThrowIfAny();
        return (from!.Value, to!.Value);
    }

    /// <param name="digest">What the period contains now.</param>
    /// <param name="seen">The hash that the reader was shown before reading; null: not given.</param>
    /// <exception cref="ProblemException">400: the findings are invalid; 403: the reader acted in the period; 409: the period has changed since it
    /// was read.</exception>
    public static HistoryReviewed Decide(
        DateTimeOffset from, DateTimeOffset to, ReviewedEntries? filter, string? findings, string? seen, PeriodDigest digest)
    {
        var found = findings?.Trim() ?? "";
        if (found.EnumerateRunes().Count() is 0 or > MostFindings)
            throw ProblemException.Invalid("findings", "Findings are required, in at most 4000 characters.");
        if (digest.OwnSequence is { } own) throw new ProblemException(
            403, "Not allowed.", $"The reviewer must be independent: the entry {own} of this period is your own action.");
        if (seen is not null && !string.Equals(seen.Trim(), digest.Hash, StringComparison.OrdinalIgnoreCase)) throw ProblemException.Conflict(
            "The history of this period is not what you have read: its hash is different. Read it again.");
        return new HistoryReviewed(
            from, to, filter is null or { IsAll: true } ? null : filter, found, digest.Entries, digest.First, digest.Last, digest.Hash);
    }

    /// <returns>Null: the event is not a review.</returns>
    public static HistoryReview? Of(string id, IEvent? e) =>
        e is { Version: 1, Data: HistoryReviewed reviewed } ? new HistoryReview(id, reviewed, e.Timestamp, e.Actor()) : null;
}

/// <summary>What a period contains.</summary>
/// <param name="OwnSequence">The first entry that the reviewer caused; null: none.</param>
public sealed record PeriodDigest(long Entries, long? First, long? Last, string Hash, long? OwnSequence);
