using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

public sealed class ChannelCatalogTests
{
    [Theory]
    [InlineData("telegram/bot/x")]
    [InlineData("unreachable/service-1")]
    [InlineData("no-slash")]
    [InlineData("/begins")]
    [InlineData("")]
    public void a_lane_that_no_channel_has_throws_and_is_never_without_limit(string lane) =>
        FluentActions.Invoking(() => TestChannels.All.LimitsOf(lane)).Should().Throw<InvalidOperationException>().WithMessage($"*'{lane}'*");

    [Fact]
    public void a_lane_of_a_channel_that_is_not_of_its_kinds_throws_too() =>
        FluentActions.Invoking(() => TestChannels.All.LimitsOf("wecom/fax/1")).Should().Throw<InvalidOperationException>();
}
