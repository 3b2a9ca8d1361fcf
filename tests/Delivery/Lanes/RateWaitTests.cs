using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Tests.Lanes;

public sealed class RateWaitTests
{
    [Theory]
    [InlineData(true, 60, 5, 60)]
    [InlineData(false, 60, 1, 60)]
    [InlineData(false, 60, 2, 120)]
    [InlineData(false, 60, 50, 3600)]
    [InlineData(false, 7200, 1, 7200)]
    [InlineData(false, 3, 9, 3)]
    public void an_app_that_stays_too_fast_waits_ever_longer_and_a_robot_its_minute(bool isRobot, int asked, int refusals, int expected) =>
        RateWait.Of(new SendOutcome(OutcomeClass.Rate) { RetryAfter = TimeSpan.FromSeconds(asked) }, !isRobot, refusals).Should()
            .Be(TimeSpan.FromSeconds(expected));
}
