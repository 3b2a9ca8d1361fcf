using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Flights;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Outcomes;

namespace Notify.Delivery.Tests.Flights;

/// <summary>What an attempt means for each notification that it carried.</summary>
public sealed class FlightTests
{
    private static readonly DateTimeOffset now = DateTimeOffset.UnixEpoch;
    private static readonly SendOutcome lost = new(OutcomeClass.Retry);

    [Fact]
    public void a_member_of_a_merged_message_begins_anew_with_its_own_requests_and_may_have_arrived_twice()
    {
        var results = Of(requests: 3, Work(1), Work(2)).ResultsOf(lost, done: 2).ToList();
        results.Should().HaveCount(2).And.OnlyContain(x => x.RequestsDone == 0 && x.Outcome.MayHaveArrived && !x.RepeatIsSafe);
        var (failed, row) = OutcomeDecision.Of(results[0], null, now, 0);
        failed.Should().BeOfType<AttemptFailed>().Which.Should().BeEquivalentTo(new { RequestsDone = 0, MayHaveArrived = true });
        row.RequestsDone.Should().Be(0);
    }

    [Fact]
    public void a_merged_message_of_which_the_platform_took_nothing_has_not_arrived() =>
        Of(requests: 3, Work(1), Work(2)).ResultsOf(lost, done: 0).Should().HaveCount(2).And.OnlyContain(x => !x.Outcome.MayHaveArrived);

    [Fact]
    public void one_by_itself_goes_on_after_the_requests_that_the_platform_took() =>
        Of(requests: 3, Work(1)).ResultsOf(lost, done: 2).Single().Should().BeEquivalentTo(
            new { RequestsDone = 2, RepeatIsSafe = true, Outcome = new { MayHaveArrived = false } });

    [Theory]
    [InlineData(0, 0, 3)]
    [InlineData(2, 2, 1)]
    [InlineData(3, 0, 3)]
    [InlineData(5, 0, 3)]
    public void a_message_that_has_become_shorter_than_what_was_taken_of_it_is_sent_anew(int done, int first, int messages)
    {
        var (flight, work) = (Of(requests: 3, Work(1)), Work(1) with { RequestsDone = done });
        Flight.FirstOf(work, flight.Dispatch!).Should().Be(first);
        Flight.MessagesOf(work, flight.Dispatch).Should().Be(messages);
    }

    private static Flight Of(int requests, params Work[] works) => new(
        works, new Dispatch([.. Enumerable.Repeat("{}", requests)], (_, _) => throw new InvalidOperationException("Nothing is sent."), RepeatIsSafe: true),
        null, Audience.One, []);

    private static Work Work(int i)
    {
        var any = new VersionedRef("x", 1, "x");
        var request = new NotificationRequested(
            $"alarm-{i}", $"Alarm {i}", "", AlarmLevel.High, AlarmState.ActiveUnacked, now, any, any, any, any, "wecom", "wecom/app/x",
            [new Receiver("account", Account: "zhangsan")], new RenderedMessage("text", "x", Mentions.None), AlarmVersion: 1);
        return new Work($"notification-{i}", "wecom/app/x", 1, 0, 0, 0, request, now, "", "");
    }
}
