using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Marten;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary><c>Authorization: Bearer ntf_…</c> → the actor behind the key.</summary>
public sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyCache keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        var principal = await keys.FindAsync(header["Bearer ".Length..].Trim(), Context.RequestAborted);
        return principal is null ? AuthenticateResult.Fail("The key is unknown or revoked.") : AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}

/// <summary>Keys that were just looked up need no look-up again; a revoked key is refused everywhere within <see cref="Lifetime"/>.</summary>
public sealed class ApiKeyCache(IDocumentStore store, SecretVault vault, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (ClaimsPrincipal Principal, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    public async Task<ClaimsPrincipal?> FindAsync(string key, CancellationToken cancellation)
    {
        if (key.Length is < 12 or > 200) return null;
        var fingerprint = vault.Fingerprint(key);
        var now = time.GetUtcNow();
        if (known.TryGetValue(fingerprint, out var entry) && entry.Until > now) return entry.Principal;
        await using var session = store.QuerySession();
        var found = await session.Query<ApiKey>().FirstOrDefaultAsync(x => x.Fingerprint == fingerprint && !x.Revoked, cancellation);
        if (found is null)
        {
            known.TryRemove(fingerprint, out _);
            return null;
        }

        var principal = new ClaimsPrincipal(new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, found.Id),
                new Claim(ClaimTypes.Name, found.Name),
                new Claim(ClaimTypes.Role, found.Role),
                new Claim(RequestAudit.ActorKindClaim, "apiKey"),
            ],
            ApiKeyAuthentication.SchemeName));
        known[fingerprint] = (principal, now + Lifetime);
        return principal;
    }
}
