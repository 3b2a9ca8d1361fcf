using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.WeCom;

/// <summary>Only receivers of the kinds selected in <c>sendTo</c> can be reached. Robots are identified by their names, accounts by WeCom's ids,
/// ignoring case.</summary>
internal sealed class WeComRoutes : IRoutes
{
    private readonly HashSet<string> robots;
    private readonly HashSet<string> accounts;

    public WeComRoutes(JsonObject settings)
    {
        Settings = Read(settings);
        robots = new(Settings.SendsToBots ? Settings.Bots.Select(x => x.Alias) : [], Names.Comparer);
        accounts = new(Settings.SendsToAccounts && Settings.App is not null ? Settings.Accounts.Select(x => x.Account) : [],
            StringComparer.OrdinalIgnoreCase);
    }

    public WeComSettings Settings { get; }

    public static WeComSettings Read(JsonObject settings) => settings.Deserialize<WeComSettings>(NotifyJson.Options)!;

    public bool Has(Receiver receiver) => receiver switch
    {
        { Kind: WeComSettings.Bot, Alias: { } alias } => robots.Contains(alias),
        { Kind: WeComSettings.Account, Account: Receiver.All } => accounts.Count > 0,
        { Kind: WeComSettings.Account, Account: { } account } => accounts.Contains(account),
        { Kind: PeopleKinds.User or PeopleKinds.Group } => App is not null,
        { Kind: WeComSettings.Party or WeComSettings.Tag, Account: { } id } => App is not null && MemberGroups.FaultOfId(id) is null,
        _ => false,
    };

    public string? LaneOf(IReadOnlyList<Receiver> receivers)
    {
        if (receivers.Count == 0) return null;
        if (receivers[0].Kind == WeComSettings.Bot) return Robot(receivers[0].Alias) is { } robot ? WeComLanes.Of(robot) : null;
        return App is { } app ? WeComLanes.Of(app) : null;
    }

    public IEnumerable<(string Lane, string Name)> Lanes
    {
        get
        {
            foreach (var robot in Settings.SendsToBots ? Settings.Bots : []) yield return (WeComLanes.Of(robot), robot.Alias);
            if (App is { } app) yield return (WeComLanes.Of(app), $"app {app.AgentId}");
        }
    }

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers)
    {
        if (receivers.Count == 0 || receivers[0].Kind == WeComSettings.Bot) return Audience.One;
        // Only the platform knows how many people "@all" reaches; the service's own list is the best estimate. Departments and tags are counted in
        // the same way.
        return receivers.Any(x => x.Account == Receiver.All || x.Kind is WeComSettings.Party or WeComSettings.Tag)
            ? new([Receiver.All], Math.Max(1, accounts.Count))
            : new([.. receivers.Select(x => x.Account!.ToLowerInvariant()).Distinct(StringComparer.Ordinal)], receivers.Count);
    }

    /// <summary>Null if the service does not send to accounts.</summary>
    public WeComApp? App => Settings.SendsToAccounts ? Settings.App : null;

    public WeComBot? Robot(string? alias) => Settings.SendsToBots ? Names.Find(Settings.Bots, x => x.Alias, alias) : null;
}
