using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Notify.Peers.Email;

/// <summary>
/// A provider's token endpoint (RFC 6749) with one client, which is granted access tokens by itself or by a refresh token. Refuses as providers do:
/// <c>invalid_client</c>, <c>invalid_grant</c>, <c>invalid_scope</c>.
/// </summary>
public sealed class TokenStandIn(TimeProvider clock) : HttpStandIn
{
    public const string ClientId = "notify-at-the-plant";
    public const string ClientSecret = "the-client-secret-of-the-stand-in";
    public const string Scope = "https://mail.plant.example/.default";

    private readonly ConcurrentDictionary<string, DateTimeOffset> tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> refreshTokens = new(StringComparer.Ordinal) { ["the-first-refresh-token"] = true };

    /// <summary>Of a token.</summary>
    public static TimeSpan Life => TimeSpan.FromHours(1);

    /// <summary>The refresh token that is given out with the next access token, and is good from then on; null: none.</summary>
    public string? NextRefreshToken { get; set; }

    public string Endpoint => $"{Origin}/oauth2/v2.0/token";

    /// <summary>How many tokens were given out.</summary>
    public int Issued { get; private set; }

    /// <summary>Whether a mail server takes it now.</summary>
    public bool IsGood(string token) => tokens.TryGetValue(token, out var until) && clock.GetUtcNow() < until;

    public string Issue()
    {
        var token = $"access-token-of-the-stand-in-{Guid.NewGuid():N}";
        tokens[token] = clock.GetUtcNow() + Life;
        Issued++;
        return token;
    }

    /// <summary>None that was given out so far is good any more.</summary>
    public void Revoke() => tokens.Clear();

    public void RevokeRefreshToken(string token) => refreshTokens.TryRemove(token, out _);

    protected override StandInAnswer Answer(HttpRequest request, string body)
    {
        if (request.Path != "/oauth2/v2.0/token" || request.Method != HttpMethods.Post) return new(404, "{}");
        var form = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(body);
        if (request.ContentType != "application/x-www-form-urlencoded" || form["client_id"] != ClientId || form["client_secret"] != ClientSecret)
            return Refuse(401, "invalid_client", $"AADSTS7000215: Invalid client secret provided: {form["client_secret"]}.");
        var isGranted = form["grant_type"] == "refresh_token"
            ? refreshTokens.ContainsKey($"{form["refresh_token"]}") : form["grant_type"] == "client_credentials";
        if (!isGranted) return Refuse(400, "invalid_grant", "AADSTS700082: The refresh token has expired.");
        if (form["scope"] != Scope) return Refuse(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.");
        var answer = new JsonObject { ["token_type"] = "Bearer", ["expires_in"] = (int)Life.TotalSeconds, ["access_token"] = Issue() };
        if (NextRefreshToken is { } next)
        {
            refreshTokens[next] = true;
            answer["refresh_token"] = next;
        }

        return new(200, answer.ToJsonString(), () => { });
    }

    private static StandInAnswer Refuse(int status, string error, string description) =>
        new(status, new JsonObject { ["error"] = error, ["error_description"] = description }.ToJsonString());
}
