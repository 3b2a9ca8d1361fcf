using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>The lanes of a node: in memory alone.</summary>
public sealed class HeldLanesTests
{
    private static readonly ClaimedLane robot = new(Robot, null);

    private readonly HeldLanes lanes = new(
        new ServiceCollection().AddChannels(new ConfigurationBuilder().Build()).BuildServiceProvider().GetRequiredService<ChannelCatalog>(),
        new FakeTimeProvider(Now));

    [Fact]
    public void what_is_counted_while_a_lane_is_taken_up_counts_on_it()
    {
        lanes.Examine([Robot]).News.Should().Equal(Robot);
        for (var i = 0; i < 20; i++) lanes.CountRecorded(Robot, Audience.One, 1);
        Hold();
        lanes.TryReserve(Robot, Audience.One, 1, inTurn: false, out var freeAt).Should().BeTrue();
        freeAt.Should().NotBeNull("the robot's minute is full");
    }

    [Fact]
    public void what_was_counted_before_a_lane_is_examined_is_read_from_the_store_and_counts_once()
    {
        lanes.CountRecorded(Robot, Audience.One, 20);
        lanes.Examine([Robot]);
        Hold();
        lanes.TryReserve(Robot, Audience.One, 1, inTurn: false, out var freeAt).Should().BeTrue();
        freeAt.Should().BeNull();
    }

    private void Hold() => lanes.Hold([robot], [], [], Now, lanes.Uptime, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(5));
}
