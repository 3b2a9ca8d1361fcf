using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Notify.Testing;

namespace Notify.Rules.Tests;

public class DecisionTests
{
    private static IEnumerable<string?> Reasons(RuleSnapshot snapshot, DateTimeOffset? at = null) =>
        snapshot.Decide(Given.Alarm, at ?? Given.Noon).Notifications.Select(x => x.Suppressed);

    [Fact]
    public void a_matching_rule_decides_with_everything_delivery_needs()
    {
        var decision = Given.Plant(message: Given.Enabled("m1", "Short", Given.Text with { Mentions = new(["@all"], []) }))
            .Decide(Given.Alarm, Given.Noon);

        decision.Should().BeEquivalentTo(new
        {
            ConfigurationVersion = 7L,
            Nobody = (string?)null,
            Notifications = new[]
            {
                new
                {
                    Rule = new VersionedRef("r0", 1, "Rule 0"),
                    Action = 0,
                    Service = new VersionedRef("s1", 4, "Plant WeCom"),
                    Message = new VersionedRef("m1", 1, "Short"),
                    Schedule = new VersionedRef("c1", 1, "Default"),
                    ChannelType = "wecom",
                    Receivers = new[] { Given.Bot("Line 1") },
                    Content = new RenderedMessage("text", "Overpressure is Critical", new(["@all"], [])) { TimeZone = "Asia/Shanghai" },
                    Suppressed = (string?)null,
                },
            },
        });
    }

    [Fact]
    public void what_cannot_be_read_fails_what_needs_it_and_nothing_else()
    {
        var good = Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")), Given.Action(Given.Bot("Line 2")) with { MessageId = "m2" }] };
        Configured<RuleSettings>[] rules =
        [
            Given.Enabled("r1", "A good one", good),
            Given.Enabled("r2", "Its schedule", good with { Actions = [Given.Action(Given.Bot("Line 1")) with { ScheduleId = "c2" }] }),
            Given.Enabled("r3", "Its path", good with { Criteria = good.Criteria with { Paths = ["Site9/***"] },
            Actions = [Given.Action(Given.Bot("Line 1"))] }),
        ];
        var snapshot = new RuleSnapshot(
            7, rules, [Given.Enabled("m1", "Short", Given.Text), Given.Enabled("m2", "Broken", Given.Text with { Content = "{nope}" })],
            [
                Given.Enabled("c1", "Default", Given.Always), Given.Enabled("c2", "Broken", Given.Always with { TimeZone = "Mars/Phobos" }),
                Given.Enabled("h1", "Broken holiday", Given.NationalDay with { From = null }),
            ],
            [Given.Service], ConfiguredPeople.None, TestChannels.All);

        snapshot.Decide(Given.Alarm, Given.Noon).Notifications.Select(x => (x.Rule.Id, x.Action, Failed: x.Failure is not null, x.Suppressed))
            .Should().Equal(("r1", 0, false, null), ("r1", 1, true, null), ("r3", 0, true, null), ("r2", 0, true, null));
        snapshot.Decide(Given.Alarm, Given.Noon).Notifications[1].Failure.Should().Contain("nope");
        snapshot.Explain(Given.Alarm, Given.Noon).SelectMany(x => x.Actions).SelectMany(x => x.Receivers).Count(x => x.Failure is not null).Should()
            .Be(3);
        snapshot.Ways(Given.Alarm, Given.Noon, Given.Asked("Line 1")).Where(x => x.Rule.Id == "r2").SelectMany(x => x.Failed).Should()
            .ContainSingle(x => x.Name == WayCondition.Schedule);
        snapshot.StateOf("c2", Given.Noon).Should().BeNull("nothing holds anything back then");
    }

    [Fact]
    public void each_robot_is_told_by_itself_and_all_accounts_together()
    {
        var rule = Given.Rule with
        {
            Actions = [
            Given.Action(Given.Account("zhangsan"), Given.Bot("Line 1"), Given.Account("lisi"), Given.Bot("Line 2"))]
        };

        Given.Snapshot(rule).Decide(Given.Alarm, Given.Noon).Notifications.Select(
            x => string.Join('+', x.Receivers.Select(r => r.Alias ?? r.Account)))
            .Should().Equal("Line 1", "Line 2", "zhangsan+lisi");
    }

    [Fact]
    public void two_rules_that_reach_the_same_robot_both_tell_it() =>
        Given.Snapshot(Given.Rule, Given.Rule).Decide(Given.Alarm, Given.Noon).Notifications.Select(x => x.Rule.Id).Should().Equal("r0", "r1");

    [Fact]
    public void the_order_is_that_of_names_then_ids_whatever_the_order_of_loading()
    {
        var rules = new[] { ("z", "beta"), ("b", "Alpha"), ("a", "alpha") }.Select(x => Given.Enabled(x.Item1, x.Item2, Given.Rule)).ToArray();

        foreach (var order in (IEnumerable<Configured<RuleSettings>>[])[rules, rules.Reverse()])
            Given.Plant(order).Decide(Given.Alarm, Given.Noon).Notifications.Select(x => x.Rule.Id).Should().Equal("a", "b", "z");
    }

    [Fact]
    public void nobody_is_told_when_no_rule_matches()
    {
        Given.Snapshot(Given.Rule.With(x => x with { Levels = [AlarmLevel.Low] })).Decide(Given.Alarm, Given.Noon).Should()
            .BeEquivalentTo(new { Nobody = "noRuleMatches", Notifications = Array.Empty<PlannedNotification>() });
        RuleSnapshot.Empty.Decide(Given.Alarm, Given.Noon).Nobody.Should().Be("noRuleMatches");
    }

