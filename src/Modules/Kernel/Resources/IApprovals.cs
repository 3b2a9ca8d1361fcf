using Marten;

namespace Notify.Kernel.Resources;

/// <summary>
/// The gate that every change passes which may need a second person. The modules that make changes know it; the policy, the proposals and who may
/// approve are Access's.
/// </summary>
public interface IApprovals
{
    /// <summary>Whether the policy asks for anything at all; if not, a change need not be described to pass.</summary>
    Task<bool> AskAsync(IQuerySession session, CancellationToken cancellation);

    /// <summary>
    /// To be called in the transaction that makes the change, after all its checks, and before any of its events is appended to the session.
    /// </summary>
    /// <param name="session">Holds nothing but new secrets, which are committed with the proposal.</param>
    /// <param name="commit">Commits the transaction, where the session does not do so when it is saved.</param>
    /// <returns>The context in which the change is to be recorded: it says who approved, or that it was an emergency.</returns>
    /// <exception cref="ChangeProposedException">It is proposed instead: nothing else of it may be made.</exception>
    /// <exception cref="ProblemException">400: there is no reason, and the policy wants one.</exception>
    Task<AuditContext> PassAsync(
        IDocumentSession session, ChangeToApprove change, AuditContext audit, Func<Task>? commit, CancellationToken cancellation);
}

/// <summary>Makes changes of some kinds when they have been approved.</summary>
public interface IApprovedChanges
{
    IReadOnlyCollection<string> Kinds { get; }

    /// <summary>
    /// Makes the change as its author would now, with all checks. It comes to <see cref="IApprovals.PassAsync"/> with the same
    /// <paramref name="audit"/>, which records the approval in the same transaction.
    /// </summary>
    /// <param name="audit">The author's, with the <see cref="Approval"/>.</param>
    Task MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation);
}
