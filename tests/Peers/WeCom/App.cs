using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Notify.Peers.WeCom;

/// <summary>A self-built app: its one token, its visible range, what its members saw of late.</summary>
internal sealed class App(AppRegistration registration)
{
    // The range is compared case-insensitively: the platform answers userids in lower case.
    private readonly HashSet<string> members = new(registration.Members, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> unlicensed = new(registration.Unlicensed, StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, RateWindow.Pair> windows = new(StringComparer.OrdinalIgnoreCase);

    public string CorpId => registration.CorpId;

    public string Secret => registration.Secret;

    public int AgentId => registration.AgentId;

    public string Name => registration.Name.Length > 0 ? registration.Name : $"App {registration.AgentId}";

    public AppRegistration Registration => registration;

    public bool TrustsCaller { get; set; } = true;

    public DuplicateCheck Duplicates { get; } = new();

    public bool Sees(string user) => members.Contains(user) || members.Contains("*") || unlicensed.Contains(user);

    public bool IsUnlicensed(string user) => unlicensed.Contains(user);

    /// <summary>Everybody in the visible range who is known by name.</summary>
    public IEnumerable<string> Everybody =>
        members.Where(user => user != "*")
            .Concat(unlicensed)
            .Concat(registration.Departments.Values.SelectMany(users => users))
            .Concat(registration.Tags.Values.SelectMany(users => users))
            .Distinct(StringComparer.OrdinalIgnoreCase);

    public bool TryShow(string user, WeComOptions options) =>
        windows.GetOrAdd(user, _ => new RateWindow.Pair()).TryTake(options.MemberLimit, options.MemberHourLimit, options.Clock);
}

/// <summary>Apps and their access tokens.</summary>
internal sealed class Apps(WeComOptions options)
{
    private readonly Lock gate = new();
    private readonly List<App> all = [];
    private readonly Dictionary<string, Token> tokens = new(StringComparer.Ordinal);

    public IReadOnlyList<App> All
    {
        get
        {
            lock (gate)
                return [.. all];
        }
    }

    public void Add(AppRegistration registration)
    {
        lock (gate)
        {
            all.RemoveAll(app => app.CorpId == registration.CorpId && app.AgentId == registration.AgentId);
            all.Add(new App(registration));
        }
    }

    /// <summary>The current token of an app, or a new one. A call inside the validity gets the same token and what is left of its time.</summary>
    public IReadOnlyList<string> Tokens
    {
        get { lock (gate) return [.. tokens.Keys]; }
    }

    public (string Value, int SecondsLeft) TokenOf(App app)
    {
        var now = options.Clock.GetUtcNow();
        lock (gate)
        {
            foreach (var (value, token) in tokens)
                if (token.App == app && token.Until > now)
                    return (value, (int)(token.Until - now).TotalSeconds);
            var made = Convert.ToBase64String(RandomNumberGenerator.GetBytes(160)).Replace('+', '-').Replace('/', '_').TrimEnd('=');
            tokens[made] = new Token(app, now + options.TokenLifetime);
            return (made, (int)options.TokenLifetime.TotalSeconds);
        }
    }

    /// <summary>0 and the token's app, or 41001, 40014, 42001.</summary>
    public (int Code, App? App) Authenticate(string token)
    {
        if (token.Length == 0)
            return (41001, null);
        lock (gate)
        {
            if (!tokens.TryGetValue(token, out var found))
                return (40014, null);
            return (found.Until > options.Clock.GetUtcNow() ? 0 : 42001, found.App);
        }
    }

    /// <summary>Ends the time of all tokens at once: 42001.</summary>
    public void ExpireTokens(Func<App, bool> of)
    {
        lock (gate)
        {
            foreach (var value in tokens.Where(pair => of(pair.Value.App)).Select(pair => pair.Key).ToList())
                tokens[value] = tokens[value] with { Until = DateTimeOffset.MinValue };
        }
    }

    /// <summary>The platform may withdraw a token early: 40014.</summary>
    public void InvalidateTokens(Func<App, bool> of)
    {
        lock (gate)
        {
            foreach (var value in tokens.Where(pair => of(pair.Value.App)).Select(pair => pair.Key).ToList())
                tokens.Remove(value);
        }
    }

    private sealed record Token(App App, DateTimeOffset Until);
}
