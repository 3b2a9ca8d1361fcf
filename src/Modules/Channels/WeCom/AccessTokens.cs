using Microsoft.Extensions.Logging;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Channels.WeCom;

/// <summary>A token with the send address that contains it, so that this is built only once.</summary>
public sealed record AccessToken(string Value, Uri SendUri, DateTimeOffset RefreshAt, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"access token until {ExpiresAt:O}";
}

/// <summary>
/// One token for each app, shared by all its sends on all nodes. The platform limits gettoken, so at most one call for an app runs at a time, a token
/// is replaced early while the old one is still valid, and after a failure gettoken is not called again for a while.
/// </summary>
/// <param name="shared">Null: tokens are not shared with other nodes.</param>
public sealed class AccessTokens(WeComHttp http, string apiBase, ISharedTokens? shared, TimeProvider time, ILogger logger)
{
    private const string Call = "gettoken";
    private static readonly TimeSpan otherNodesPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan otherNodesPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan longestPause = TimeSpan.FromMinutes(1);
    private readonly TokenEntries<WeComSender, Entry> entries = new(time);

    /// <summary>Exactly one of the two is null.</summary>
    public readonly record struct Result(AccessToken? Token, SendOutcome? Failure);

    public ValueTask<Result> GetAsync(WeComSender app, CancellationToken cancellationToken)
    {
        var entry = entries.Of(app);
        Task<Result> fetch;
        lock (entry)
        {
            var now = time.GetUtcNow();
            var token = entry.Token is { } held && now < held.ExpiresAt ? held : null;
            if (token is not null && now < token.RefreshAt) return new(new Result(token, null));
            if (entry.Fetch is null)
            {
                if (!Instants.IsOver(entry.NextFetch, entry.Pause, now)) return new(token is not null
                    ? new Result(token, null) : new Result(null, entry.Failure! with { RetryAfter = entry.NextFetch - now }));
                // On another thread and shared by all callers: the cancellation of the first must not fail the others.
                entry.Fetch = Task.Run(() => FetchAsync(app, entry), CancellationToken.None);
            }
            if (token is not null) return new(new Result(token, null));
            fetch = entry.Fetch;
        }
        return new(fetch.WaitAsync(cancellationToken));
    }

    /// <summary>Discards a token that the platform refused, unless another has replaced it meanwhile.</summary>
    public void Refuse(WeComSender app, AccessToken refused)
    {
        if (entries.Find(app) is not { } entry) return;
        lock (entry)
        {
            if (ReferenceEquals(entry.Token, refused)) (entry.Token, entry.Refused) = (null, refused.Value);
        }
    }

    private async Task<Result> FetchAsync(WeComSender app, Entry entry)
    {
        Result result;
        try
        {
            result = await ObtainAsync(app, entry.Refused);
        }
        catch (Exception e)
        {
            // No failure may block the next attempt. The exception's message might contain the URL.
            result = new(null, new(OutcomeClass.Retry) { Call = Call, PlatformMessage = e.GetType().Name });
        }
        lock (entry)
        {
            entry.Fetch = null;
            if (result.Token is not null)
            {
                entry.Token = result.Token;
                entry.Failures = 0;
                entry.Failure = null;
                (entry.NextFetch, entry.Pause) = (default, default);
                return result;
            }
            var pause = TimeSpan.FromSeconds(Math.Min(longestPause.TotalSeconds, Math.Pow(2, Math.Min(entry.Failures++, 10))));
            if (result.Failure!.RetryAfter > pause) pause = result.Failure.RetryAfter.Value;
            (entry.NextFetch, entry.Pause) = (time.GetUtcNow() + pause, pause);
            entry.Failure = result.Failure with { RetryAfter = pause };
            return new(null, entry.Failure);
        }
    }

