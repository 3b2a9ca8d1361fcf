using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.DingTalk;

/// <summary>Only receivers of the kinds selected in <c>sendTo</c> can be reached. Each robot is a lane, and so is each app's robot.</summary>
internal sealed class DingTalkRoutes(DingTalkSettings settings) : IRoutes
{
    public const string RobotLane = $"{DingTalkChannel.TypeName}/robot/";
    public const string AppLane = $"{DingTalkChannel.TypeName}/app/";

    private readonly HashSet<string> members = new(
        settings.SendsToMembers ? settings.Members.Select(x => x.UserId) : [], StringComparer.OrdinalIgnoreCase);

    public DingTalkSettings Settings => settings;

    /// <summary>Null when the service does not send to members.</summary>
    public DingTalkApp? App => settings.SendsToMembers ? settings.App : null;

    public IEnumerable<(string Lane, string Name)> Lanes
    {
        get
        {
            foreach (var robot in settings.SendsToBots ? settings.Bots : []) yield return (Of(robot), robot.Alias);
            if (App is { } app) yield return (Of(app), $"app {app.RobotCode}");
        }
    }

    public bool Has(Receiver receiver) => receiver switch
    {
        { Kind: DingTalkSettings.Bot } => Robot(receiver.Alias) is not null,
        { Kind: PeopleKinds.User or PeopleKinds.Group } => App is not null,
        { Kind: DingTalkSettings.Member, Account: Receiver.All } => members.Count > 0,
        { Kind: DingTalkSettings.Member, Account: { } account } => members.Contains(account),
        _ => false,
    };

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => receivers.Count == 0 ? null
        : receivers[0].Kind != DingTalkSettings.Bot ? App is { } app ? Of(app) : null
        : Robot(receivers[0].Alias) is { } robot ? Of(robot) : null;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers)
    {
        if (receivers.Count == 0 || receivers[0].Kind == DingTalkSettings.Bot) return Audience.One;
        var users = UsersOf(receivers, []);
        return new([.. users.Select(x => x.ToLowerInvariant())], users.Count);
    }

    /// <summary>The platform has no "everyone": <c>@all</c> means all members in the service's settings.</summary>
    /// <param name="judged">Those who have an outcome already.</param>
    public IReadOnlyList<string> UsersOf(IReadOnlyList<Receiver> receivers, IReadOnlyList<ReceiverOutcome> judged)
    {
        var users = receivers.Any(x => x.Account == Receiver.All) ? settings.Members.Select(x => x.UserId) : receivers.Select(x => x.Account!);
        return [.. users.Where(x => !judged.Any(j => j.IsOf(DingTalkSettings.Member, x))).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    public DingTalkBot? Robot(string? alias) => settings.SendsToBots ? Names.Find(settings.Bots, x => x.Alias, alias) : null;

    private static string Of(DingTalkBot robot) => RobotLane + robot.WebhookUrl.Key.Fingerprint;

    private static string Of(DingTalkApp app) => $"{AppLane}{app.ClientId}/{app.RobotCode}";
}
