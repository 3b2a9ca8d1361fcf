using System.Text;
using System.Text.Json;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Channels.Email;

/// <summary>The parameters of a request for an access token, with the secrets in plain text.</summary>
/// <param name="RefreshToken">Null: client credentials grant (RFC 6749, 4.4).</param>
internal sealed record EmailGrant(Uri Endpoint, string ClientId, string? ClientSecret, string? RefreshToken, string? Scope)
{
    public override string ToString() => ClientId;
}

internal sealed record EmailToken(string Value, DateTimeOffset RefreshAt, DateTimeOffset Until)
{
    public override string ToString() => $"access token until {Until:O}";
}

/// <summary>
/// Access tokens for signing in at mail servers (XOAUTH2), one for each grant. At most one request for it runs at a time, and the token is replaced
/// early, while the old one is still used.
/// </summary>
internal sealed class EmailTokens(Lazy<PlatformHttp> http, TimeProvider time)
{
    public const string Call = "access token";

    /// <summary>The wait after a failed renewal while the old token is still valid.</summary>
    private static readonly TimeSpan pause = TimeSpan.FromMinutes(1);

    /// <summary>The assumed lifetime if the answer does not state it, which RFC 6749 only recommends.</summary>
    private static readonly TimeSpan unsaidLife = TimeSpan.FromMinutes(10);

    private readonly TokenEntries<EmailGrant, Entry> entries = new(time);

    /// <summary>Exactly one of the first two is null.</summary>
    /// <param name="IsHeld">Whether it was cached, so that it may have been revoked meanwhile.</param>
    public readonly record struct Result(EmailToken? Token, SendOutcome? Failure, bool IsHeld = false);

    public async Task<Result> GetAsync(EmailGrant grant, CancellationToken cancellation)
    {
        var entry = entries.Of(grant);
        Task<Result> fetch;
        lock (entry)
        {
            var now = time.GetUtcNow();
            var held = now < entry.Token?.Until ? entry.Token : null;
            // Shared by all callers: the cancellation of the first must not fail the others.
            if (held is null || (now >= held.RefreshAt && Instants.IsOver(entry.NextFetch, pause, now)))
                entry.Fetch ??= Task.Run(() => FetchAsync(grant, entry), CancellationToken.None);
            if (held is not null) return new(held, null, IsHeld: true);
            fetch = entry.Fetch!;
        }

        return await fetch.WaitAsync(cancellation);
    }

    /// <summary>Discards a token that the mail server refused, unless another has replaced it meanwhile.</summary>
    public void Refuse(EmailGrant grant, EmailToken refused)
    {
        if (entries.Find(grant) is not { } entry) return;
        lock (entry)
        {
            if (ReferenceEquals(entry.Token, refused)) entry.Token = null;
        }
    }

    private async Task<Result> FetchAsync(EmailGrant grant, Entry entry)
    {
        Result result;
        try
        {
            result = await RequestAsync(grant, entry);
        }
        catch (Exception e)
        {
            // No failure may block the next attempt. The exception's message might contain a secret.
            result = new(null, new(OutcomeClass.Retry) { Call = Call, PlatformCode = EmailTexts.NoToken, PlatformMessage = e.GetType().Name });
        }

        lock (entry)
        {
            entry.Fetch = null;
            if (result.Token is { } token) entry.Token = token;
            else (entry.NextFetch, entry.RefreshToken) = (time.GetUtcNow() + pause, null);
            return result;
        }
    }

    private async Task<Result> RequestAsync(EmailGrant grant, Entry entry)
    {
        var refreshToken = entry.RefreshToken ?? grant.RefreshToken;
        var body = FormBody.Of(
            ("grant_type", refreshToken is null ? "client_credentials" : "refresh_token"), ("client_id", grant.ClientId),
            ("client_secret", grant.ClientSecret), ("refresh_token", refreshToken), ("scope", grant.Scope));
        var request = new PlatformRequest(Call, HttpMethod.Post, grant.Endpoint, Encoding.UTF8.GetBytes(body))
        {
            ContentType = "application/x-www-form-urlencoded",
            Headers = [("Accept", "application/json")],
            Secrets = [.. ((string?[])[grant.ClientSecret, refreshToken]).OfType<string>().Select(x => (x, (DateTimeOffset?)null))],
        };
        var now = time.GetUtcNow();
        return await http.Value.RequestAsync(
            request,
            (response, content) => JsonAnswer.Read(content) switch
            {
                { } answer when response.IsSuccessStatusCode && answer.TextOf("access_token") is { Length: > 0 } token =>
                    Take(token, answer, entry, now),
                { } answer when answer.TextOf("error") is { Length: > 0 } error => new Result(null, Refusal(error, answer, response)),
                _ => new Result(null, WithoutToken(http.Value.NotThePlatform(Call, response, content, sent: false))),
            },
            // No mail has been sent yet.
            lost => new Result(null, WithoutToken(lost)), CancellationToken.None);
    }

    private Result Take(string token, JsonElement answer, Entry entry, DateTimeOffset now)
    {
        var life = int.TryParse(answer.TextOf("expires_in"), out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : unsaidLife;
        http.Value.Known.Add(token, now + life);
        if (answer.TextOf("refresh_token") is { Length: > 0 } next)
        {
            http.Value.Known.Add(next);
            entry.RefreshToken = next;
        }

        return new(new(token, TokenLife.RefreshAt(now, life), now + life), null);
    }

    private SendOutcome Refusal(string error, JsonElement answer, HttpResponseMessage response)
    {
        var passes = (int)response.StatusCode is >= 500 or 429 || error is "temporarily_unavailable" or "server_error";
        var words = answer.TextOf("error_description") is { Length: > 0 } description ? $"{error}: {description.ReplaceLineEndings(" ")}" : error;
        return new(passes ? OutcomeClass.Retry : OutcomeClass.Configuration)
        {
            Call = Call,
            HttpStatus = (int)response.StatusCode,
            PlatformCode = passes ? EmailTexts.NoToken : Errors.Cut(http.Value.Known.Strike(error), 100),
            PlatformMessage = http.Value.Excerpt(Encoding.UTF8.GetBytes(words)),
            RetryAfter = http.Value.Wait(response, OutcomeClass.Retry),
        };
    }

    private static SendOutcome WithoutToken(SendOutcome outcome) =>
        outcome with { Class = OutcomeClass.Retry, MayHaveArrived = false, PlatformCode = EmailTexts.NoToken };

    private sealed class Entry : ITokenEntry
    {
        public EmailToken? Token { get; set; }

        /// <summary>The refresh token from the last answer, if the server issued one; used in place of the one in the settings. Null: none.</summary>
        public string? RefreshToken { get; set; }

        public Task<Result>? Fetch { get; set; }
        public DateTimeOffset NextFetch { get; set; }

        public bool IsSpent(DateTimeOffset now) => Fetch is null && !(now < Token?.Until);
    }
}
