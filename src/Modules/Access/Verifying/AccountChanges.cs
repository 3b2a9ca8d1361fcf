using System.Text.Json.Nodes;
using Marten;
using Notify.Access.People;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Access.Verifying;

/// <summary>
/// Somebody changes what another person signs in with. Who takes over an account may do what its person may: so they must have all of that
/// themselves, and where changes of people need approval, this needs it too.
/// </summary>
public sealed class AccountChanges(PeopleCache people, PolicyOnRecord policies, IApprovals approvals, IDocumentStore store)
{
    private const string Kind = "user";

    /// <exception cref="ProblemException">403: the person may do more than the caller, or than who has approved it; 404.</exception>
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

    /// <summary>Whether it takes a second person.</summary>
    public async Task<bool> NeedApprovalAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return (await policies.ReadAsync(session, cancellation)).NeedsApproval([Kind]);
    }

    /// <summary>In the transaction that makes the change, before anything of it.</summary>
    /// <param name="what">The kind of the proposal: <c>password</c> or <c>secondFactor</c>.</param>
    /// <returns>The context in which it is recorded.</returns>
    /// <exception cref="ChangeProposedException">It is proposed instead.</exception>
    /// <exception cref="ProblemException">400: there is no reason, and the policy wants one.</exception>
    public async Task<AuditContext> PassAsync(
        IDocumentSession session, string what, string verb, User user, FieldChange change, AuditContext audit, CancellationToken cancellation)
    {
        // As every change that may need approval: none is decided by a policy that is being replaced.
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        return await approvals.PassAsync(
            session,
            new ChangeToApprove(what, verb, user.Id, user.Name, [change], [new BaseVersion(user.Id, user.Version)], new JsonObject())
            { OtherKinds = [Kind] },
            audit, commit: null, cancellation);
    }
}
