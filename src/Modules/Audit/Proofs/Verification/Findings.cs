using Notify.Kernel.Events;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Collects findings: an overwritten table may have millions, of which the first hundred are kept and the rest are counted.</summary>
public sealed class Findings
{
    private readonly List<Finding> kept = [];

    public IReadOnlyList<Finding> Kept => kept;

    public long Count { get; private set; }

    public bool Any => Count > 0;

    public void Add(Finding finding)
    {
        Count++;
        if (kept.Count < VerificationResult.MostFindings) kept.Add(finding);
    }

    public void AddRange(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings) Add(finding);
    }

    public void AddRange(Findings others)
    {
        AddRange(others.kept);
        Count += others.Count - others.kept.Count;
    }

    /// <summary>Replaces the findings that were added from the given place on.</summary>
    public void Reword(long from, Func<Finding, Finding> reword)
    {
        for (var i = (int)Math.Min(from, kept.Count); i < kept.Count; i++) kept[i] = reword(kept[i]);
    }
}
