using System.Text.Json;
using System.Text.Json.Serialization;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Deciding;
using Notify.Rules.Schedules;
using Notify.Testing;

namespace Notify.Rules.Tests;

public class RuleSettingsTests
{
    private static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private static string[] FaultyFields(RuleSettings settings) => [.. Given.FaultsOf(x => settings.Validate(x, TestChannels.All)).Keys];

    private static string[] FaultyFields(Func<RuleCriteria, RuleCriteria> change) => FaultyFields(Given.Rule.With(change));

    private static string[] FaultyReceivers(params Receiver[] receivers) => FaultyFields(Given.Rule with { Actions = [Given.Action(receivers)] });

    [Fact]
    public void the_shape_of_the_contract_is_read_and_valid()
    {
        const string json = """
            { "criteria": { "states": ["ActiveUnacked","ActiveAcked","ClearedUnacked","ClearedAcked"], "shelved": false,
                            "levels": ["Critical","High"], "paths": ["Site1/Line1/**"], "labels": { "team": "ops" }, "matchAll": true },
              "actions": [ { "type": "wecom", "serviceId": "s", "messageId": "m", "scheduleId": "c",
                             "receivers": [ { "kind": "bot", "alias": "Line 1" }, { "kind": "account", "account": "zhangsan" } ] } ] }
            """;

        var settings = JsonSerializer.Deserialize<RuleSettings>(json, options)!;

        FaultyFields(settings).Should().BeEmpty();
        new RuleMatcher("x", settings.Criteria).Matches(Given.Alarm).Should().BeTrue();
        settings.Actions[0].Receivers.Should().Equal(Given.Bot("Line 1"), Given.Account("zhangsan"));
    }

    [Fact]
    public void matchAll_is_true_unless_it_is_said() =>
        JsonSerializer.Deserialize<RuleSettings>("""{ "criteria": { }, "actions": null }""", JsonSerializerOptions.Web)!.Criteria.MatchAll.Should().BeTrue();

    [Fact]
    public void a_rule_needs_a_state_and_an_action() => FaultyFields(new RuleSettings()).Should().Equal("actions", "criteria.states");

    [Fact]
    public void criteria_are_checked_one_by_one()
    {
        FaultyFields(x => x with { States = [AlarmState.ActiveAcked, AlarmState.ActiveAcked, (AlarmState)9] }).Should()
            .Equal("criteria.states[1]", "criteria.states[2]");
        FaultyFields(x => x with { Levels = [(AlarmLevel)9, AlarmLevel.Low] }).Should().Equal("criteria.levels[0]");
        FaultyFields(x => x with { Paths = ["a/**", "A/**/", "a//b", null!] }).Should()
            .Equal("criteria.paths[1]", "criteria.paths[2]", "criteria.paths[3]");
        FaultyFields(x => x with { Labels = new Dictionary<string, string> { [" "] = "x", ["team"] = null! } }).Should()
            .Equal("criteria.labels", "criteria.labels.team");
    }

    [Theory]
    [InlineData("""{ "op": "in", "values": ["a"] }""", ".label")]
    [InlineData("""{ "label": " ", "op": "exists" }""", ".label")]
    [InlineData("""{ "label": "team" }""", ".op")]
    [InlineData("""{ "label": "team", "op": null }""", ".op")]
    [InlineData("""{ "label": "team", "op": "in" }""", ".values")]
    [InlineData("""{ "label": "team", "op": "notIn", "values": null }""", ".values")]
    [InlineData("""{ "label": "team", "op": "matches", "values": [] }""", ".values")]
    [InlineData("""{ "label": "team", "op": "exists", "values": ["a"] }""", ".values")]
    [InlineData("""{ "label": "team", "op": "in", "values": ["", null] }""", ".values[1]")]
    [InlineData("""{ "label": "team", "op": "in", "values": ["a", "a"] }""", ".values[1]")]
    [InlineData("""{ "label": "team", "op": "matches", "values": ["a)(b"] }""", ".values[0]")]
    [InlineData("""{ "label": "team", "op": "matches", "values": ["(?=a)"] }""", ".values[0]")]
    [InlineData("""{ "label": "team", "op": "matches", "values": ["((a{100}){100}){100}"] }""", ".values[0]")]
    [InlineData("null", "")]
    public void a_label_matcher_is_checked_field_by_field(string matcher, string field)
    {
        var settings = JsonSerializer.Deserialize<RuleSettings>(
            $$"""{ "criteria": { "states": ["ActiveUnacked"], "labelMatchers": [ {{matcher}} ] } }""", NotifyJson.Options)!;

        FaultyFields(settings with { Actions = Given.Rule.Actions }).Should().Equal($"criteria.labelMatchers[0]{field}");
    }

