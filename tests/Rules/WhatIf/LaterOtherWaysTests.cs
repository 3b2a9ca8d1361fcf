using Notify.Channels.People;
using Notify.Contracts.Delivery;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Rules.Deciding;
using Notify.Rules.WhatIf;
using Notify.Testing;

namespace Notify.Rules.Tests.WhatIf;

/// <summary>Whom another way tells of what did not arrive, and whom it would have told, without a database.</summary>
public class LaterOtherWaysTests
{
    private static readonly DateTimeOffset until = Given.Noon.AddHours(2);

    private static DateTimeOffset Minute(int minute) => Given.Noon.AddMinutes(minute);

    private static RuleAction Action(int? after, params Receiver[] receivers) => Given.Action(receivers) with
    {
        Otherwise = after is null ? null : new() { ServiceId = "s1", MessageId = "m1", Receivers = [Given.Account("lisi")], AfterMinutes = after },
    };

    private static readonly RuleSnapshot without = Plant(Action(null, Given.Bot("Line 1")));

    private static RuleSnapshot Plant(params RuleAction[] actions) => Given.Snapshot(Given.Rule with { Actions = actions });

    private static RuleSnapshot With(int after) => Plant(Action(after, Given.Bot("Line 1")));

    /// <summary>What is on record of the decision of a configuration: its notifications are 0, 1, 2….</summary>
    private static AlarmDecided DecisionOf(RuleSnapshot then) => new(
        "alarm-1", "", 1, 7, [
            .. then.Decide(Given.Alarm, Given.Noon).Notifications.Select(
                (x, i) => new DecidedAction($"notification-{i}", x.Rule.Id, 1, x.Action, x.Receivers, x.Suppressed)),
        ], null);

    private static List<LaterOtherWays.Sent> Sent(RuleSnapshot then) => [.. LaterOtherWays.SentBy(DecisionOf(then), then, Given.Noon)];

    private static List<LaterOtherWays.Planned> Planned(RuleSnapshot tried) =>
        [.. LaterOtherWays.PlannedBy(tried.Decide(Given.Alarm, Given.Noon), Given.Alarm, Given.Noon)];

    private static DescribedUndelivered FailedAt(int minute, bool unsent = false) => new("notification-0", Minute(minute), "invalid key", unsent, []);

    private static DescribedUndelivered Held(int from, int? to, int? failed = null) => new(
        "notification-0", failed is { } at ? Minute(at) : null, null, false, [new(Minute(from), to is { } end ? Minute(end) : null, "93000 no robot")]);

    private static Dictionary<string, DescribedUndelivered> Facts(params DescribedUndelivered[] facts) => facts.ToDictionary(x => x.NotificationId);

    /// <summary>Those whom the other configuration would have told, with the minute and why.</summary>
    private static IEnumerable<(string, int, string?)> WouldBe(RuleSnapshot then, RuleSnapshot tried, params DescribedUndelivered[] facts) =>
        from x in LaterOtherWays.Of(tried, Planned(tried), Sent(then), Facts(facts), until)
        from receiver in x.Receivers
        select (PeopleKinds.NameOf(receiver), (int)(x.DueAt - Given.Noon).TotalMinutes, x.Why);

    private static ILookup<string, StoredEvent> Taken(int minute, string why, string? stopped = null) => new[]
    {
        new StoredEvent(
            OtherWayTaken.StreamOf("notification-0"), 1, Guid.NewGuid(), new OtherWayTaken(
                "notification-0", "alarm-1", "", "", 1, new VersionedRef("r0", 1, "Rule 0"), 0, why, "invalid key", 7,
                stopped is null ? [new("notification-9", "r0", 1, 0, [Given.Account("lisi")], null)] : [], stopped), Minute(minute), null, 1),
    }.ToLookup(x => x.StreamId);

    [Fact]
    public void what_failed_is_told_the_other_way_when_it_failed_and_what_arrived_is_not()
    {
        WouldBe(without, With(10), FailedAt(3)).Should().Equal(("lisi", 3, "failed"));
        WouldBe(without, With(10)).Should().BeEmpty();
        WouldBe(without, without, FailedAt(3)).Should().BeEmpty("the draft has no other way");
        WouldBe(without, With(10), FailedAt(120)).Should().BeEmpty("the period was over");
    }

    [Fact]
    public void what_reached_only_some_is_told_the_other_way_unless_it_reached_all_whom_the_draft_tells()
    {
        var both = Plant(Action(null, Given.Account("zhangsan"), Given.Account("lisi")));
        var partly = FailedAt(3) with { IsPartly = true, Missed = ["account:lisi"] };

        WouldBe(both, Plant(Action(0, Given.Account("zhangsan"), Given.Account("lisi"))), partly).Should().Equal(("lisi", 3, "partlyDelivered"));
        WouldBe(both, Plant(Action(0, Given.Account("zhangsan"))), partly).Should().BeEmpty();
        WouldBe(both, Plant(Action(0, Given.Account("zhangsan"))), partly with { Missed = null }).Should().Equal(
            [("lisi", 3, "partlyDelivered")], "whether it reached him is unknown");
    }

