using Microsoft.Extensions.Configuration;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>What a batch read of the store may be old when its work is taken: then its work does not leave past the store.</summary>
public sealed class BatchWatchTests
{
    private const string LaneId = "wecom/robot/x";
    private static readonly Audience audience = Audience.One;
    private static readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private readonly HeldLanes lanes = new(TestChannels.All, TimeProvider.System);

    public BatchWatchTests()
    {
        Hold(LaneId);
        lanes.ForgetBacklog(LaneId, 0);
    }

    [Fact]
    public void a_later_change_that_left_from_the_store_meanwhile_is_not_followed_by_an_earlier_one()
    {
        using var watch = lanes.Watch(["alarm-a", "alarm-b"]);
        LeaveFromTheStore(Of("alarm-a", 2));
        Take("alarm-b", watch).Should().NotBeNull("nothing is new about this one");
        Take("alarm-a", watch).Should().BeNull();
    }

    [Fact]
    public void what_left_before_the_store_was_read_keeps_nothing_back()
    {
        LeaveFromTheStore(Of("alarm-a", 2));
        using var watch = lanes.Watch(["alarm-a"]);
        Take("alarm-a", watch).Should().NotBeNull();
    }

    [Fact]
    public void a_lane_that_another_node_served_meanwhile_takes_nothing_directly()
    {
        using var watch = lanes.Watch(["alarm-a"]);
        Hold();
        Hold(LaneId);
        lanes.ForgetBacklog(LaneId, 0);
        Take("alarm-a", watch).Should().BeNull();
    }

    private void Hold(params string[] held) =>
        lanes.Hold([.. held.Select(x => new ClaimedLane(x, null))], [], [], now, lanes.Uptime, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    private void LeaveFromTheStore(Work work)
    {
        lanes.Up(lanes.Find(LaneId)!, [work], audience, messages: 1, now);
        lanes.Land(LaneId, [work], moreToCome: false);
    }

    private IReadOnlyList<DateTimeOffset>? Take(string alarm, BatchWatch watch) => lanes.TryTake(Of(alarm, 1), audience, messages: 1, watch, now);

    private static Work Of(string alarm, long version)
    {
        var any = new VersionedRef("x", 1, "x");
        var request = new NotificationRequested(
            alarm, alarm, "", AlarmLevel.High, AlarmState.ActiveUnacked, now, any, any, any, any, "wecom", LaneId, [],
            new RenderedMessage("text", alarm, Mentions.None), AlarmVersion: version);
        return new Work($"notification-{alarm}{version}", LaneId, 1, 0, 0, 0, request, now, "", "");
    }
}
