using Marten;

namespace Notify.Kernel.Resources;

/// <summary>
/// The gate for every change that may need a second person's approval. Modules that make changes call it; the Access module has the policy, the
/// proposals and the rules of who may approve.
/// </summary>
public interface IApprovals
{
    /// <summary>Whether the change must pass: the policy requires something, or it was approved, which is recorded when it passes, even if the policy
    /// requires nothing any more. If not, it need not be described.</summary>
    Task<bool> AskAsync(IQuerySession session, AuditContext audit, CancellationToken cancellation);

    /// <summary>
    /// Call it in the transaction that makes the change, after all its checks, and before any of its events is appended to the session.
    /// </summary>
    /// <param name="session">Contains only new secrets, which are committed with the proposal.</param>
    /// <param name="commit">Commits the transaction, if saving the session does not.</param>
    /// <returns>The context in which the change must be recorded, with the approval or the emergency.</returns>
    /// <exception cref="ChangeProposedException">It was proposed instead: nothing else of it may be done.</exception>
    /// <exception cref="ProblemException">400: the policy requires a reason, and there is none.</exception>
    Task<AuditContext> PassAsync(
        IDocumentSession session, ChangeToApprove change, AuditContext audit, Func<Task>? commit, CancellationToken cancellation);
}

/// <summary>Makes changes of some kinds after they have been approved.</summary>
public interface IApprovedChanges
{
    IReadOnlyCollection<string> Kinds { get; }

    /// <summary>
    /// Makes the change as its author would now, with all checks. It calls <see cref="IApprovals.PassAsync"/> with the same
    /// <paramref name="audit"/>, which records the approval in the same transaction.
    /// </summary>
    /// <param name="audit">The author's context, with the <see cref="Approval"/>.</param>
    /// <exception cref="NothingToChangeException">Nothing is left of it, and nothing was committed.</exception>
    Task MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation);
}

/// <summary>An approved change has nothing left to change: what it asks for is already there.</summary>
/// <param name="found">What the change would be based on now.</param>
public sealed class NothingToChangeException(IReadOnlyList<BaseVersion> found) : Exception("The approved change would change nothing.")
{
    public IReadOnlyList<BaseVersion> Found => found;
}
