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

/// <summary><c>POST /session/password</c>: changes one's own password and ends one's other sessions.</summary>
public sealed class ChangePassword(Verification verification, Accounts accounts, PeopleCache people, PasswordHashes hashes)
{
    /// <param name="Password">The current one.</param>
    public sealed record Request([property: Required] string? Password, [property: Required] string? NewPassword);

    /// <exception cref="ProblemException">400: the new password is not accepted; 403: the current one is wrong; 429: too many attempts.</exception>
    public async Task RunAsync(Request request, AuditContext audit, CancellationToken cancellation)
    {
        var userId = Caller.UserOf(audit);
        var errors = new Errors();
        if (string.IsNullOrEmpty(request.Password)) errors.Add("password", "The current password is required.");
        var user = (await people.ReadAsync(cancellation)).FindUser(userId) ?? throw Verification.NoPassword();
        PasswordRules.Check(request.NewPassword, "newPassword", errors, PasswordRules.About(user));
        if (!string.IsNullOrEmpty(request.Password) && request.Password == request.NewPassword)
            errors.Add("newPassword", "This is the current password. Choose another one.");
        errors.ThrowIfAny();
        await verification.VerifyAgainAsync(userId, request.Password, code: null, audit, cancellation);
        await accounts.ChangeAsync(userId, (account, session) =>
        {
            SecretVault.Destroy(session, account.Credential.Password is { } old ? [old] : [], []);
            return
            [
                new PasswordChanged(hashes.Store(session, userId, request.NewPassword!)),
                new SessionsEnded(user.Name, "passwordChanged", audit.Session),
            ];
        }, audit, cancellation);
    }

    public static void Map(RouteGroupBuilder session) =>
        session.MapPost("/password", async (HttpContext http, ChangePassword change) =>
        {
            await change.RunAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Own("Everybody may change their own password.").TakesSecrets().Answers(204, "The password was changed; your other sessions have ended.")
            .Document(
                "changePassword", "Change your password",
                "12 to 256 characters, of any kind. Refused is what is easy to guess: common passwords, words, names, dates and patterns.")
            .Takes<Request>("""{ "password": "four unrelated words here", "newPassword": "another set of unrelated words" }""");
}
