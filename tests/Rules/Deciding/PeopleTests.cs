using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;
using Notify.Rules.Explaining;

namespace Notify.Rules.Tests.Deciding;

/// <summary>People and groups as receivers: whom an action tells of those it names.</summary>
public sealed class PeopleTests
{
    private static readonly PersonDescription zhang = Given.Person("user-1", "张三", ("wecomAccount", "ZhangSan"), ("email", "zhang@plant.example"));
    private static readonly PersonDescription li = Given.Person("user-2", "李四", ("wecomAccount", "li.si"));
    private static readonly PersonDescription wang = Given.Person("user-3", "王五", ("email", "wang@plant.example"));
    private static readonly PersonDescription gone = Given.Person("user-4", "赵六", ("wecomAccount", "zhao")) with { Enabled = false };

    private static readonly GroupDescription night = Given.Group("group-1", "Night", "user-1", "user-2");
    private static readonly GroupDescription all = Given.Group("group-2", "All", "user-2", "user-3", "user-4", "user-5");
    private static readonly GroupDescription off = Given.Group("group-3", "Off", "user-1") with { Enabled = false };
    private static readonly GroupDescription empty = Given.Group("group-4", "Empty");

    private static readonly ConfiguredPeople people = new([zhang, li, wang, gone], [night, all, off, empty]);