    [Fact]
    public void a_rule_that_is_switched_off_is_named_as_the_reason()
    {
        var off = Given.Enabled("r0", "Off", Given.Rule) with { Enabled = false };
        Given.Plant([off]).Decide(Given.Alarm with { Shelved = true }, Given.Noon).Notifications.Select(x => (x.Rule.Id, x.Suppressed)).Should()
            .Equal(("r0", "ruleDisabled"));
    }

    [Fact]
    public void what_a_schedule_holds_back_is_told_when_it_opens_if_the_action_wants_a_digest()
    {
        var settings = Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")) with { Digest = true }, Given.Action(Given.Bot("Line 2"))] };
        var snapshot = Given.Plant([Given.Enabled("r0", "Night", settings)], schedule: Given.Enabled("c1", "Office hours", Given.OfficeHours));
        var night = new DateTimeOffset(2026, 9, 28, 22, 0, 0, TimeSpan.FromHours(8));
        var morning = new DateTimeOffset(2026, 9, 29, 8, 0, 0, TimeSpan.FromHours(8));

        foreach (var at in new[] { night, night.AddHours(9), night.AddHours(1) })
            snapshot.Decide(Given.Alarm, at).Notifications.Select(x => (x.Suppressed, x.DigestAt)).Should()
                .Equal(("schedule", morning), ("schedule", null));
        snapshot.Decide(Given.Alarm, night.AddDays(1)).Notifications[0].DigestAt.Should().Be(morning.AddDays(1));
        snapshot.Decide(Given.Alarm, morning).Notifications.Select(x => (x.Suppressed, x.DigestAt)).Should().Equal((null, null), (null, null));
    }

    [Fact]
    public void a_shelved_alarm_is_suppressed_by_rules_that_match_otherwise()
    {
        var snapshot = Given.Snapshot(
            Given.Rule, Given.Rule.With(x => x with { Shelved = true }), Given.Rule.With(x => x with { Levels = [AlarmLevel.Low] }));

        snapshot.Decide(Given.Alarm with { Shelved = true }, Given.Noon).Notifications.Select(x => (x.Rule.Id, x.Suppressed))
            .Should().Equal(("r0", "shelved"), ("r1", null));
    }

    [Fact]
    public void what_is_disabled_suppresses_and_says_so()
    {
        Reasons(Given.Plant(service: Given.Service with { Enabled = false })).Should().Equal("serviceDisabled");
        Reasons(Given.Plant(message: Given.Enabled("m1", "Short", Given.Text) with { Enabled = false })).Should().Equal("messageDisabled");
        Reasons(Given.Plant(schedule: Given.Enabled("c1", "Default", Given.Always) with { Enabled = false })).Should().Equal("scheduleDisabled");
    }

    [Fact]
    public void what_is_gone_suppresses_and_says_so()
    {
        Reasons(Given.Plant(service: Given.Service with { Id = "other" })).Should().Equal("serviceRemoved");
        Reasons(Given.Plant(message: Given.Enabled("other", "Short", Given.Text))).Should().Equal("messageRemoved");
        Reasons(Given.Plant(schedule: Given.Enabled("h1", "National Day", Given.NationalDay))).Should().Equal("scheduleRemoved");
    }

    [Fact]
    public void a_receiver_that_the_service_no_longer_has_is_told_apart()
    {
        var rule = Given.Rule with
        {
            Actions = [
            Given.Action(Given.Bot("Line 9"), Given.Account("zhangsan"), Given.Account("gone"), Given.Account("LISI"))]
        };

        Given.Snapshot(rule).Decide(Given.Alarm, Given.Noon).Notifications.Select(
            x => (string.Join('+', x.Receivers.Select(r => r.Alias ?? r.Account)), x.Suppressed))
            .Should().Equal(("Line 9", "receiverRemoved"), ("zhangsan+LISI", null), ("gone", "receiverRemoved"));
    }

    [Fact]
    public void everyone_can_be_told_while_the_service_sends_to_accounts()
    {
        var rules = new[] { Given.Enabled("r0", "Everyone", Given.Rule with { Actions = [Given.Action(Given.Account("@all"))] }) };

        Reasons(Given.Plant(rules)).Should().Equal((string?)null);
        Reasons(Given.Plant(rules, service: Given.Service with { Routes = Given.Routes(["Line 1", "Line 2"], []) })).Should()
            .Equal("receiverRemoved");
    }

    [Fact]
    public void a_closed_schedule_suppresses_with_its_reason()
    {
        var holiday = Given.Enabled("h1", "National Day", Given.NationalDay);
        RuleSnapshot Office(bool holidayEnabled) =>
            Given.Plant(schedule: Given.Enabled("c1", "Office", Given.OfficeHours), holidays: holiday with { Enabled = holidayEnabled });

        Reasons(Office(true), Given.Noon).Should().Equal((string?)null);
        Reasons(Office(true), Given.Noon.AddHours(8)).Should().Equal("schedule");
        Reasons(Office(true), Given.Noon.AddDays(1)).Should().Equal("holiday");
        Reasons(Office(false), Given.Noon.AddDays(1)).Should().Equal((string?)null);
    }

    [Fact]
    public void the_event_time_is_written_in_the_messages_zone_or_else_the_schedules()
    {
        string TextIn(string? messageZone) =>
            Given.Plant(message: Given.Enabled("m1", "Time", new MessageSettings { Content = "{eventTime} {urlPath}", TimeZone = messageZone }))
            .Decide(Given.Alarm, Given.Noon, "https://n/a").Notifications.Single().Content.Text;

        TextIn(null).Should().Be("2026-09-30 12:00:00 +08:00 https://n/a");
        TextIn("Europe/Berlin").Should().Be("2026-09-30 06:00:00 +02:00 https://n/a");
    }
}
