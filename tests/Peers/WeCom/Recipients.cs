using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>Whom an app's message reaches, and who on its lists it cannot reach.</summary>
internal sealed class Recipients
{
    private const int mostUsers = 1000;
    private const int mostPartiesOrTags = 100;

    public Verdict Verdict { get; private init; }

    public List<string> Reached { get; } = [];

    public List<string> InvalidUser { get; } = [];

    public List<string> InvalidParty { get; } = [];

    public List<string> InvalidTag { get; } = [];

    public List<string> Unlicensed { get; } = [];

    public static Recipients Of(App app, JsonElement body)
    {
        var users = Split(body, "touser");
        var parties = Split(body, "toparty");
        var tags = Split(body, "totag");
        if (users.Length + parties.Length + tags.Length == 0)
            return new Recipients { Verdict = new(82001) };
        if (users.Length > mostUsers)
            return new Recipients { Verdict = new(40032) };
        if (parties.Length > mostPartiesOrTags)
            return new Recipients { Verdict = new(82002) };
        if (tags.Length > mostPartiesOrTags)
            return new Recipients { Verdict = new(82003) };

        var found = new Recipients();
        if (users is ["@all"])
            found.AddEverybody(app);
        else
            found.AddListed(app, users, parties, tags);
        return found;
    }

    private void AddEverybody(App app)
    {
        foreach (var user in app.Everybody)
            (app.IsUnlicensed(user) ? Unlicensed : Reached).Add(user);
        // An app that sees everybody without a list still shows the message once.
        if (Reached.Count == 0 && app.Sees("*"))
            Reached.Add("@all");
    }

    private void AddListed(App app, string[] users, string[] parties, string[] tags)
    {
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var user in users.Where(named.Add))
        {
            if (!app.Sees(user))
                InvalidUser.Add(user.ToLowerInvariant());
            else if (app.IsUnlicensed(user))
                Unlicensed.Add(user.ToLowerInvariant());
            else
                Reached.Add(user);
        }

        AddGroups(parties, app.Registration.Departments, InvalidParty, named);
        AddGroups(tags, app.Registration.Tags, InvalidTag, named);
    }

    private void AddGroups(string[] ids, IReadOnlyDictionary<string, string[]> known, List<string> invalid, HashSet<string> named)
    {
        foreach (var id in ids)
        {
            if (known.TryGetValue(id, out var members))
                Reached.AddRange(members.Where(named.Add));
            else
                invalid.Add(id);
        }
    }

    private static string[] Split(JsonElement body, string field) => body.Text(field).Split('|', StringSplitOptions.RemoveEmptyEntries);
}
