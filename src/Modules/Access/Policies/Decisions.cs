using Notify.Kernel;

namespace Notify.Access.Policies;

/// <summary>The resource that a proposal or an emergency changes.</summary>
/// <param name="Id">Null: the change creates it.</param>
public sealed record ProposedResource(string? Id, string Name);

internal static class Decisions
{
    /// <param name="given">The reason given with the decision; null: keep the reason of the request.</param>
    /// <exception cref="ProblemException">400: it is too long.</exception>
    public static AuditContext WithReason(this AuditContext audit, string? given)
    {
        if (given?.EnumerateRunes().Count() > 500)
            throw ProblemException.Invalid("reason", "A reason has at most 500 characters.");
        return given?.Trim() is { Length: > 0 } reason ? audit with { Reason = reason } : audit;
    }
}
