using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.Oidc;

/// <summary>Finds the person for an identity of the identity provider: by user name, which the first sign-in links to the provider's own id
/// (<c>iss</c> and <c>sub</c>). If the provider later gives the name to another identity, that one is refused.</summary>
public sealed class OidcPeople(
    OidcSettings settings, PeopleCache people, ResourceStore<User, UserSettings> users, ResourceStore<Group, GroupSettings> groups, Accounts accounts,
    SecretVault vault, ILogger<OidcPeople> logger)
{
    /// <summary>For a browser: adds an unknown person if the settings say so, and updates their memberships from the group claim.</summary>
    /// <exception cref="ProblemException">401: the person is unknown here, or another identity is linked.</exception>
    public async Task<User> SignInAsync(ClaimsPrincipal token, AuditContext audit, CancellationToken cancellation)
    {
        // Notify itself makes these changes, on behalf of nobody.
        audit = audit with { Actor = Actor.System, Reason = "sign-in at the identity provider" };
        var userName = UserNameOf(token);
        if ((await people.ReadAsync(cancellation)).FindUserNamed(userName) is null && settings.CreateUsers)
            await CreateAsync(userName, token, audit, cancellation);
        var user = await FindAsync(token, audit, cancellation);
        await JoinAsync(user, [.. token.FindAll(settings.GroupClaim).Select(x => x.Value)], audit, cancellation);
        return user;
    }

    /// <summary>For the access token of a program: adds nobody.</summary>
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
        // Leave groups first, so that they cannot prevent joining others (separated administrators). One that the last administrator cannot leave is
        // tried again after the others: another group may have made them administrator.
        var failed = new List<Group>();
        foreach (var group in (await people.ReadAsync(cancellation)).Groups.OrderBy(x => claimed.Contains(x.Settings.OidcGroup ?? "")))
            if (await ChangeAsync(group) is not null) failed.Add(group);
        foreach (var group in failed)
        {
            if (await ChangeAsync(group) is { } fault) logger.LogWarning(
                "What the identity provider says about {UserName} and the group {Group} was not followed: {Fault}", user.Settings.UserName, group.Name, fault);
        }

        // So that the new session sees the memberships at once.
        await people.ReadAsync(cancellation);

        // Returns why the claim is not followed: it would give the person the permissions of two separated administrators, or leave no administrator.
        async Task<string?> ChangeAsync(Group group)
        {
            if (group.Settings.OidcGroup is not { } named || claimed.Contains(named) == group.Settings.Members.Contains(user.Id)) return null;
            try
            {
                await groups.ChangeSettingsAsync(group.Id, ExpectedVersion.Any, (now, _) =>
                {
                    var others = now.Settings.Members.Where(x => x != user.Id);
                    var changed = now.Settings with { Members = claimed.Contains(named) ? [.. others, user.Id] : [.. others] };
                    return (changed, new GroupChanged(now.Name, now.Description, changed));
                }, audit, cancellation);
                return null;
            }
            catch (ProblemException e) when (e.Status is 400 or 409)
            {
                return e.Message;
            }
        }
    }

    private string UserNameOf(ClaimsPrincipal token) => token.FindFirstValue(settings.UserNameClaim) ?? throw NotKnown();

    private static ProblemException NotKnown() => new(
        401, "Not authenticated.", "The identity provider signed you in, but you are not known here. Ask who manages people.");
}
