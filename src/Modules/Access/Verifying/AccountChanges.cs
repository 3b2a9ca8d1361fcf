using Notify.Access.People;
using Notify.Kernel;

namespace Notify.Access.Verifying;

internal static class AccountChanges
{
    /// <summary>Who takes over an account may do what its person may: so they must have all of that themselves.</summary>
    /// <exception cref="ProblemException">403 or 404.</exception>
    public static async Task<User> ForAccountChangeAsync(this PeopleCache people, string userId, AuditContext audit, CancellationToken cancellation)
    {
        var now = await people.ReadAsync(cancellation);
        var user = now.FindUser(userId) ?? throw ProblemException.NotFound("user", userId);
        now.AuthorityOf(audit.Actor).Check(
            now.GrantedBy(user.Settings.Roles.Concat(now.GroupsOf(userId).SelectMany(x => x.Settings.Roles))), user.Settings.Paths);
        return user;
    }
}
