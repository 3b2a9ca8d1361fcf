using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Kernel.Http;

namespace Notify.Access.ApiKeys;

/// <summary>Authenticates a caller by API key: <c>Authorization: Bearer ntf_…</c>, or Basic where the endpoint accepts it.</summary>
public sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyCache keys, WrongKeys wrongKeys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = BasicCredentials.AuthorizationOf(Context);
        if (header.Length == 0) return AuthenticateResult.NoResult();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.Fail(
            "The Authorization header is malformed. Send: Authorization: Bearer ntf_…");
        var key = header["Bearer ".Length..].Trim();
        if (!ApiKeyText.IsWellFormed(key)) return AuthenticateResult.Fail(
            "The text after 'Bearer' is not an API key: it is empty, truncated, or contains invalid characters.");
        var address = RequestAudit.AddressOf(Context);
        var mustWait = wrongKeys.MustWait(address);
        var found = await keys.FindAsync(key, sparing: mustWait is not null, Context.RequestAborted);
        if (found.Principal is { } principal) return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
        // So that the refusal is recorded under the key's owner.
        if (found.Known is { } known) RequestAudit.NotePresented(Context, known);
        if (mustWait is { } wait)
        {
            Context.Items[typeof(WrongKeys)] = wait;
            return AuthenticateResult.Fail("Too many wrong keys from this address. A valid key is still accepted.");
        }

        wrongKeys.Note(address);
        return AuthenticateResult.Fail(found.Fault!);
    }

    /// <summary>Says whether the key is missing, malformed, unknown or revoked. That reveals nothing about a key to anyone who does not hold
    /// it.</summary>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = BasicCredentials.ChallengeOf(Context);
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        if (Context.Items[typeof(WrongKeys)] is TimeSpan wait)
        {
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if ((await HandleAuthenticateOnceSafeAsync()).Failure is { } failure) ProblemResponses.Explain(Context, failure.Message);
    }
}
