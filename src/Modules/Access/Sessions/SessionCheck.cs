using System.Security.Claims;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Kernel.Http;

namespace Notify.Access.Sessions;

/// <summary>Tells whether a session is still valid, and for whom, from the events of the account and of people. A change takes effect on every node
/// within five seconds.</summary>
public sealed class SessionCheck(Accounts accounts, PeopleCache people, SignInSettings settings, TimeProvider time)
{
    /// <summary>The claim that says what somebody must do before they may do anything else.</summary>
    public const string DutyClaim = "notify:duty";

    public const string ChangePasswordDuty = "changePassword";
    public const string SecondFactorDuty = "setUpSecondFactor";

    /// <returns>Null: the session has ended, or the user may no longer sign in.</returns>
    public async Task<ClaimsPrincipal?> FindAsync(string userId, string session, CancellationToken cancellation)
    {
        // Another node may have begun the session, or created the user, a moment ago.
        var account = await accounts.FindAsync(userId, cancellation);
        if (account?.Sessions.Find(session, time.GetUtcNow()) is null) account = await accounts.ReadAsync(userId, cancellation);
        if (account?.Sessions.Find(session, time.GetUtcNow()) is not { } open) return null;
        var now = await people.RecentAsync(cancellation);
        if (now.FindUser(userId) is null) now = await people.ReadAsync(cancellation);
        if (now.FindUser(userId) is not { } user || !MaySignIn(user)) return null;
        var principal = now.PrincipalOf(user, open.Method, session);
        return DutyOf(account.Credential, open.Method) is { } duty ? Limited(principal, duty) : principal;
    }

    public static bool MaySignIn(User user) => user is { Enabled: true, Settings.SignIn: not SignInMethod.None };

    private string? DutyOf(Credential credential, string method) =>
        method.StartsWith(SignInMethods.Password, StringComparison.Ordinal) && credential.MustChangePassword ? ChangePasswordDuty
        : method == SignInMethods.Password && settings.RequiresSecondFactor ? SecondFactorDuty
        : null;

    private static ClaimsPrincipal Limited(ClaimsPrincipal principal, string duty)
    {
        var claims = principal.Claims.Where(x => x.Type != EndpointPermissions.ClaimType).Append(new Claim(DutyClaim, duty));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, principal.Identity!.AuthenticationType));
    }
}
