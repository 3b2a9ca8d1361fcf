using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.Passwords;

/// <summary>
/// <c>POST /users/{id}/password</c>: a manager of people sets the password of a person and ends all sessions of that person. If changes of people
/// need approval, Notify generates the password at the approval and shows it to the approver only, so that neither of the two can sign in as the
/// person alone.
/// </summary>
public sealed class SetPassword(Accounts accounts, AccountChanges changes, PeopleCache people, PasswordHashes hashes, KnownSecrets secrets)
    : IApprovedChanges
{
    private const string Kind = "password";

    /// <param name="Password">Must be absent if changes of people need approval.</param>
    /// <param name="MustChange">Whether the person must choose another one at the next sign-in before doing anything else; default true.</param>
    public sealed record Request(string? Password = null, bool? MustChange = null);

    /// <param name="Password">Valid for one sign-in.</param>
    public sealed record Made(string Password);

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [Kind];

    async Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation) =>
        audit.Approval!.Password = await RunAsync(change.Id!, new(), audit, cancellation);

    /// <returns>The generated password; null: the caller chose it.</returns>
    /// <exception cref="ProblemException">400: it is not accepted; 403: the person has permissions that the caller lacks; 404: there is no such user;
    /// 409: the person does not sign in by password, or is the caller.</exception>
    public async Task<string?> RunAsync(string userId, Request request, AuditContext audit, CancellationToken cancellation)
    {
        var user = await changes.FindAsync(userId, audit, cancellation);
        if (audit.Actor.Id == userId) throw ProblemException.Conflict("Change your own password with POST /api/v1/session/password.");
        if (user.Settings.SignIn != SignInMethod.Password)
            throw ProblemException.Conflict("This person does not sign in by password. Set signIn to password first.");
        var isMade = audit.Approval is not null || await changes.NeedApprovalAsync(cancellation);
        var errors = new Errors();
        if (isMade && request.Password is not null) errors.Add(
            "password", "Changes of people need approval: leave the password out. Whoever approves gets one for a single sign-in.");
        else if (!isMade) PasswordRules.Check(request.Password, "password", errors, PasswordRules.About(user));
        if (isMade && request.MustChange == false) errors.Add("mustChange", "A password that is made for a single sign-in must be changed.");
        else if (people.IsSeparated && request.MustChange == false)
            errors.Add("mustChange", "Administrators are separated: whoever sets a password does not know it for long. Leave this out, or give true.");
        errors.ThrowIfAny();
        var password = isMade ? OneTimePassword.New() : request.Password!;
        if (isMade) secrets.AddChosen(password);
        await accounts.ChangeAsync(
            userId,
            (account, session) =>
            {
                SecretVault.Destroy(session, account.Credential.Password is { } old ? [old] : [], []);
                return
                [
                    new PasswordSet(user.Name, hashes.Store(session, userId, password), request.MustChange ?? true),
                    new SessionsEnded(user.Name, "passwordSet"),
                ];
            },
            audit, cancellation,
            (_, session) => changes.PassAsync(session, Kind, "replace", user, new FieldChange(Kind, null, "for one sign-in"), audit, cancellation));
        return isMade ? password : null;
    }

    public static void Map(RouteGroupBuilder users) =>
        users.MapPost("/{id}/password", async (string id, HttpContext http, SetPassword set) =>
            await set.RunAsync(id, await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted) is { } made
                ? TypedResults.Ok(new Made(made)) : Results.NoContent())
            .Requires(Permission.PeopleManage).MayNeedApproval("user").TakesSecrets()
            .Answers<Made>(200, "In an emergency, where changes of people need approval: the password that was made, for one sign-in.")
            .Answers(204, "The password was set; all sessions of the person have ended.")
            .Document(
                "setPassword", "Set a person's password",
                "12 to 256 characters, of any kind, and not easy to guess. Nobody sets the password of a person who may do more than they. Where changes "
                + "of people need approval, leave it out: one is made when somebody else approves, for one sign-in, and is in the answer to them alone.")
            .Takes<Request>("""{ "password": "four unrelated words here", "mustChange": true }""").ProducesProblem(StatusCodes.Status409Conflict);
}
