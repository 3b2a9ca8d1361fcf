using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.Http;
using Notify.Access.People;
using Notify.Access.SignIns;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Access.Sessions;

/// <summary><c>/session/set-up</c>: creates the first person, an administrator; only from the machine itself or with the bootstrap key. The id of
/// that person is fixed, so that of several concurrent set-ups, on any nodes, one succeeds; the others get 409.</summary>
public sealed class SetUp(ResourceStore<User, UserSettings> users, PeopleCache people, Accounts accounts, PasswordHashes hashes)
{
    private static readonly Guid firstId = Ids.DerivedGuid("the first administrator of a Notify");

    /// <param name="Name">The display name, 1 to 64 characters.</param>
    public sealed record Request([property: Required] string? UserName, [property: Required] string? Name, [property: Required] string? Password);

    public sealed record Done(string UserId, string UserName);

    /// <param name="Needed">Nobody can sign in yet.</param>
    public sealed record State(bool Needed);

    public async Task<State> ReadAsync(CancellationToken cancellation) => new(await IsNeededAsync(cancellation));

    /// <exception cref="ProblemException">400: a value is invalid; 409: it was done already.</exception>
    public async Task<Done> RunAsync(Request request, AuditContext audit, CancellationToken cancellation)
    {
        var errors = new Errors();
        if (string.IsNullOrWhiteSpace(request.UserName)) errors.Add("userName", "A user name is required.");
        if (string.IsNullOrWhiteSpace(request.Name)) errors.Add("name", "A name is required.");
        PasswordRules.Check(request.Password, "password", errors, [request.UserName, request.Name]);
        errors.ThrowIfAny();
        if (!await IsNeededAsync(cancellation)) throw IsDone();
        // There are no people yet: somebody at the machine is recorded as the system, the bootstrap key as itself.
        audit = audit with { Actor = audit.Actor.Kind == Actor.AnonymousKind ? Actor.System : audit.Actor, Reason = audit.Reason ?? "set-up" };
        var body = new JsonObject
        {
            ["userName"] = request.UserName,
            ["name"] = request.Name,
            // With separated administrators: the one who appoints the other two.
            ["roles"] = new JsonArray(people.IsSeparated ? BuiltInRoles.SecurityAdministratorName : BuiltInRoles.AdministratorName),
            ["signIn"] = "password",
        };
        var user = await users.CreateAsync(body, audit, new FirstRequest(firstId, default), cancellation);
        if (!Names.Same(user.Settings.UserName, request.UserName!.Trim())) throw IsDone();
        await accounts.ChangeAsync(user.Id, (account, session) => account.Credential.Password is not null
            ? throw IsDone() : [new PasswordSet(user.Name, hashes.Store(session, user.Id, request.Password!), MustChange: false)], audit,
            cancellation);
        return new Done(user.Id, user.Settings.UserName);
    }

    public static void Map(RouteGroupBuilder session)
    {
        session.MapGet("/set-up", async (HttpContext http, SetUp setUp) => await setUp.ReadAsync(http.RequestAborted))
            .Open("It says only whether there is anybody yet.")
            .Document("readSetUp", "Read whether the set-up is to be done", "Until the first administrator was made.");
        session.MapPost("/set-up", async (HttpContext http, SetUp setUp) =>
        {
            OwnOrigin.CheckSignIn(http);
            if (!http.User.Has(Permission.PeopleManage) && !MapsToThisMachine(http)) throw new ProblemException(
                403, "Not allowed.", "The set-up is done at the machine itself (http://localhost), or with the bootstrap key: Authorization: Bearer ntf_…");
            return await setUp.RunAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted);
        }).Open("There is nobody yet who could sign in. It is done at the machine itself, or with the bootstrap key, and once.")
            .WithMetadata(new TakesCredentials()).TakesSecrets()
            .Document(
                "setUp", "Make the first administrator",
                "While there is nobody who can sign in: from the loopback address, or with the bootstrap key. Of several at once one is done. "
                + "Where administrators are separated it is the security administrator, who makes the others.")
            .Takes<Request>("""{ "userName": "admin", "name": "Zhang San", "password": "four unrelated words here" }""")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Whether the request comes from this machine, directly and under a loopback address: not through a proxy on this machine, and not
    /// under another host name (DNS rebinding).</summary>
    private static bool MapsToThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } ip && IPAddress.IsLoopback(ip)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded")
        && !http.Request.Headers.ContainsKey("Via")
        && (http.Request.Host.Host is "localhost" || (IPAddress.TryParse(http.Request.Host.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host)));

    private async Task<bool> IsNeededAsync(CancellationToken cancellation)
    {
        var signIns = (await people.ReadAsync(cancellation)).Users.Where(x => x.Settings.SignIn != SignInMethod.None).ToList();
        // A set-up that was interrupted half way, because the process died, can be repeated.
        return signIns.Count == 0 || (signIns is [var only] && only.Id == Ids.Of("user", firstId)
            && (await accounts.ReadAsync(only.Id, cancellation))?.Credential.Password is null);
    }

    private static ProblemException IsDone() => ProblemException.Conflict("The set-up was done: there is somebody who can sign in.");
}
