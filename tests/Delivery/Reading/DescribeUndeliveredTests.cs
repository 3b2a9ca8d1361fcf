using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;
using Notify.Kernel.Events;

namespace Notify.Delivery.Tests.Reading;

/// <summary>What held a notification and why, from the events, without a database.</summary>
public sealed class DescribeUndeliveredTests
{
    private static readonly VersionedRef service = new("s1", 1, "Plant WeCom");

    private static StoredEvent Event(string stream, long version, int minute, object data) =>
        new(stream, version, Guid.NewGuid(), data, Given.Now.AddMinutes(minute), null, version);

    private static StoredEvent Blocked(long version, int minute) => Event(
        "lane-1", version, minute, new LaneBlocked(Given.Robot, "Plant WeCom", service, "Line 1", "93000", "no robot", null, null, "wecom"));

    private static StoredEvent Changed(long version, int minute) => Event(
        "lane-1", version, minute, new LaneBlockChanged(Given.Robot, service, "Line 1", "40014", "invalid token", null, null, "wecom"));

    private static StoredEvent Mended(long version, int minute) => Event("lane-1", version, minute, new LaneMended(Given.Robot, LaneMended.ByProbe));

    [Fact]
    public void a_block_whose_reason_changes_is_one_hold_with_each_reason_and_since_when()
    {
        var described = DescribeUndeliveredHandler.Describe(
            [Event("notification-1", 1, 5, Given.Work().Request)], [Blocked(1, 0), Changed(2, 20), Mended(3, 40), Blocked(4, 60)]);

        described.Holds.Select(x => (x.From, x.To)).Should().Equal(
            (Given.Now.AddMinutes(5), (DateTimeOffset?)Given.Now.AddMinutes(40)), (Given.Now.AddMinutes(60), null));
        described.Holds.Select(x => x.Reason).Should().Equal("93000 no robot", "93000 no robot");
        described.Holds[0].Changes.Should().Equal(new Contracts.Delivery.DescribedReason(Given.Now.AddMinutes(20), "40014 invalid token"));
        described.Holds[1].Changes.Should().BeEmpty("it is another block");
    }

    [Fact]
    public void what_reached_only_some_says_when_and_whom_it_did_not_reach()
    {
        var request = Given.Work(receivers: [new("account", Account: "zhangsan"), new("account", Account: "Lisi")]).Request;
        var described = DescribeUndeliveredHandler.Describe(
            [
                Event("notification-1", 1, 0, request), Event("notification-1", 2, 1, new AttemptStarted(1, "n", ["{}"])),
                Event("notification-1", 3, 2, new AttemptSucceeded(1, "0", "ok", null, [new("lisi", "unlicenseduser")])),
                Event("notification-1", 4, 9, new NotificationDismissed("not needed")),
            ], []);

        (described.FailedAt, described.Reason, described.IsPartly).Should().Be((Given.Now.AddMinutes(2), "Lisi (unlicenseduser)", true));
        described.Missed.Should().Equal("account:lisi");
    }

    [Fact]
    public void a_reason_that_changes_while_nothing_is_blocked_is_no_hold() => DescribeUndeliveredHandler.Describe(
        [Event("notification-1", 1, 0, Given.Work().Request)], [Changed(1, 1), Mended(2, 2)]).Holds.Should().BeEmpty();
}
