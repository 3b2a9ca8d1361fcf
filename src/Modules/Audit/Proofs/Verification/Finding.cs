namespace Notify.Audit.Proofs.Verification;

/// <summary>The first thing that is wrong, as a person can act on it.</summary>
/// <param name="Kind"><c>changed</c>, <c>deleted</c>, <c>inserted</c>, <c>reordered</c>, <c>rewritten</c>, <c>log</c>, <c>checkpoint</c> or <c>erasure</c>.</param>
/// <param name="Sequence">The event, where one can be named.</param>
public sealed record Finding(string Kind, string Explanation, long? Sequence = null, string? Type = null, string? StreamId = null);

/// <param name="Entries">Whose leaves were computed anew from the stored events.</param>
/// <param name="Size">The entries in the log.</param>
/// <param name="From">Of the period that was asked about; it and <paramref name="To"/> are null when it was everything.</param>
/// <param name="Signed">How many of them the latest good checkpoint vouches for; the rest is younger than a minute or so.</param>
public sealed record VerificationResult(bool Valid, long Entries, Finding? FirstBad, long Size, long Signed, DateTimeOffset? SignedAt, double Seconds,
    DateTimeOffset? From = null, DateTimeOffset? To = null);