    /// <summary>Returns the token that another node has fetched, or fetches one.</summary>
    private async Task<Result> ObtainAsync(WeComSender app, string? refused)
    {
        if (shared is null) return await RequestAsync(app);
        var reference = shared.RefOf(app.ApiBase is null ? app.CorpId : $"{app.ApiBase} {app.CorpId}", app.Secret);
        var began = time.GetTimestamp();
        try
        {
            while (!await shared.BeginFetchAsync(reference, refused))
            {
                if (await shared.ReadAsync(reference, refused) is { } found)
                {
                    // Another node is replacing a token that is due for it; check again in a minute.
                    var soon = time.GetUtcNow() + longestPause;
                    return new(Token(app, found.Value, found.RefreshAt > soon ? found.RefreshAt : soon, found.ExpiresAt), null);
                }

                if (time.GetElapsedTime(began) > otherNodesPatience) return new(
                    null, new(OutcomeClass.Retry) { Call = Call, PlatformMessage = "Another node could not get a token in time." });
                await Task.Delay(otherNodesPause, time);
            }
        }
        catch (Exception e)
        {
            NotShared(e);
            return await RequestAsync(app);
        }

        var result = await RequestAsync(app);
        try
        {
            await (result.Token is { } token
                ? shared.StoreAsync(reference, new(token.Value, token.RefreshAt, token.ExpiresAt)) : shared.GiveUpAsync(reference));
        }
        catch (Exception e)
        {
            NotShared(e);
        }

        return result;
    }

    /// <summary>Sharing only saves calls: whatever fails of it, this node has its token.</summary>
    private void NotShared(Exception e) =>
        logger.LogWarning(e, "An access token of WeCom cannot be shared with other nodes; this node uses one of its own");

    private AccessToken Token(WeComSender app, string value, DateTimeOffset refreshAt, DateTimeOffset expiresAt) =>
        new(value, new($"{app.ApiBase ?? apiBase}/cgi-bin/message/send?access_token={Uri.EscapeDataString(value)}"), refreshAt, expiresAt);

    /// <summary>Checks whether a token can be fetched. A cached token is kept.</summary>
    public async Task<SendOutcome> TestAsync(WeComSender app, CancellationToken cancellationToken)
    {
        var (token, failure) = await RequestAsync(app).WaitAsync(cancellationToken);
        return token is null ? failure! : new(OutcomeClass.Ok) { Call = Call, HttpStatus = 200, PlatformCode = "0", PlatformMessage = "ok" };
    }

    private async Task<Result> RequestAsync(WeComSender app)
    {
        var query = $"corpid={Uri.EscapeDataString(app.CorpId)}&corpsecret={Uri.EscapeDataString(app.Secret)}";
        var uri = new Uri($"{app.ApiBase ?? apiBase}/cgi-bin/gettoken?{query}");
        var (answer, failure) = await http.RequestAsync(Call, uri, app.Secret, body: null, CancellationToken.None);
        if (answer is null) return new(null, failure);
        if (answer.Code != 0)
        {
            var outcome = answer.Judge(Call, []);
            // gettoken needs no token, so a refused one means that the configuration is at fault.
            return new(null, outcome.Class == OutcomeClass.RefreshToken ? outcome with { Class = OutcomeClass.Configuration } : outcome);
        }
        if (string.IsNullOrEmpty(answer.AccessToken))
            return new(null, new(
                OutcomeClass.Retry)
            { Call = Call, HttpStatus = 200, PlatformCode = "0", PlatformMessage = "an answer without access_token" });
        var life = TimeSpan.FromSeconds(answer.ExpiresInSeconds is > 0 and var seconds ? seconds : 600);
        var now = time.GetUtcNow();
        return new(Token(app, answer.AccessToken, TokenLife.RefreshAt(now, life), now + life), null);
    }

    private sealed class Entry : ITokenEntry
    {
        public AccessToken? Token { get; set; }

        /// <summary>The last token that the platform refused.</summary>
        public string? Refused { get; set; }

        public Task<Result>? Fetch { get; set; }
        public SendOutcome? Failure { get; set; }
        public int Failures { get; set; }
        public DateTimeOffset NextFetch { get; set; }

        /// <summary>How long before that the last one failed.</summary>
        public TimeSpan Pause { get; set; }

        public bool IsSpent(DateTimeOffset now) => Fetch is null && (Token is null ? now > NextFetch : now > Token.ExpiresAt);
    }
}
