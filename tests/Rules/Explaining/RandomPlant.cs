using System.Collections.Concurrent;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Notify.Testing;

namespace Notify.Rules.Tests.Explaining;

/// <summary>A configuration of a few rules in which everything that can be wrong sometimes is.</summary>
internal sealed record RandomPlant(
    IReadOnlyList<Configured<RuleSettings>> Rules, IReadOnlyList<Configured<MessageSettings>> Messages,
    IReadOnlyList<Configured<ScheduleSettings>> Schedules,
    IReadOnlyList<PlantService> Services)
{
    public static readonly string[] Accounts = ["zhangsan", "lisi", "wangwu"];
    private static readonly string[] robots = ["Line 1", "Line 2"];

    private RuleSnapshot? snapshot;

    /// <summary>A copy with something changed has another.</summary>
    private RandomPlant(RandomPlant other) =>
        (Rules, Messages, Schedules, Services) = (other.Rules, other.Messages, other.Schedules, other.Services);

    /// <summary>Compiled when it is first asked for: most of the time of these tests is compiling.</summary>
    public RuleSnapshot Snapshot => snapshot ??= new(
        7, Rules, Messages, Schedules, Services.Select(x => x.Configured), ConfiguredPeople.None, TestChannels.All);

    public static RandomPlant Of(Random random) => new(
        [.. Enumerable.Range(0, random.Next(0, 8))
        .Select(i => new Configured<RuleSettings>($"r{i}", 1, $"Rule {i}", random.Next(5) > 0, Rule(random)))],
        [.. Enumerable.Range(0, 2).Where(_ => random.Next(15) > 0)
        .Select(i => new Configured<MessageSettings>($"m{i}", 1, $"Message {i}", random.Next(12) > 0, Given.Text))],
        [
            .. Enumerable.Range(0, 2).Where(_ => random.Next(15) > 0).Select(i => new Configured<ScheduleSettings>(
                $"c{i}", 1, $"Schedule {i}", random.Next(12) > 0, random.Next(3) > 0
                ? Given.Always with { Holidays = (HolidayRule)random.Next(3) } : Given.OfficeHours)),
            new("h0", 3, "National Day", random.Next(2) == 0, Given.NationalDay),
        ],
        [
            .. Enumerable.Range(0, 2).Where(_ => random.Next(15) > 0).Select(i => new PlantService(
                $"s{i}", 1, $"Service {i}", random.Next(12) > 0, [.. robots.Where(_ => random.Next(4) > 0)],
                [.. Accounts.Where(_ => random.Next(4) > 0)])),
        ]);

    public static AlarmFacts Alarm(Random random) => Given.Alarm with
    {
        Level = (AlarmLevel)random.Next(4),
        State = (AlarmState)random.Next(4),
        Shelved = random.Next(4) == 0,
        Path = random.Next(2) == 0 ? "Site1/Line1/Pump3" : "Site2/Line9",
        Rule = random.Next(3) == 0 ? $"rule {random.Next(4)}" : null,
        Labels = random.Next(2) == 0 ? Given.Alarm.Labels : new Dictionary<string, string>(StringComparer.Ordinal),
    };

    public static string Receiver(Random random) =>
        random.Next(5) == 0 ? "nobody-knows-me" : random.Next(2) == 0 ? $"bot:{robots[random.Next(2)]}" : Accounts[random.Next(3)];

    /// <summary>The same configuration with this one condition of this way made to hold, and the alarm with it where the condition is about the
    /// alarm.</summary>
    public RandomPlant Holding(Way way, WayCondition condition, AlarmFacts alarm, string asked)
    {
        if (condition.Name == WayCondition.AnyRule) throw new ArgumentException("There is no rule to change.", nameof(condition));
        var action = Rules.Single(x => x.Id == way.Rule.Id).Settings.Actions[way.Action];
        var isRobot = asked.StartsWith("bot:", StringComparison.Ordinal);
        asked = isRobot ? asked["bot:".Length..] : asked;
        return condition.Name switch
        {
            WayCondition.Enabled => WithRule(way, x => x with { Enabled = true }),
            "state" => WithCriteria(way, x => x with { States = [.. x.States, alarm.State] }),
            "shelved" => WithCriteria(way, x => x with { Shelved = true }),
            "level" => WithCriteria(way, x => x with { Levels = [.. x.Levels!, alarm.Level] }),
            "path" => WithCriteria(way, x => x with { Paths = [.. x.Paths!, alarm.Path] }),
            "rule" => WithCriteria(way, x => x with { MatchAll = true }),
            "labels.team" => WithCriteria(way, x => x with { Labels = null }),
            WayCondition.Receiver => WithAction(way, x => x with { Receivers = [.. x.Receivers, isRobot ? Given.Bot(asked) : Given.Account(asked)] }),
            WayCondition.Service => this with
            {
                Services = Services.Any(x => x.Id == action.ServiceId)
                    ? [.. Services.Select(x => x.Id == action.ServiceId ? x with { Enabled = true } : x)]
                    : [.. Services, new(action.ServiceId, 1, "New", true, [.. robots, asked], [.. Accounts, asked])],
            },
            WayCondition.Reachable => this with
            {
                Services = [.. Services.Select(
                    x => x.Id != action.ServiceId
                    ? x : isRobot ? x with { Robots = [.. x.Robots, asked] } : x with { Accounts = [.. x.Accounts, asked] })],
            },
            WayCondition.Message =>
            this with { Messages = [.. Messages.Where(x => x.Id != action.MessageId), new(action.MessageId, 2, "New", true, Given.Text)] },
            WayCondition.Schedule => this with
            {
                Schedules = Schedules.Any(x => x.Id == action.ScheduleId)
                    ? [.. Schedules.Select(x => x.Id == action.ScheduleId ? x with { Enabled = true } : x)]
                    : [.. Schedules, new(action.ScheduleId, 1, "New", true, Given.Always)],
            },
            WayCondition.Time => WithSchedule(action.ScheduleId, x => x with { Weekly = WeeklyPeriods.Always }),
            WayCondition.Holiday => WithSchedule(action.ScheduleId, x => x with { IgnoreHolidays = false, Holidays = null }),
            WayCondition.OnHoliday => WithSchedule(action.ScheduleId, x => x with { Holidays = HolidayRule.AsUsual }),
            var other => throw new ArgumentOutOfRangeException(nameof(condition), other, "Nobody knows how to make this hold."),
        };
    }

    public RandomPlant Without(IEnumerable<string> ruleIds) => this with { Rules = [.. Rules.Where(x => !ruleIds.Contains(x.Id))] };

    private static RuleSettings Rule(Random random) => new()
    {
        Criteria = new()
        {
            States = [.. Enum.GetValues<AlarmState>().Where((x, i) => i == 0 || random.Next(3) > 0)],
            Shelved = random.Next(2) == 0,
            Levels = random.Next(2) == 0 ? null : [(AlarmLevel)random.Next(4), (AlarmLevel)random.Next(4)],
            Paths = random.Next(2) == 0 ? null : ["Site1/**"],
            Labels = random.Next(3) > 0 ? null : Given.Alarm.Labels,
            MatchAll = random.Next(4) > 0,
        },
        Actions = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => new RuleAction
        {
            Type = "wecom",
            ServiceId = $"s{random.Next(2)}",
            MessageId = $"m{random.Next(2)}",
            ScheduleId = $"c{random.Next(2)}",
            Receivers = random.Next(6) == 0 ? [Given.Account("@all")]
                : [.. robots.Where(_ => random.Next(2) == 0).Select(Given.Bot),
                    .. Accounts.Where((_, i) => i == 0 || random.Next(2) == 0).Select(Given.Account)],
        })],
    };

    private RandomPlant WithRule(Way way, Func<Configured<RuleSettings>, Configured<RuleSettings>> change) =>
        this with { Rules = [.. Rules.Select(x => x.Id == way.Rule.Id ? change(x) : x)] };

    private RandomPlant WithCriteria(Way way, Func<RuleCriteria, RuleCriteria> change) =>
        WithRule(way, x => x with { Settings = x.Settings with { Criteria = change(x.Settings.Criteria) } });

    private RandomPlant WithAction(Way way, Func<RuleAction, RuleAction> change) =>
        WithRule(way, x => x with
        {
            Settings = x.Settings with
            {
                Actions = [
            .. x.Settings.Actions.Select((a, i) => i == way.Action ? change(a) : a)]
            }
        });

    private RandomPlant WithSchedule(string id, Func<ScheduleSettings, ScheduleSettings> change) =>
        this with { Schedules = [.. Schedules.Select(x => x.Id == id ? x with { Settings = change(x.Settings) } : x)] };
}

internal sealed record PlantService(string Id, long Version, string Name, bool Enabled, IReadOnlyList<string> Robots, IReadOnlyList<string> Accounts)
{
    private static readonly ConcurrentDictionary<string, IRoutes> routes = new(StringComparer.Ordinal);

    public ConfiguredService Configured => new(
        Id, Version, Name, Enabled, "wecom",
        routes.GetOrAdd($"{string.Join(',', Robots)};{string.Join(',', Accounts)}", _ => Given.Routes(Robots, Accounts)));
}
