using System.Text.Json.Nodes;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Notify.Testing;

namespace Notify.Rules.Tests;

/// <summary>A small plant: one alarm, one of each kind of configuration. Tests change what they are about.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);

    public static readonly AlarmFacts Alarm = new()
    {
        Name = "Overpressure",
        Path = "Site1/Line1/Pump3",
        Type = "Limit",
        Level = AlarmLevel.Critical,
        State = AlarmState.ActiveUnacked,
        Value = "12.4",
        EventTime = Noon,
        Description = "Pressure is too high",
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "ops" },
    };

    public static readonly ScheduleSettings Always = new() { TimeZone = "Asia/Shanghai", Weekly = WeeklyPeriods.Always };

    public static readonly ScheduleSettings NationalDay = new()
    {
        Kind = ScheduleSettings.Holiday,
        TimeZone = "Asia/Shanghai",
        From = "2026-10-01",
        To = "2026-10-07",
    };

    public static readonly ScheduleSettings OfficeHours = new()
    {
        TimeZone = "Asia/Shanghai",
        IgnoreHolidays = true,
        Weekly = new()
        {
            Monday = [new("08:00:00", "17:30:00")],
            Tuesday = [new("08:00:00", "17:30:00")],
            Wednesday = [new("08:00:00", "17:30:00")],
            Thursday = [new("08:00:00", "17:30:00")],
            Friday = [new("08:00:00", "17:30:00")],
        },
    };

    public static readonly MessageSettings Text = new() { Type = "wecom", Format = "text", Content = "{name} is {level}" };

    public static readonly ConfiguredService Service = new("s1", 4, "Plant WeCom", true, "wecom", Routes(["Line 1", "Line 2"], ["zhangsan", "lisi"]));

    public static readonly RuleSettings Rule = new()
    {
        Criteria = new() { States = Enum.GetValues<AlarmState>() },
        Actions = [Action(Bot("Line 1"))],
    };

    public static Receiver Bot(string alias) => new("bot", Alias: alias);

    public static Receiver Account(string account) => new("account", Account: account);

    public static AskedReceiver Asked(string text) => new(text, TestChannels.All.Kinds);

    public static IMessageFormat Format(string name) => TestChannels.All.Default.Messages.Find(name)!;

    public static CompiledContent Compiled(MessageSettings settings) => CompiledContent.Of(settings, TestChannels.All);

    /// <summary>Of a service with these robots and accounts; it sends to those that it has.</summary>
    public static IRoutes Routes(IReadOnlyList<string> robots, IReadOnlyList<string> accounts) => TestChannels.All.Default.Routes(new JsonObject
    {
        ["sendTo"] = new JsonArray("bot", "account"),
        ["bots"] = new JsonArray([.. robots.Select(x => new JsonObject
        {
            ["alias"] = x, ["webhookUrl"] = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=****",
                ["key"] = new JsonObject { ["ref"] = x, ["fingerprint"] = x },
        })]),
        ["app"] = new JsonObject { ["corpId"] = "ww1", ["agentId"] = 1, ["secret"] = new JsonObject { ["ref"] = "app", ["fingerprint"] = "app" } },
        ["accounts"] = new JsonArray([.. accounts.Select(x => new JsonObject { ["account"] = x, ["name"] = x })]),
    });

    /// <summary>Of a service that sends to robots only.</summary>
    public static IRoutes RobotRoutes(params string[] robots) => TestChannels.All.Default.Routes(new JsonObject
    {
        ["sendTo"] = new JsonArray("bot"),
        ["bots"] = new JsonArray([.. robots.Select(x => new JsonObject
        {
            ["alias"] = x, ["webhookUrl"] = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=****",
            ["key"] = new JsonObject { ["ref"] = x, ["fingerprint"] = x },
        })]),
    });

    public static RuleAction Action(params Receiver[] receivers) =>
        new() { Type = "wecom", ServiceId = "s1", MessageId = "m1", ScheduleId = "c1", Receivers = receivers };

    public static Configured<T> Enabled<T>(string id, string name, T settings) => new(id, 1, name, true, settings);

    public static RuleSettings With(this RuleSettings rule, Func<RuleCriteria, RuleCriteria> change) =>
        rule with { Criteria = change(rule.Criteria) };

    public static RuleSnapshot Snapshot(params RuleSettings[] rules) =>
        Plant([.. rules.Select((x, i) => Enabled($"r{i}", $"Rule {i}", x))]);

    public static RuleSnapshot Plant(
        IEnumerable<Configured<RuleSettings>>? rules = null,
        Configured<MessageSettings>? message = null,
        Configured<ScheduleSettings>? schedule = null,
        ConfiguredService? service = null,
        ConfiguredPeople? people = null,
        params Configured<ScheduleSettings>[] holidays) => new(
            7,
            rules ?? [Enabled("r0", "Rule 0", Rule)],
            [message ?? Enabled("m1", "Short", Text)],
            [schedule ?? Enabled("c1", "Default", Always), .. holidays],
            [service ?? Service],
            people ?? ConfiguredPeople.None,
            TestChannels.All);

    public static PersonDescription Person(string id, string name, params (string Field, string Address)[] addresses) =>
        new(id, 1, $"{id}.name", name, true, addresses.ToDictionary(x => x.Field, x => x.Address, StringComparer.Ordinal));

    public static GroupDescription Group(string id, string name, params string[] members) => new(id, 3, name, true, members);

    public static Receiver User(string id) => new("user", Account: id);

    public static Receiver GroupOf(string id) => new("group", Account: id);

    public static IDictionary<string, string[]> FaultsOf(Action<Errors> validate)
    {
        var errors = new Errors();
        validate(errors);
        return errors.ToDictionary();
    }
}
