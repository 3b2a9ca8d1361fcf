using System.Text;
using System.Text.Json.Nodes;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Channels.DingTalk;

internal sealed record DingTalkToken(string Value, DateTimeOffset RefreshAt, DateTimeOffset Until)
{
    public override string ToString() => $"access token until {Until:O}";
}

/// <summary>
/// Access tokens, one for each app; at most one request for it runs at a time. The platform returns the same token until it expires, so that nodes
/// need not share it.
/// </summary>
internal sealed class DingTalkTokens(PlatformHttp http, Uri apiBase, TimeProvider time)
{
    public const string Call = "oauth2/accessToken";

    private readonly TokenEntries<DingTalkSender, Entry> entries = new(time);

    /// <summary>Exactly one of the two is null.</summary>
    public readonly record struct Result(DingTalkToken? Token, SendOutcome? Failure);

    public async Task<Result> GetAsync(DingTalkSender app, CancellationToken cancellation)
    {
        var entry = entries.Of(app);
        Task<Result> fetch;
        lock (entry)
        {
            if (time.GetUtcNow() < entry.Token?.RefreshAt) return new(entry.Token, null);
            // Shared by all callers: the cancellation of the first must not fail the others.
            fetch = entry.Fetch ??= Task.Run(() => FetchAsync(app, entry), CancellationToken.None);
        }

        return await fetch.WaitAsync(cancellation);
    }

    /// <summary>Discards a token that the platform refused, unless another has replaced it meanwhile.</summary>
    public void Refuse(DingTalkSender app, DingTalkToken refused)
    {
        if (entries.Find(app) is not { } entry) return;
        lock (entry)
        {
            if (ReferenceEquals(entry.Token, refused)) entry.Token = null;
        }
    }

    /// <summary>Requests a token even if one is cached.</summary>
    public async Task<Result> RequestAsync(DingTalkSender app, CancellationToken cancellation)
    {
        var body = new JsonObject { ["appKey"] = app.ClientId, ["appSecret"] = app.ClientSecret };
        var uri = new Uri(apiBase, "/v1.0/oauth2/accessToken");
        var request = new PlatformRequest(Call, HttpMethod.Post, uri, Encoding.UTF8.GetBytes(DingTalkClient.Write(body)))
        {
            Secrets = [(app.ClientSecret, null)],
        };
        return await http.RequestAsync(
            request,
            (response, content) => DingTalkAnswer.Read(content) switch
            {
                { AccessToken: { } token } answer when (int)response.StatusCode == 200 => new Result(Taken(token, answer), null),
                { Code: not null } refused => new(null, Struck(refused.Judge(Call, (int)response.StatusCode))),
                _ => new(null, http.NotThePlatform(Call, response, content, sent: false)),
            },
            // No message has been sent yet.
            lost => new(null, lost with { Class = OutcomeClass.Retry, MayHaveArrived = false }), cancellation);
    }

    private async Task<Result> FetchAsync(DingTalkSender app, Entry entry)
    {
        Result result;
        try
        {
            result = await RequestAsync(app, CancellationToken.None);
        }
        catch (Exception e)
        {
            // No failure may block the next attempt. The exception's message might contain a secret.
            result = new(null, new(OutcomeClass.Retry) { Call = Call, PlatformMessage = e.GetType().Name });
        }

        lock (entry)
        {
            (entry.Fetch, entry.Token) = (null, result.Token);
            return result;
        }
    }

    private DingTalkToken Taken(string token, DingTalkAnswer answer)
    {
        var (now, life) = (time.GetUtcNow(), TimeSpan.FromSeconds(answer.ExpiresInSeconds ?? 600));
        http.Known.Add(token, now + life);
        return new(token, TokenLife.RefreshAt(now, life), now + life);
    }

    private SendOutcome Struck(SendOutcome outcome) => outcome with { PlatformMessage = http.Known.Strike(outcome.PlatformMessage) };

    private sealed class Entry : ITokenEntry
    {
        public DingTalkToken? Token { get; set; }
        public Task<Result>? Fetch { get; set; }

        public bool IsSpent(DateTimeOffset now) => Fetch is null && !(now < Token?.Until);
    }
}
