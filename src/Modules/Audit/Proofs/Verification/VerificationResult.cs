using Notify.Kernel.Events;

namespace Notify.Audit.Proofs.Verification;

/// <param name="Entries">How many entries had their leaves recomputed from the stored events.</param>
/// <param name="FirstBad">The first of <paramref name="Findings"/>.</param>
/// <param name="Size">The entries in the log.</param>
/// <param name="From">The beginning of the verified period; null, like <paramref name="To"/>: everything was verified.</param>
/// <param name="Signed">How many of them the latest matching checkpoint covers; the others are usually younger than a minute.</param>
/// <param name="Findings">The findings, at most <see cref="MostFindings"/>; those about events come first.</param>
/// <param name="Found">The number of findings, including those that are not listed.</param>
public sealed record VerificationResult(bool Valid, long Entries, Finding? FirstBad, long Size, long Signed, DateTimeOffset? SignedAt, double Seconds,
    IReadOnlyList<Finding> Findings, long Found, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    public const int MostFindings = 100;
}
