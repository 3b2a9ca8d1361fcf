using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Access.Http;
using Notify.Access.People;
using Notify.Access.Sessions;
using Notify.Access.SignIns;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Access.Passkeys;

/// <summary>Passkeys (WebAuthn level 3), by ASP.NET Core Identity's handler: <c>/session/passkeys</c> manages one's own, <c>/session/passkey</c>
/// signs in with one. The caller keeps the protected challenge, which is accepted once.</summary>
public sealed class PasskeyEndpoints(
    IPasskeyHandler<SignInUser> handler, Verification verification, StartSession start, Accounts accounts, PeopleCache people, SecretVault vault,
    IDataProtectionProvider protection, TimeProvider time, ILogger<PasskeyEndpoints> logger)
{
    private const string AnybodySigningIn = "sign-in";
    private const int MostPasskeys = 20;
    private const int LongestName = 64;

    /// <summary>Must be shorter than <see cref="Credential.CodeLifetime"/>, for which used challenges are remembered.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    /// <param name="Password">Required unless a code is given.</param>
    public sealed record Proof(string? Password = null, string? Code = null);

    /// <param name="Options">Input of <c>PublicKeyCredential.parse…OptionsFromJSON</c>, for <c>navigator.credentials</c>.</param>
    /// <param name="State">Send it back with the credential within three minutes.</param>
    public sealed record Challenge([property: Required] JsonObject Options, [property: Required] string State);

    /// <param name="Name">A name of your choice, 1 to 64 characters.</param>
    /// <param name="Credential">The result of <c>PublicKeyCredential.toJSON()</c>.</param>
    public sealed record Addition([property: Required] string? Name, [property: Required] string? State, [property: Required] JsonObject? Credential);

    /// <inheritdoc cref="Addition"/>
    public sealed record Assertion([property: Required] string? State, [property: Required] JsonObject? Credential);

    public sealed record List(IReadOnlyList<Item> Items);

    public sealed record Item(string Id, string Name, DateTimeOffset AddedAt);

    public static void Map(RouteGroupBuilder session)
    {
        var own = session.MapGroup("/passkeys");
        own.MapGet("", async (HttpContext http, PasskeyEndpoints passkeys) =>
            await passkeys.ListAsync(Caller.UserOf(http.Audit()), http.RequestAborted))
            .Own("They are the caller's own.")
            .Document("listPasskeys", "List your passkeys", "With which you can sign in without a password.");
        own.MapPost("/options", async (HttpContext http, PasskeyEndpoints passkeys) =>
            await passkeys.BeginAsync(http, await http.Request.ReadAsync<Proof>()))
            .Own("Everybody may add a passkey to their own account.").TakesSecrets()
            .Document("beginPasskey", "Begin to add a passkey", "With your password, or a code. The answer is for the browser, which asks for the authenticator.")
            .Takes<Proof>("""{ "password": "four unrelated words here" }""");
        own.MapPost("", async (HttpContext http, PasskeyEndpoints passkeys) =>
            await passkeys.AddAsync(http, await http.Request.ReadAsync<Addition>()))
            .Own("Everybody may add a passkey to their own account.").TakesSecrets()
            .Document("addPasskey", "Add a passkey", "What the browser has made of the options.")
            .Takes<Addition>("""{ "name": "Laptop", "state": "CfDJ8…", "credential": { "id": "…", "rawId": "…", "type": "public-key", "response": {} } }""")
            .ProducesProblem(StatusCodes.Status409Conflict);
        own.MapDelete("/{id}", async (string id, HttpContext http, PasskeyEndpoints passkeys) =>
        {
            await passkeys.RemoveAsync(id, await http.Request.ReadAsync<Proof>(), http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Own("It is the caller's own.").TakesSecrets().Answers(204, "It opens nothing any more.")
            .Document("removePasskey", "Remove a passkey", "Of a device that is lost or given away. With your password, or a code.")
            .Takes<Proof>("""{ "password": "four unrelated words here" }""");
        var signIn = session.MapGroup("/passkey");
        signIn.MapPost("/options", async (HttpContext http, PasskeyEndpoints passkeys) => await passkeys.ChallengeAsync(http))
            .Open("Whoever signs in has nothing to show before.")
            .Document("beginPasskeySignIn", "Begin to sign in with a passkey", "The answer is for the browser, which asks for the authenticator.");
        signIn.MapPost("", async (HttpContext http, PasskeyEndpoints passkeys, EndSessions sessions, ReadSession read) =>
        {
            OwnOrigin.CheckSignIn(http);
            var signedIn = await passkeys.SignInAsync(http, await http.Request.ReadAsync<Assertion>());
            await sessions.EndReplacedAsync(SessionCookie.SentWith(http), signedIn, http.Audit(), http.RequestAborted);
            await SessionCookie.SetAsync(http, signedIn.UserId, signedIn.Session.Id);
            return await read.OfAsync(signedIn, http.RequestAborted);
        }).Open("Whoever signs in has nothing to show before.").WithMetadata(new TakesCredentials()).TakesSecrets()
            .Document(
                "signInWithPasskey", "Sign in with a passkey",
                "Sets a session cookie, as signing in with a password does. No second factor is asked for: the authenticator has verified the person.")
            .Takes<Assertion>("""{ "state": "CfDJ8…", "credential": { "id": "…", "rawId": "…", "type": "public-key", "response": {} } }""")
            .Answers<ReadSession.Answer>()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private async Task<List> ListAsync(string userId, CancellationToken cancellation)
    {
        var account = await accounts.ReadAsync(userId, cancellation) ?? throw Accounts.Damaged();
        return new List([.. account.Credential.Passkeys.Select(x => new Item(x.Id, x.Name, x.AddedAt))]);
    }

    private async Task<Challenge> BeginAsync(HttpContext http, Proof proof)
    {
        var (audit, cancellation) = (http.Audit(), http.RequestAborted);
        var userId = Caller.UserOf(audit);
        await verification.VerifyAgainAsync(userId, proof.Password, proof.Code, audit, cancellation);
        var user = (await people.ReadAsync(cancellation)).FindUser(userId) ?? throw Verification.NoPassword();
        var made = await handler.MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = userId, Name = user.Settings.UserName, DisplayName = user.Name }, http);
        return new Challenge(Parse(made.CreationOptionsJson), Protector(userId).Protect(made.AttestationState!, patience));
    }

    private async Task<Item> AddAsync(HttpContext http, Addition request)
    {
        var (audit, cancellation) = (http.Audit(), http.RequestAborted);
        var (userId, errors) = (Caller.UserOf(audit), new Errors());
        var name = request.Name?.Trim() ?? "";
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl)) errors.Add("name", "A name has 1 to 64 characters.");
        CheckGiven(request.State, request.Credential, errors);
        errors.ThrowIfAny();
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = http,
            AttestationState = Open(Protector(userId), request.State!),
            CredentialJson = request.Credential!.ToJsonString(),
        });
        if (!result.Succeeded || result.UserEntity.Id != userId)
        {
            logger.LogInformation("A passkey of {User} was not taken: {Fault}", userId, result.Failure?.Message);
            throw ProblemException.Invalid("credential", "The authenticator's answer does not fit what it was asked for. Begin again.");
        }

        var id = SignInUserStore.PasskeyIdOf(result.Passkey.CredentialId);
        await accounts.ChangeAsync(userId, (account, session) =>
        {
            if (account.Credential.Passkeys.Count >= MostPasskeys) throw ProblemException.Conflict($"At most {MostPasskeys} passkeys. Remove one first.");
            if (account.Credential.Passkeys.Any(x => x.Id == id)) throw ProblemException.Conflict("This passkey is there already.");
            return [new PasskeyAdded(id, name, vault.StoreFor(userId, session, SignInUserStore.Write(result.Passkey)))];
        }, audit, cancellation);
        return new Item(id, name, time.GetUtcNow());
    }

    private async Task RemoveAsync(string id, Proof proof, AuditContext audit, CancellationToken cancellation)
    {
        var userId = Caller.UserOf(audit);
        await verification.VerifyAgainAsync(userId, proof.Password, proof.Code, audit, cancellation);
        await accounts.ChangeAsync(userId, (account, session) =>
        {
            var passkey = account.Credential.Passkeys.FirstOrDefault(x => x.Id == id) ?? throw ProblemException.NotFound("passkey", id);
            SecretVault.Destroy(session, [passkey.Key], []);
            return [new PasskeyRemoved(id)];
        }, audit, cancellation);
    }

    private async Task<Challenge> ChallengeAsync(HttpContext http)
    {
        var made = await handler.MakeRequestOptionsAsync(user: null, http);
        return new Challenge(Parse(made.RequestOptionsJson), Protector(AnybodySigningIn).Protect(made.AssertionState!, patience));
    }

    private async Task<SignedIn> SignInAsync(HttpContext http, Assertion request)
    {
        var errors = new Errors();
        CheckGiven(request.State, request.Credential, errors);
        errors.ThrowIfAny();
        var asked = Open(Protector(AnybodySigningIn), request.State!);
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = http,
            AssertionState = asked,
            CredentialJson = request.Credential!.ToJsonString(),
        });
        var user = result.Succeeded ? (await people.ReadAsync(http.RequestAborted)).FindUser(result.User.Id) : null;
        if (user is not { Enabled: true, Settings.SignIn: SignInMethod.Password })
        {
            logger.LogInformation("A sign-in with a passkey was refused: {Fault}", result.Failure?.Message ?? "the user may not sign in");
            throw Refused();
        }

        var (passkey, count) = (SignInUserStore.PasskeyIdOf(result.Passkey!.CredentialId), (long)result.Passkey.SignCount);
        // Fingerprints the protected content, not its text: one content has several encodings.
        var challenge = vault.Fingerprint($"{user.Id} challenge {asked}");
        return await start.RunAsync(user, SignInMethods.Passkey, account =>
        {
            var known = account.Credential.Passkeys.FirstOrDefault(x => x.Id == passkey) ?? throw Refused();
            if (account.Credential.WasUsed(challenge, time.GetUtcNow()) || (count > 0 && count <= known.SignCount)) throw Refused();
            return count > 0 ? [new CodeUsed(challenge), new PasskeyUsed(passkey, count)] : [new CodeUsed(challenge)];
        }, http.Audit(), http.RequestAborted);
    }

    private static void CheckGiven(string? state, JsonObject? credential, Errors errors)
    {
        if (string.IsNullOrEmpty(state)) errors.Add("state", "Send back the state that came with the options.");
        if (credential is null) errors.Add("credential", "Send what the browser has made of the options.");
    }

    /// <exception cref="ProblemException">400.</exception>
    private static string Open(ITimeLimitedDataProtector protector, string state)
    {
        try
        {
            return protector.Unprotect(state);
        }
        catch (CryptographicException)
        {
            throw ProblemException.Invalid("state", "This is over, or is not yours. Begin it again.");
        }
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static ProblemException Refused() => new(401, "Not authenticated.", "This passkey does not sign anybody in here.");

    /// <param name="userId">The owner of the new passkey, or <see cref="AnybodySigningIn"/>.</param>
    private ITimeLimitedDataProtector Protector(string userId) => protection.CreateProtector("Notify.Passkey", userId).ToTimeLimitedDataProtector();
}
