using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel.Events;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>What the events of a notification leave for its next attempt, without a database.</summary>
public sealed class EarlierTests
{
    private static readonly AttemptAccepted taken = new(1, "queued", null, "SM1", Now);

    [Theory]
    [InlineData(1, null, true)]
    [InlineData(2, null, false)]
    [InlineData(0, "notification-leader", true)]
    public void the_record_tells_whether_the_accepted_request_was_the_whole_message(int requests, string? mergedInto, bool isWhole)
    {
        List<object> events =
            [Work().Request, new AttemptStarted(1, "n", [.. Enumerable.Repeat("{}", requests)], mergedInto), taken];
        Fold(events)!.IsWhole.Should().Be(isWhole);
        // It was asked for, in vain.
        events.AddRange([
            new AttemptStarted(2, "n", []), taken with { Number = 2 },
            new AttemptStarted(3, "n", []), new AttemptFailed(3, OutcomeClass.Retry, 502, null, "bad gateway", null, Now),
        ]);
        (Fold(events)!.RequestId, Fold(events)!.IsWhole).Should().Be(("SM1", isWhole));
        // It did not arrive, and is sent anew.
        events.AddRange([
            new AttemptStarted(4, "n", []),
            new AttemptFailed(4, OutcomeClass.Message, 200, "30007", "filtered", null, Now, NextForm: MessageForm.Shorter),
        ]);
        Fold(events).Should().BeNull();
    }

    private static Earlier? Fold(List<object> events) =>
        QueuedWork.Fold(events.Select((x, i) => new StoredEvent("notification-1", i + 1, Guid.Empty, x, Now, "", i + 1))).Notification.Earlier;
}