    [Fact]
    public void what_is_chosen_from_a_few_is_written_as_it_is_read()
    {
        JsonSerializer.Serialize(new LabelMatcher { Label = "team", Op = LabelOperator.NotIn, Values = ["a"] }, NotifyJson.Options).Should()
            .Be("""{"label":"team","op":"notIn","values":["a"]}""");
        JsonSerializer.Serialize(Given.Always with { Holidays = HolidayRule.AsUsual }, NotifyJson.Options).Should()
            .Contain(""" "holidays":"asUsual" """.Trim());
    }

    [Fact]
    public void an_action_names_its_type_service_message_schedule_and_receivers()
    {
        FaultyFields(Given.Rule with { Actions = [new() { Type = "pigeon" }] }).Should().Equal(
            "actions[0].messageId", "actions[0].receivers", "actions[0].scheduleId", "actions[0].serviceId", "actions[0].type");
        FaultyFields(Given.Rule with { Actions = [null!] }).Should().Equal("actions[0]");
    }

    [Fact]
    public void a_receiver_is_what_its_kind_asks_for()
    {
        FaultyReceivers(new("bot", Account: "a"), new("account", Alias: "x"), new("pigeon"), null!).Should().Equal(
            "actions[0].receivers[0].account", "actions[0].receivers[0].alias", "actions[0].receivers[1].account", "actions[0].receivers[1].alias",
            "actions[0].receivers[2].kind", "actions[0].receivers[3]");
    }

    [Fact]
    public void a_receiver_is_named_once()
    {
        FaultyReceivers(Given.Bot("Line 1"), Given.Account("Line 1")).Should().BeEmpty();
        FaultyReceivers(Given.Bot("Line 1"), Given.Bot("line 1")).Should().Equal("actions[0].receivers[1]");
        FaultyReceivers(Given.Account("a"), Given.Account("A")).Should().Equal("actions[0].receivers[1]");
        FaultyReceivers(Given.Account("a"), Given.Account("@all"), Given.Bot("b")).Should().Equal("actions[0].receivers[0]");
    }

    [Fact]
    public void references_exist_are_enabled_and_fit()
    {
        static string[] Faults(RuleAction action, ConfiguredService? service = null, bool messageEnabled = true)
        {
            var references = new RuleReferences(
                id => id == "s1" ? service ?? Given.Service : null,
                id => id == "m1" ? Given.Enabled("m1", "Short", Given.Text) with { Enabled = messageEnabled } : null,
                id => id == "c1" ? Given.Enabled("c1", "Default", Given.Always) : id == "h1" ? Given.Enabled(
                "h1", "National Day", Given.NationalDay) : null,
                ConfiguredPeople.None, TestChannels.All);
            return [.. Given.FaultsOf(errors => references.Validate(Given.Rule with { Actions = [action] }, errors))
                .Select(x => $"{x.Key}: {x.Value.Single()}")];
        }

        var action = Given.Action(Given.Bot("LINE 1"), Given.Account("ZhangSan"), Given.Account("@all"));
        Faults(action).Should().BeEmpty();
        Faults(action with { ServiceId = "service-x", MessageId = "message-y", ScheduleId = "schedule-z" }).Should().Equal(
            "actions[0].messageId: There is no message 'message-y'.", "actions[0].scheduleId: There is no schedule 'schedule-z'.",
            "actions[0].serviceId: There is no service 'service-x'.");
        Faults(action, messageEnabled: false).Should().Equal("actions[0].messageId: Message 'Short' is disabled.");
        Faults(action, Given.Service with { Enabled = false }).Should().Equal("actions[0].serviceId: Service 'Plant WeCom' is disabled.");
        Faults(action, Given.Service with { Type = "email" }).Should()
            .Equal("actions[0].serviceId: Service 'Plant WeCom' is of type email, the action of type wecom.");
        Faults(action with { ScheduleId = "h1" }).Should()
            .Equal("actions[0].scheduleId: Schedule 'National Day' is a holiday; an action needs a standard schedule.");
        Faults(action, Given.Service with { Routes = Given.Routes([], []) }).Should().Equal(
            "actions[0].receivers[0]: Service 'Plant WeCom' has no robot 'LINE 1'.",
            "actions[0].receivers[1]: Service 'Plant WeCom' has no account 'ZhangSan'.",
            "actions[0].receivers[2]: Service 'Plant WeCom' has no accounts to send to.");
    }
}
