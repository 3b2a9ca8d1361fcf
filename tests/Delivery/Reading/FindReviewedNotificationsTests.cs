using Notify.Channels.Sending;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;

namespace Notify.Delivery.Tests.Reading;

public sealed class FindReviewedNotificationsTests
{
    public static TheoryData<object?, NotificationStatus> Last => new()
    {
        { null, NotificationStatus.Scheduled },
        { new AttemptStarted(1, "node", []), NotificationStatus.Pending },
        { Failed(DateTimeOffset.UnixEpoch), NotificationStatus.Scheduled },
        { Failed(null), NotificationStatus.Failed },
        { new NotificationCancelled("not wanted"), NotificationStatus.Suppressed },
        { new NotificationDigested("notification-1"), NotificationStatus.Suppressed },
    };

    [Theory]
    [MemberData(nameof(Last))]
    public void a_notification_s_last_event_says_the_status_that_the_list_shows(object? last, NotificationStatus status) =>
        FindReviewedNotificationsHandler.StatusAfter(last).Should().Be(status);

    private static AttemptFailed Failed(DateTimeOffset? retryAt) => new(1, OutcomeClass.Retry, 503, null, null, null, retryAt);
}
