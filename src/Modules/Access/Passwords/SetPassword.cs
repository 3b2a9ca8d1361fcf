using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Access.Passwords;

/// <summary><c>POST /users/{id}/password</c>: who manages people gives somebody a password. All sessions of that person end.</summary>
public sealed class SetPassword(Accounts accounts, PeopleCache people, PasswordHashes hashes)
{
    /// <param name="MustChange">The person must choose one of their own at the next sign-in, before they may do anything else. Default true.</param>
    public sealed record Request([property: Required] string? Password, bool? MustChange = null);

    /// <exception cref="ProblemException">400: it is not taken; 403: the person may do more than the caller; 404: there is no such user; 409: the
    /// person does not sign in by password, or is the caller.</exception>
    public async Task RunAsync(string userId, Request request, AuditContext audit, CancellationToken cancellation)
    {
        var user = await people.ForAccountChangeAsync(userId, audit, cancellation);
        if (audit.Actor.Id == userId) throw ProblemException.Conflict("Change your own password with POST /api/v1/session/password.");
        if (user.Settings.SignIn != SignInMethod.Password)
            throw ProblemException.Conflict("This person does not sign in by password. Set signIn to password first.");
        var errors = new Errors();
        if (people.IsSeparated && request.MustChange == false)
            errors.Add("mustChange", "Administrators are separated: whoever sets a password does not know it for long. Leave this out, or give true.");
        PasswordRules.Check(request.Password, "password", errors, PasswordRules.About(user));
        errors.ThrowIfAny();
        await accounts.ChangeAsync(userId, (account, session) =>
        {
            SecretVault.Destroy(session, account.Credential.Password is { } old ? [old] : [], []);
            return
            [
                new PasswordSet(user.Name, hashes.Store(session, userId, request.Password!), request.MustChange ?? true),
                new SessionsEnded(user.Name, "passwordSet"),
            ];
        }, audit, cancellation);
    }

    public static void Map(RouteGroupBuilder users) =>
        users.MapPost("/{id}/password", async (string id, HttpContext http, SetPassword set) =>
        {
            await set.RunAsync(id, await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Requires(Permission.PeopleManage).TakesSecrets().Answers(204, "The password was set; all sessions of the person have ended.")
            .Document(
                "setPassword", "Set a person's password",
                "12 to 256 characters, of any kind, and not easy to guess. Nobody sets the password of a person who may do more than they.")
            .Takes<Request>("""{ "password": "four unrelated words here", "mustChange": true }""").ProducesProblem(StatusCodes.Status409Conflict);
}