    [Fact]
    public void what_is_held_for_longer_than_the_action_allows_is_told_the_other_way()
    {
        WouldBe(without, With(10), Held(2, 60)).Should().Equal(("lisi", 12, "blocked"));
        WouldBe(without, With(10), Held(2, null)).Should().Equal(("lisi", 12, "blocked"));
        WouldBe(without, With(0), Held(2, 60)).Should().Equal(("lisi", 2, "blocked"));
        WouldBe(without, With(10), Held(2, 11)).Should().BeEmpty("the lane went on before");
        WouldBe(without, With(10), Held(2, 8, failed: 8)).Should().Equal(("lisi", 8, "failed"));
        WouldBe(without, With(10), Held(2, 30, failed: 30)).Should().Equal([("lisi", 12, "blocked")], "it is told once");
    }

    [Fact]
    public void the_reason_is_the_one_that_the_lane_showed_when_the_other_way_was_due()
    {
        var held = Held(2, 60);
        held = held with { Holds = [held.Holds[0] with { Changes = [new(Minute(20), "40014 invalid token")] }] };
        string? ReasonAfter(int minutes) => LaterOtherWays.Of(
            With(minutes), Planned(With(minutes)), Sent(without), Facts(held), until).Single().Reason;

        ReasonAfter(17).Should().Be("93000 no robot");
        ReasonAfter(18).Should().Be("40014 invalid token");
    }