    private static RuleSnapshot Snapshot(params Receiver[] receivers) =>
        Given.Plant([Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Given.Action(receivers)] })], people: people);

    private static IReadOnlyList<PlannedNotification> Decide(params Receiver[] receivers) =>
        Snapshot(receivers).Decide(Given.Alarm, Given.Noon).Notifications;

    private static string[] Accounts(PlannedNotification x) => [.. x.Receivers.Select(r => $"{r.Kind}:{r.Account}")];

    [Fact]
    public void a_person_is_reached_by_what_the_record_has_whether_or_not_the_service_lists_it()
    {
        var told = Decide(Given.User("user-2")).Single();
        Accounts(told).Should().Equal("account:li.si");
        (told.Suppressed, told.Failure).Should().Be((null, null));
        told.Receivers[0].People.Should().BeEquivalentTo([new ReachedPerson("user-2", "李四", "wecomAccount")]);
    }

    [Fact]
    public void somebody_in_two_groups_is_told_once_and_both_are_on_record()
    {
        var told = Decide(Given.GroupOf("group-1"), Given.GroupOf("group-2")).Single(x => x.Suppressed is null && x.Failure is null);
        Accounts(told).Should().Equal("account:ZhangSan", "account:li.si");
        told.Receivers[1].People.Should().BeEquivalentTo(
            [new ReachedPerson("user-2", "李四", "wecomAccount", [new("group-1", 3, "Night"), new("group-2", 3, "All")])]);
    }

    [Fact]
    public void an_account_that_is_named_itself_is_told_once_with_the_person_behind_it()
    {
        var told = Decide(Given.User("user-1"), Given.Account("zhangsan"), Given.GroupOf("group-1")).Single();
        Accounts(told).Should().Equal("account:zhangsan", "account:li.si");
        told.Receivers[0].People.Should().BeEquivalentTo([new ReachedPerson("user-1", "张三", "wecomAccount")], "the person is named");
        Accounts(Decide(Given.Account("@all"), Given.GroupOf("group-1")).Single()).Should().Equal("account:@all");
    }

    [Fact]
    public void whoever_has_no_address_is_a_failure_that_names_them()
    {
        var failed = Decide(Given.GroupOf("group-2")).Single(x => x.Failure is not null);
        (Accounts(failed)[0], failed.Failure, failed.Suppressed).Should().Be(("user:user-3", "No address for WeCom: 王五", null));
        failed.Receivers[0].People!.Single().Via.Should().BeNull();
    }

    [Fact]
    public void who_is_disabled_or_gone_is_not_told_and_that_is_on_record()
    {
        var left = Decide(Given.GroupOf("group-2"), Given.GroupOf("group-3"), Given.GroupOf("group-4"), Given.GroupOf("group-9"), Given.User("user-9"))
            .Where(x => x.Suppressed is not null).Select(x => $"{x.Suppressed} {string.Join(' ', Accounts(x))}");
        left.Should().BeEquivalentTo(
            "personDisabled user:user-4", "personRemoved user:user-9 user:user-5", "groupDisabled group:group-3", "groupEmpty group:group-4",
            "groupRemoved group:group-9");
    }

    [Fact]
    public void a_service_without_a_way_to_people_tells_none_of_them()
    {
        var service = Given.Service with { Routes = Given.RobotRoutes("Line 1") };
        var snapshot = Given.Plant(
            [Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Given.Action(Given.User("user-1"), Given.Bot("Line 1"))] })],
            service: service, people: people);
        snapshot.Decide(Given.Alarm, Given.Noon).Notifications.Select(x => $"{x.Suppressed} {x.Receivers[0].Kind}").Should()
            .Equal(" bot", "receiverRemoved account");
    }

    [Fact]
    public void what_a_schedule_holds_back_for_later_holds_nothing_for_whoever_is_not_reached()
    {
        var rule = Given.Rule with { Actions = [Given.Action(Given.GroupOf("group-2")) with { Digest = true }] };
        var notifications = Given.Plant([Given.Enabled("r0", "Rule 0", rule)], schedule: Given.Enabled("c1", "Office", Given.OfficeHours), people: people)
            .Decide(Given.Alarm, Given.Noon.AddHours(12)).Notifications;
        notifications.Select(x => $"{x.Suppressed} {Accounts(x)[0]} {x.DigestAt is not null}").Should().BeEquivalentTo(
            "schedule account:li.si True", "schedule user:user-3 False", "personDisabled user:user-4 False", "personRemoved user:user-5 False");
    }

    [Theory]
    [InlineData("user:user-2", true), InlineData("李四", true), InlineData("USER-2.name", true), InlineData("li.si", true), InlineData("group:Night", true)]
    [InlineData("group:group-2", true), InlineData("王五", true), InlineData("赵六", false), InlineData("group:Off", false), InlineData("钱七", false)]
    public void a_question_about_a_person_or_a_group_finds_them_behind_their_addresses(string asked, bool told)
    {
        var snapshot = Snapshot(Given.GroupOf("group-1"), Given.GroupOf("group-2"), Given.GroupOf("group-3"));
        var resolved = snapshot.Resolve(Given.Asked(asked));
        Verdict.Of(snapshot, Given.Alarm, Given.Noon, resolved).Told.Should().Be(told);
        snapshot.Decide(Given.Alarm, Given.Noon).Notifications
            .Any(x => x.Suppressed is null && x.Receivers.Any(resolved.IsMeantBy)).Should().Be(told, "the record says the same");
    }

    [Fact]
    public void a_sentence_says_why_somebody_was_not_told()
    {
        string Why(string asked, params Receiver[] receivers)
        {
            var snapshot = Snapshot(receivers);
            var resolved = snapshot.Resolve(Given.Asked(asked));
            return VerdictSentence.Of(resolved, Verdict.Of(snapshot, Given.Alarm, Given.Noon, resolved)).En;
        }

        Why("user:user-4", Given.GroupOf("group-2")).Should().Be("赵六 was not to be notified: the person was disabled.");
        Why("张三", Given.GroupOf("group-3")).Should().Be("张三 was not to be notified: group 'Off' was disabled.");
        Why("group:Empty", Given.GroupOf("group-4")).Should().Be("Empty was not to be notified: group 'Empty' was empty.");
        Why("张三", Given.GroupOf("group-2")).Should().Be("张三 was not to be notified: rule 'Rule 0' did not name this receiver.");
    }
}
