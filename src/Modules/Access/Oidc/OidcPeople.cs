using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.Oidc;

/// <summary>
/// Finds the person whom the identity provider names. A person is found by user name the first time, and bound to the provider's own id (iss and
/// sub): if the name is given to somebody else there, that one is not let in here.
/// </summary>
public sealed class OidcPeople(
    OidcSettings settings, PeopleCache people, ResourceStore<User, UserSettings> users, ResourceStore<Group, GroupSettings> groups, Accounts accounts,
    SecretVault vault, ILogger<OidcPeople> logger)
{
    /// <summary>Of a browser: the person is added if a setting says so, and is in the groups that the provider names.</summary>
    /// <exception cref="ProblemException">401: nobody here, or not this one.</exception>
    public async Task<User> SignInAsync(ClaimsPrincipal token, AuditContext audit, CancellationToken cancellation)
    {
        // Notify does it, as the provider says: nobody else has asked for it.
        audit = audit with { Actor = Actor.System, Reason = "sign-in at the identity provider" };
        var userName = UserNameOf(token);
        if ((await people.ReadAsync(cancellation)).FindUserNamed(userName) is null && settings.CreateUsers)
            await CreateAsync(userName, token, audit, cancellation);
        var user = await FindAsync(token, audit, cancellation);
        await JoinAsync(user, [.. token.FindAll(settings.GroupClaim).Select(x => x.Value)], audit, cancellation);
        return user;
    }

    /// <summary>Of a program's access token: only people who are there.</summary>
    /// <inheritdoc cref="SignInAsync"/>
    public async Task<User> FindAsync(ClaimsPrincipal token, AuditContext audit, CancellationToken cancellation)
    {
        var user = (await people.RecentAsync(cancellation)).FindUserNamed(UserNameOf(token))
            ?? (await people.ReadAsync(cancellation)).FindUserNamed(UserNameOf(token));
        if (user is not { Enabled: true, Settings.SignIn: SignInMethod.Oidc }) throw NotKnown();
        if (token.FindFirst("sub") is not { Value.Length: > 0 } subject) throw NotKnown();
        var identity = vault.Fingerprint($"identity {subject.Issuer} {subject.Value}");
        var account = await accounts.FindAsync(user.Id, cancellation) ?? throw Accounts.Damaged();
        if (account.Credential.Identity is null)
        {
            await accounts.ChangeAsync(
                user.Id, (now, _) => now.Credential.Identity is null ? [new IdentityLinked(user.Name, identity)] : [],
                audit with { Actor = Actor.System }, cancellation);
            account = await accounts.ReadAsync(user.Id, cancellation) ?? throw Accounts.Damaged();
        }

        if (account.Credential.Identity == identity) return user;
        logger.LogWarning("The identity provider calls somebody else {UserName} than it did: nobody was let in", user.Settings.UserName);
        throw NotKnown();
    }

    private async Task CreateAsync(string userName, ClaimsPrincipal token, AuditContext audit, CancellationToken cancellation)
    {
        var body = new JsonObject
        {
            ["userName"] = userName,
            ["name"] = token.FindFirstValue(settings.NameClaim) is { Length: > 0 } name ? Errors.Cut(name, 63) : userName,
            ["signIn"] = "oidc",
        };
        if (token.FindFirstValue("email") is { Length: > 0 } email) body["email"] = email;
        try
        {
            await users.CreateAsync(body, audit, first: null, cancellation);
        }
        catch (ProblemException e) when (e.Status is 400 or 409)
        {
            logger.LogWarning("Nobody was added for {UserName} of the identity provider: {Fault}", userName, e.Message);
        }
    }

    private async Task JoinAsync(User user, HashSet<string> claimed, AuditContext audit, CancellationToken cancellation)
    {
        // What the person leaves does not stand in the way of what they join.
        foreach (var group in (await people.ReadAsync(cancellation)).Groups.OrderBy(x => claimed.Contains(x.Settings.OidcGroup ?? "")))
        {
            if (group.Settings.OidcGroup is not { } named || claimed.Contains(named) == group.Settings.Members.Contains(user.Id)) continue;
            try
            {
                await groups.ChangeSettingsAsync(group.Id, ExpectedVersion.Any, (now, _) =>
                {
                    var others = now.Settings.Members.Where(x => x != user.Id);
                    var changed = now.Settings with { Members = claimed.Contains(named) ? [.. others, user.Id] : [.. others] };
                    return (changed, new GroupChanged(now.Name, now.Description, changed));
                }, audit, cancellation);
            }
            catch (ProblemException e) when (e.Status == 400)
            {
                // The provider makes nobody two administrators that are separated.
                logger.LogWarning("{UserName} was not put into the group {Group} of the identity provider: {Fault}", user.Settings.UserName, group.Name, e.Message);
            }
        }

        // So that the session that begins now begins with it.
        await people.ReadAsync(cancellation);
    }

    private string UserNameOf(ClaimsPrincipal token) => token.FindFirstValue(settings.UserNameClaim) ?? throw NotKnown();

    private static ProblemException NotKnown() => new(
        401, "Not authenticated.", "The identity provider signed you in, but you are not known here. Ask who manages people.");
}