    [Fact]
    public void the_outcome_is_that_of_the_same_service_and_receivers_whichever_rule_told_them()
    {
        var both = Plant(Action(null, Given.Account("zhangsan"), Given.Account("lisi")));

        WouldBe(without, Plant(Action(0, Given.Bot("Line 2"))), FailedAt(3)).Should().BeEmpty("how it would have gone is unknown");
        WouldBe(both, Plant(Action(0, Given.Account("zhangsan"))), FailedAt(3)).Should().Equal([("lisi", 3, "failed")], "it reached none of both");
        WouldBe(Plant(Action(null, Given.Account("zhangsan"))), Plant(Action(0, Given.Account("zhangsan"), Given.Account("lisi"))), FailedAt(3))
            .Should().BeEmpty("it may have reached the other");
        var another = Given.Plant([Given.Enabled("r9", "Another", Given.Rule with { Actions = [Action(0, Given.Bot("Line 1"))] })]);
        WouldBe(without, another, FailedAt(3)).Should().Equal(("lisi", 3, "failed"));
        var elsewhere = Given.Plant(
            [Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Action(0, Given.Bot("Line 1")) with { ServiceId = "s2" }] })],
            service: Given.Service with { Id = "s2" });
        WouldBe(without, elsewhere, FailedAt(3)).Should().BeEmpty("another platform may have accepted it");
    }

    [Fact]
    public void what_notify_could_not_send_fails_again_only_if_the_other_configuration_cannot_either()
    {
        WouldBe(without, With(0), FailedAt(0, unsent: true)).Should().BeEmpty("a message that can be rendered would have been sent");
        var nobody = Plant(Action(0, Given.User("u1")));
        var people = new ConfiguredPeople([Given.Person("u1", "Zhang San")], []);
        var unreachable = Given.Plant([Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Action(0, Given.User("u1"))] })], people: people);

        WouldBe(without, unreachable).Should().Equal([("lisi", 0, "failed")], "who has no address is not reached, whatever the platform answers");
        WouldBe(unreachable, unreachable, FailedAt(0, unsent: true)).Should().Equal(("lisi", 0, "failed"));
        WouldBe(without, nobody).Should().BeEmpty("somebody who was removed is not told, and nobody instead");
    }

    [Fact]
    public void what_was_taken_is_read_back_and_falls_away_or_changes_with_the_draft()
    {
        var then = With(10);
        IReadOnlyList<ComparedStep>? Compare(
            RuleSnapshot tried, DescribedUndelivered facts, ILookup<string, StoredEvent> taken, ReplayFilter? filter = null) =>
            new DecisionComparison(then, tried, filter ?? new(), TestChannels.All).Compare(
                LaterOtherWays.OnRecord(Sent(then), taken, Facts(facts), until),
                LaterOtherWays.Of(tried, Planned(tried), Sent(then), Facts(facts), until));

        // It was due at minute 12; Notify took it a little later.
        var same = Compare(then, Held(2, 60), Taken(13, "blocked"))!.Single();
        (same.Receiver, same.Rule, same.Kind, same.Why).Should().Be(("account:lisi", "Rule 0", StepKind.Otherwise, "blocked"));
        (same.Recorded, same.WouldBe).Should().Be((Minute(12), Minute(12)));
        var gone = Compare(without, Held(2, 60), Taken(13, "blocked"))!.Single();
        (gone.Recorded, gone.WouldBe, gone.Why, gone.Reason).Should().Be((Minute(12), null, "blocked", "invalid key"));
        var later = Compare(With(30), Held(2, 60), Taken(13, "blocked"))!.Single();
        (later.Recorded, later.WouldBe, later.Reason).Should().Be((Minute(12), Minute(32), "93000 no robot"));
        Compare(without, FailedAt(3), Taken(4, "failed", "ruleRemoved")).Should().BeNull("nobody was told");
        Compare(then, FailedAt(3), Taken(4, "failed"), new(Receiver: "Line 1")).Should().BeNull();
        Compare(then, FailedAt(3), Taken(4, "failed"), new(ServiceId: "s9")).Should().BeNull();
    }

    [Fact]
    public void only_what_has_another_way_is_asked_for()
    {
        IEnumerable<string> Asked(RuleSnapshot then, RuleSnapshot tried) =>
            LaterOtherWays.Asked(Sent(then), Planned(tried));

        Asked(without, without).Should().BeEmpty();
        Asked(With(10), without).Should().Equal("notification-0");
        Asked(without, With(10)).Should().Equal("notification-0");
        Asked(without, Plant(Action(10, Given.Bot("Line 2")))).Should().BeEmpty();
    }

    /// <summary>The steps that a configuration would have performed for one alarm to which nobody reacts.</summary>
    private static List<LaterTelling> Walk(RuleSnapshot plant) => [
        .. LaterSteps.Of(plant, "alarm-1", [new WalkedChange(1, Given.Noon, Given.Alarm, new HashSet<(string, string)>())], until)[1],
    ];

    /// <summary>The same on record: its notifications are 0, 1, 2….</summary>
    private static List<LaterTelling> Performed(RuleSnapshot plant)
    {
        var number = 0;
        return Walk(plant).ConvertAll(step => step with
        {
            Performed = new StepPerformed(
                step.Kind, step.Number, 1, 7,
                [.. step.WouldSend.Select(x => new DecidedAction($"notification-{number++}", x.Rule.Id, 1, x.Action, x.Receivers, x.Suppressed))], null),
        });
    }

    private static IEnumerable<(string, int, string?)> WouldBeLater(RuleSnapshot then, RuleSnapshot tried, params DescribedUndelivered[] facts) =>
        from x in LaterOtherWays.Of(
            tried, LaterOtherWays.PlannedBy(Walk(tried)), [.. LaterOtherWays.SentBy(Performed(then), _ => then)], Facts(facts), until)
        from receiver in x.Receivers
        select (PeopleKinds.NameOf(receiver), (int)(x.DueAt - Given.Noon).TotalMinutes, x.Why);

    [Fact]
    public void an_escalation_that_does_not_arrive_takes_its_other_way_too()
    {
        RuleSnapshot Escalated(int minutes, int? after) =>
            Plant(Action(after, Given.Bot("Line 1")) with { After = new() { Minutes = minutes } });

        WouldBeLater(Escalated(15, null), Escalated(15, 10), FailedAt(17)).Should().Equal(("lisi", 17, "failed"));
        WouldBeLater(Escalated(15, null), Escalated(15, 10), Held(15, null)).Should().Equal(("lisi", 25, "blocked"));
        WouldBeLater(Escalated(15, 10), Escalated(15, null), FailedAt(17)).Should().BeEmpty();
        WouldBeLater(Escalated(15, null), Escalated(30, 10), FailedAt(17)).Should()
            .BeEmpty("how the platform would have answered at another time is unknown");
        WouldBe(without, Escalated(15, 0), FailedAt(3)).Should().BeEmpty("what is told at once is not what escalates");

        var then = Escalated(15, 10);
        var onRecord = LaterOtherWays.OnRecord(
            LaterOtherWays.SentBy(Performed(then), _ => then), Taken(18, "failed"), Facts(FailedAt(17)), until).Should().ContainSingle().Subject;
        (onRecord.Kind, onRecord.DueAt, onRecord.Receivers.Single()).Should().Be((StepKind.Otherwise, Minute(17), Given.Account("lisi")));
    }

    [Fact]
    public void each_reminder_has_the_outcome_of_its_own_number()
    {
        RuleSnapshot Reminded(int? after) => Plant(Action(after, Given.Bot("Line 1")) with { Repeat = new() { EveryMinutes = 30, AtMost = 2 } });

        WouldBeLater(Reminded(null), Reminded(0), FailedAt(61) with { NotificationId = "notification-1" }).Should().Equal(("lisi", 61, "failed"));
    }
}
