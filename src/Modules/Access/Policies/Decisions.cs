using Notify.Kernel;

namespace Notify.Access.Policies;

/// <summary>The subject of a change, as a proposal or an emergency shows it.</summary>
/// <param name="Id">Null: it has none before it is made.</param>
public sealed record ProposedResource(string? Id, string Name);

internal static class Decisions
{
    /// <param name="given">With the decision; null: that of the request counts.</param>
    /// <exception cref="ProblemException">400: it is too long.</exception>
    public static AuditContext WithReason(this AuditContext audit, string? given)
    {
        if (given?.EnumerateRunes().Count() > 500)
            throw ProblemException.Invalid("reason", "A reason has at most 500 characters.");
        return given?.Trim() is { Length: > 0 } reason ? audit with { Reason = reason } : audit;
    }
}
