using Notify.Kernel.Events;

namespace Notify.Audit.Proofs.Verification;

/// <param name="Entries">Whose leaves were recomputed from the stored events.</param>
/// <param name="FirstBad">The first of <paramref name="Findings"/>.</param>
/// <param name="Size">The entries in the log.</param>
/// <param name="From">Of the period that was asked about; it and <paramref name="To"/> are null when it was everything.</param>
/// <param name="Signed">How many of them the latest good checkpoint vouches for; the rest is younger than a minute or so.</param>
/// <param name="Findings">All that was found, up to <see cref="MostFindings"/>; what is wrong with the events comes first.</param>
/// <param name="Found">How many there are, those included that are not listed.</param>
public sealed record VerificationResult(bool Valid, long Entries, Finding? FirstBad, long Size, long Signed, DateTimeOffset? SignedAt, double Seconds,
    IReadOnlyList<Finding> Findings, long Found, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    public const int MostFindings = 100;
}
