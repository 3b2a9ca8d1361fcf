using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>What the events of a notification say of its receivers, without a database.</summary>
public sealed class NotificationTests
{
    [Fact]
    public void given_one_receiver_has_it_when_the_rest_cannot_be_prepared_any_more_only_the_rest_has_failed()
    {
        var receivers = new[] { new Receiver("address", Account: "a@plant.example"), new Receiver("address", Account: "b@plant.example") };
        var notification = Fold(
            Work(receivers: receivers).Request, new AttemptStarted(1, "n", ["{}"]),
            new AttemptFailed(
                1, OutcomeClass.Retry, null, "4.7.1", "greylisted", null, Now.AddMinutes(5),
                Judged: [new ReceiverOutcome("a@plant.example", ReceiverOutcome.Delivered)]),
            new NotificationFailed(FailureStage.Preparing, "The service was deleted."));
        notification.Status.Should().Be(NotificationStatus.Failed);
        notification.Receivers.Select(x => x.Outcome).Should().Equal("delivered", "failed");
        notification.Missed.Should().Equal(receivers[1]);
    }

    private static Notification Fold(params object[] events) =>
        events.Aggregate((Notification?)null, (notification, x) => Notification.Apply(notification, "notification-1", x, Now))!;
}
