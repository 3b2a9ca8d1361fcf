using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.WeCom;

/// <summary>Only what is chosen under "send to" can be reached. Robots go by their names, accounts by WeCom's ids, whose case does not matter.</summary>
internal sealed class WeComRoutes : IRoutes
{
    private readonly HashSet<string> robots;
    private readonly HashSet<string> accounts;

    public WeComRoutes(JsonObject settings)
    {
        Settings = Read(settings);
        robots = new(Settings.SendsToBots ? Settings.Bots.Select(x => x.Alias) : [], Names.Comparer);
        accounts = new(Settings.SendsToAccounts && Settings.App is not null ? Settings.Accounts.Select(x => x.Account) : [], StringComparer.OrdinalIgnoreCase);
    }

    public WeComSettings Settings { get; }

    public static WeComSettings Read(JsonObject settings) => settings.Deserialize<WeComSettings>(NotifyJson.Options)!;

    public bool Has(Receiver receiver) => receiver switch
    {
        { Kind: WeComSettings.Bot, Alias: { } alias } => robots.Contains(alias),
        { Kind: WeComSettings.Account, Account: Receiver.All } => accounts.Count > 0,
        { Kind: WeComSettings.Account, Account: { } account } => accounts.Contains(account),
        _ => false,
    };
}
