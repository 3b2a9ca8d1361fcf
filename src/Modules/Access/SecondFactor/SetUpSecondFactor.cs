using System.Security.Cryptography;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.SecondFactor;

/// <summary>
/// <c>/session/second-factor</c>: sets up an authenticator app, whose codes are then required in addition to the password. This takes two requests:
/// the first returns the secret, the second proves by a code that the app has it. Between them the caller keeps the protected secret; Notify stores
/// nothing.
/// </summary>
public sealed class SetUpSecondFactor(
    Verification verification, AuthenticatorCodes codes, Accounts accounts, AccountChanges changes, PeopleCache people, SecretVault vault,
    UserManager<SignInUser> users, IDataProtectionProvider protection) : IApprovedChanges
{
    private const string Kind = "secondFactor";
    private const string Issuer = "Notify";
    private const int RecoveryCodes = 10;

    /// <summary>Characters, shown in groups of four: 140 random bits.</summary>
    private const int RecoveryCodeLength = 28;

    /// <summary>Without characters that are easily confused; 5 bits each.</summary>
    private const string RecoveryAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    private static readonly TimeSpan patience = TimeSpan.FromMinutes(15);

    /// <param name="Password">Begins the set-up, if it is the only field.</param>
    /// <param name="State">From the first answer.</param>
    /// <param name="Code">From the app; completes the set-up, together with <paramref name="State"/>.</param>
    public sealed record Request(string? Password = null, string? State = null, string? Code = null);

    /// <param name="Secret">The secret in base 32, for typing it into the app; only in the first answer.</param>
    /// <param name="Uri">The same as a URI for a QR code (<c>otpauth://totp/…</c>); only in the first answer.</param>
    /// <param name="State">Send it back with a code within 15 minutes; only in the first answer.</param>
    /// <param name="RecoveryCodes">Each can be used once in place of the app. Only in the second answer, and never shown again.</param>
    public sealed record Answer(string? Secret, string? Uri, string? State, IReadOnlyList<string>? RecoveryCodes);

    /// <param name="Password">Required unless a code is given.</param>
    public sealed record Removal(string? Password = null, string? Code = null);

    /// <exception cref="ProblemException">400: a field is missing or invalid; 403: the password is wrong; 429: too many attempts.</exception>
    public async Task<Answer> RunAsync(Request request, AuditContext audit, CancellationToken cancellation)
    {
        var userId = Caller.UserOf(audit);
        if (!string.IsNullOrEmpty(request.State)) return await EndAsync(userId, request.State, request.Code, audit, cancellation);
        if (string.IsNullOrEmpty(request.Password))
            throw ProblemException.Invalid("password", "Give your password to begin, or state and code to end a set-up.");
        await verification.VerifyAgainAsync(userId, request.Password, code: null, audit, cancellation);
        var user = (await people.ReadAsync(cancellation)).FindUser(userId) ?? throw Verification.NoPassword();
        var secret = users.GenerateNewAuthenticatorKey();
        var label = Uri.EscapeDataString($"{Issuer}:{user.Settings.UserName}");
        return new Answer(
            secret, $"otpauth://totp/{label}?secret={secret}&issuer={Issuer}&digits=6", Protector(userId).Protect(secret, patience), RecoveryCodes: null);
    }

    /// <exception cref="ProblemException">403: password or code is wrong; 409: none is set up; 429: too many attempts.</exception>
    public async Task RemoveAsync(Removal request, AuditContext audit, CancellationToken cancellation)
    {
        var userId = Caller.UserOf(audit);
        await verification.VerifyAgainAsync(userId, request.Password, request.Code, audit, cancellation);
        await RemoveAsync(userId, audit.Actor.Name, audit.Session, audit, cancellation);
    }

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [Kind];

    Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation) =>
        RemoveOfAsync(change.Id!, audit, cancellation);

    /// <summary>Removes the second factor of another person, who has lost the app and the recovery codes. Needs approval if changes of people
    /// do.</summary>
    /// <exception cref="ProblemException">403: the person has permissions that the caller lacks; 404: there is no such user; 409: none is set
    /// up.</exception>
    public async Task RemoveOfAsync(string userId, AuditContext audit, CancellationToken cancellation)
    {
        var user = await changes.FindAsync(userId, audit, cancellation);
        if (audit.Actor.Id == userId) throw ProblemException.Conflict("Remove your own second factor with DELETE /api/v1/session/second-factor.");
        await RemoveAsync(userId, user.Name, except: null, audit, cancellation, (account, session) =>
        {
            CheckThereIsOne(account);
            return changes.PassAsync(session, Kind, "delete", user, new FieldChange(Kind, true, null), audit, cancellation);
        });
    }

    public static void Map(RouteGroupBuilder session, RouteGroupBuilder people)
    {
        session.MapPost("/second-factor", async (HttpContext http, SetUpSecondFactor setUp) =>
            await setUp.RunAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted))
            .Own("Everybody may protect their own account.").TakesSecrets()
            .Document(
                "setUpSecondFactor", "Set up a second factor",
                "First with your password: the answer has a secret for an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds). Then with state and a "
                + "code that the app shows: the answer has recovery codes. From then on signing in with the password needs a code too.")
            .Takes<Request>("""{ "password": "four unrelated words here" }""");
        session.MapDelete("/second-factor", async (HttpContext http, SetUpSecondFactor setUp) =>
        {
            await setUp.RemoveAsync(await http.Request.ReadAsync<Removal>(), http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Own("Everybody decides how their own account is protected.").TakesSecrets().Answers(204, "Your password alone is enough again.")
            .Document("removeSecondFactor", "Remove your second factor", "With your password, or a code.")
            .Takes<Removal>("""{ "password": "four unrelated words here" }""").ProducesProblem(StatusCodes.Status409Conflict);
        people.MapDelete("/{id}/second-factor", async (string id, HttpContext http, SetUpSecondFactor setUp) =>
        {
            await setUp.RemoveOfAsync(id, http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Requires(Permission.PeopleManage).MayNeedApproval("user").Answers(204, "The person's password alone is enough again; all their sessions have ended.")
            .Document(
                "removeSecondFactorOf", "Remove a person's second factor",
                "For somebody who has lost their app and their recovery codes. Nobody does it to a person who may do more than they.")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private async Task<Answer> EndAsync(string userId, string state, string? code, AuditContext audit, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(code)) throw ProblemException.Invalid("code", "Give the code that the app shows.");
        string secret;
        try
        {
            secret = Protector(userId).Unprotect(state);
        }
        catch (CryptographicException)
        {
            throw ProblemException.Invalid("state", "This set-up is over, or is not yours. Begin it again.");
        }

        if (!codes.Fits(secret, code))
            throw ProblemException.Invalid("code", "The code does not fit. Check the clock of the device, and give the code that it shows now.");
        string[] recovery =
            [.. Enumerable.Range(0, RecoveryCodes).Select(_ => RandomNumberGenerator.GetString(RecoveryAlphabet, RecoveryCodeLength))];
        await accounts.ChangeAsync(userId, (now, session) => Enable(userId, now, secret, code, recovery, audit, session), audit, cancellation);
        return new Answer(null, null, null, [.. recovery.Select(x => string.Join('-', x.Chunk(4).Select(y => new string(y))))]);
    }

    private object[] Enable(
        string userId, Account account, string secret, string code, IEnumerable<string> recovery, AuditContext audit, IDocumentSession session)
    {
        if (account.Credential.SecondFactor is { } old) SecretVault.Destroy(session, [old], []);
        return
        [
            new SecondFactorEnabled(vault.StoreFor(userId, session, secret), [.. recovery.Select(x => codes.FingerprintOf(userId, x))]),
            new CodeUsed(codes.FingerprintOf(userId, code)),
            new SessionsEnded(audit.Actor.Name, "secondFactorChanged", audit.Session),
        ];
    }

    private async Task RemoveAsync(
        string userId, string name, string? except, AuditContext audit, CancellationToken cancellation,
        Func<Account, IDocumentSession, Task<AuditContext>>? pass = null) =>
        await accounts.ChangeAsync(userId, (account, session) =>
        {
            SecretVault.Destroy(session, [CheckThereIsOne(account)], []);
            return [new SecondFactorDisabled(), new SessionsEnded(name, "secondFactorChanged", except)];
        }, audit, cancellation, pass);

    private static SecretRef CheckThereIsOne(Account account) =>
        account.Credential.SecondFactor ?? throw ProblemException.Conflict("There is no second factor.");

    /// <summary>Bound to the user, so that nobody can complete a set-up that another user has begun.</summary>
    private ITimeLimitedDataProtector Protector(string userId) =>
        protection.CreateProtector("Notify.SecondFactor", userId).ToTimeLimitedDataProtector();
}
