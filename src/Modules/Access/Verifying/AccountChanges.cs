using System.Text.Json.Nodes;
using Marten;
using Notify.Access.People;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Access.Verifying;

/// <summary>The rules for changing the credentials of another person. Whoever sets them could sign in as that person, so the caller must have all
/// permissions of the person; and this needs approval if changes of people do.</summary>
public sealed class AccountChanges(PeopleCache people, PolicyOnRecord policies, IApprovals approvals, IDocumentStore store)
{
    private const string Kind = "user";

    /// <exception cref="ProblemException">403: the person has permissions that the caller or the approver lacks; 404.</exception>
    public async Task<User> FindAsync(string userId, AuditContext audit, CancellationToken cancellation)
    {
        var now = await people.ReadAsync(cancellation);
        var user = now.FindUser(userId) ?? throw ProblemException.NotFound("user", userId);
        foreach (var actor in audit.Approval is { } approval ? (Actor[])[audit.Actor, approval.By] : [audit.Actor])
        {
            now.AuthorityOf(actor).Check(
                now.GrantedBy(user.Settings.Roles.Concat(now.GroupsOf(userId).SelectMany(x => x.Settings.Roles))), user.Settings.Paths);
        }

        return user;
    }

    /// <summary>Whether changes of people need approval.</summary>
    public async Task<bool> NeedApprovalAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return (await policies.ReadAsync(session, cancellation)).NeedsApproval([Kind]);
    }

    /// <summary>Call it in the transaction of the change, before the change.</summary>
    /// <param name="what">The kind of the proposal: <c>password</c> or <c>secondFactor</c>.</param>
    /// <returns>The context in which the change is recorded.</returns>
    /// <exception cref="ChangeProposedException">The change needs approval and was proposed.</exception>
    /// <exception cref="ProblemException">400: the policy requires a reason and there is none.</exception>
    public async Task<AuditContext> PassAsync(
        IDocumentSession session, string what, string verb, User user, FieldChange change, AuditContext audit, CancellationToken cancellation)
    {
        // Serialises changes of the configuration, so that none is decided under a policy that is being replaced.
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        return await approvals.PassAsync(
            session,
            new ChangeToApprove(what, verb, user.Id, user.Name, [change], [new BaseVersion(user.Id, user.Version)], new JsonObject())
            { OtherKinds = [Kind] },
            audit, commit: null, cancellation);
    }
}
