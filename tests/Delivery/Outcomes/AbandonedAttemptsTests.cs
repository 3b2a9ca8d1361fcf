using Notify.Channels.Sending;
using Notify.Delivery.Notifications;
using Notify.Delivery.Outcomes;
using Notify.Kernel.Events;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Outcomes;

/// <summary>A process died after it had recorded the outcome of one notification, but not yet of the others that went in the same message.</summary>
public sealed class AbandonedAttemptsTests
{
    private static readonly DateTimeOffset earlier = Now.AddMinutes(-1);
    private static readonly StoredEvent abandoned = Event(2, new AttemptStarted(1, "n", [], MergedInto: "notification-leader"), Now);
    private static readonly StoredEvent requested = Event(1, Work().Request, earlier);
    private static readonly AttemptFailed badGateway = new(1, OutcomeClass.Retry, 502, null, "bad gateway", null, Now.AddSeconds(2));
    private static readonly StoredEvent started = Event(2, new AttemptStarted(1, "n", ["{}"]), Now);

    [Fact]
    public void given_the_message_was_delivered_it_is_delivered_too()
    {
        var outcome = OutcomeOf(
            requested, started, Event(3, new AttemptSucceeded(1, "0", "ok", "r-1", [new("b", "invaliduser")]), Now.AddSeconds(1)));
        outcome.Should().BeEquivalentTo(new SendOutcome(OutcomeClass.Partial)
        {
            PlatformCode = "0",
            PlatformMessage = "ok",
            RequestId = "r-1",
            Receivers = [new ReceiverOutcome("b", ReceiverOutcome.Failed, "invaliduser")],
        });
    }

    [Fact]
    public void given_the_message_was_not_taken_it_has_failed_in_the_same_way_and_is_no_repeat_that_may_be_seen_twice()
    {
        var outcome = OutcomeOf(requested, started, Event(3, badGateway, Now));
        outcome.Should().BeEquivalentTo(new SendOutcome(OutcomeClass.Retry) { HttpStatus = 502, PlatformMessage = "bad gateway" });
    }

    [Fact]
    public void given_nobody_knows_of_the_message_nobody_knows_of_this()
    {
        OutcomeOf(requested, started).Should().BeNull();
        OutcomeOf(requested, started, Event(3, new AttemptOutcomeUnknown(1, "lost", null), Now)).Should().BeNull();
        OutcomeOf().Should().BeNull("the events of the other were put away");
    }

    [Fact]
    public void given_the_message_goes_out_in_another_form_this_one_begins_anew() =>
        OutcomeOf(requested, started, Event(3, badGateway with { Class = OutcomeClass.Message, NextForm = MessageForm.PlainText }, Now)).Should()
            .BeNull();

    [Fact]
    public void another_attempt_of_the_other_says_nothing_about_this_message()
    {
        StoredEvent[] events =
        [
            requested, Event(2, new AttemptStarted(1, "n", ["{}"]), earlier), Event(3, badGateway, earlier),
            Event(4, new AttemptStarted(2, "n", ["{}"]), Now),
        ];
        OutcomeOf(events).Should().BeNull();
        OutcomeOf([.. events, Event(5, new AttemptSucceeded(2, "0", "ok", null, []), Now)])!.Class.Should().Be(OutcomeClass.Ok);
    }

    private static SendOutcome? OutcomeOf(params StoredEvent[] leader) => AbandonedAttempts.OutcomeOf(abandoned, leader);

    private static StoredEvent Event(long version, object data, DateTimeOffset at) =>
        new("notification-leader", version, Guid.Empty, data, at, "", version);
}
