using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Outcomes;
using Notify.Testing;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Outcomes;

/// <summary>Given a notification and the platform's answer: which event goes on record, and what happens next.</summary>
public sealed class OutcomeDecisionTests
{
    [Fact]
    public void given_it_was_taken_it_is_delivered_and_over()
    {
        var answer = Answer(OutcomeClass.Ok) with { PlatformCode = "0", PlatformMessage = "ok", RequestId = "r-1" };
        var (@event, row) = Decide(Work(), answer, requestsDone: 1);
        @event.Should().BeEquivalentTo(new AttemptSucceeded(1, "0", "ok", "r-1", []));
        row.Should().Be(Row(NotificationStatus.Delivered, tries: 1, requestsDone: 1) with { EndedAt = Now });
    }

    [Fact]
    public void given_it_was_taken_but_not_for_all_it_is_partly_delivered_and_says_for_whom_not()
    {
        var (@event, row) = Decide(Work(lane: App), Answer(OutcomeClass.Partial) with
        {
            Receivers = [new("a", ReceiverOutcome.Delivered), new("b", ReceiverOutcome.Failed, "invaliduser")],
        });
        @event.Should().BeOfType<AttemptSucceeded>().Which.FailedReceivers.Should().Equal(new FailedReceiver("b", "invaliduser"));
        row.Status.Should().Be(NotificationStatus.PartlyDelivered);
        row.DueAt.Should().BeNull();
    }

    [Fact]
    public void given_it_was_accepted_it_is_asked_for_later_and_nothing_is_sent_before()
    {
        var answer = Answer(OutcomeClass.Accepted) with { PlatformCode = "queued", RequestId = "r-1", RetryAfter = TimeSpan.FromSeconds(30) };
        var (@event, row) = Decide(Work(), answer, requestsDone: 1);
        @event.Should().Be(new AttemptAccepted(1, "queued", null, "r-1", Now.AddSeconds(30), RequestsDone: 1));
        (row.Status, row.DueAt, row.RequestsDone).Should().Be((NotificationStatus.Scheduled, Now.AddSeconds(30), 1));
        row.Detour!.Value.Earlier.Should().BeEquivalentTo(new Earlier { RequestId = "r-1", Request = 1 });
    }

    [Fact]
    public void given_it_is_never_said_whether_it_arrived_nobody_knows()
    {
        var (@event, row) = Decide(Work(tries: RetryPolicy.MaxTries - 1), Answer(OutcomeClass.Accepted) with { RequestId = "r-1" });
        @event.Should().BeOfType<AttemptOutcomeUnknown>().Which.RetryAt.Should().BeNull();
        row.Status.Should().Be(NotificationStatus.Failed);
    }

    [Fact]
    public void given_some_are_judged_and_the_others_never_taken_it_is_partly_delivered()
    {
        var receivers = new Receiver[] { new("account", Account: "a"), new("account", Account: "b"), new("account", Account: "c") };
        var earlier = new Earlier { Judged = [new("a", ReceiverOutcome.Delivered), new("b", ReceiverOutcome.Failed, "550")] };
        var work = Work(tries: RetryPolicy.MaxTries - 1, receivers: receivers) with { Earlier = earlier };
        work.Receivers.Should().Equal(receivers[2]);
        var (@event, row) = Decide(work, Answer(OutcomeClass.Retry) with { PlatformCode = "450", IsJudgedByReceiver = true });
        @event.Should().BeOfType<AttemptSucceeded>().Which.FailedReceivers.Should().Equal(
            new FailedReceiver("b", "550"), new FailedReceiver("c", "450", "account"));
        (row.Status, row.DueAt).Should().Be((NotificationStatus.PartlyDelivered, null));
    }

    [Fact]
    public void given_some_of_everyone_were_told_only_the_others_have_failed()
    {
        var work = Work(tries: RetryPolicy.MaxTries - 1, receivers: new Receiver("member", Account: Receiver.All)) with
        {
            Earlier = new Earlier { Judged = [new("a", ReceiverOutcome.Delivered, Kind: "member")] },
        };
        var (@event, _) = Decide(work, Answer(OutcomeClass.Retry) with { PlatformCode = "503", Unjudged = ["b"] });
        @event.Should().BeOfType<AttemptSucceeded>().Which.FailedReceivers.Should().Equal(new FailedReceiver("b", "503", "member"));
    }

    /// <summary>A mail to several, of whom one is refused and the others are never taken.</summary>
    [Fact]
    public void given_none_was_reached_each_has_failed_for_a_reason_of_its_own()
    {
        var receivers = new Receiver[] { new("account", Account: "a"), new("account", Account: "b") };
        var work = Work(tries: RetryPolicy.MaxTries - 1, receivers: receivers);
        var answer = Answer(OutcomeClass.Retry) with
        {
            PlatformCode = "450",
            IsJudgedByReceiver = true,
            Receivers = [new("a", ReceiverOutcome.Failed, "550")],
        };
        var (@event, row) = Decide(work, answer);
        row.Status.Should().Be(NotificationStatus.Failed);
        Fold(work, @event).Receivers.Select(x => (x.Account, x.Outcome, x.PlatformCode)).Should()
            .Equal(("a", "failed", "550"), ("b", "failed", "450"));
    }

    [Theory]
    [InlineData(OutcomeClass.Retry)]
    [InlineData(OutcomeClass.Rate)]
    [InlineData(OutcomeClass.Configuration)]
    [InlineData(OutcomeClass.Unknown)]
    [InlineData(OutcomeClass.Accepted)]
    public void given_a_later_request_is_still_open_whom_an_earlier_one_refused_stays_refused(OutcomeClass answer)
    {
        var receivers = new Receiver[] { new("account", Account: "a"), new("account", Account: "b"), new("account", Account: "c") };
        var work = Work(receivers: receivers);
        List<ReceiverOutcome> judged =
            [new("a", ReceiverOutcome.Failed, "invaliduser", "account"), new("b", ReceiverOutcome.Delivered, Kind: "account")];
        var (@event, row) = Decide(work, Answer(answer) with { Receivers = judged, RequestId = "r-1" }, requestsDone: 1);
        row.Detour!.Value.Earlier!.Judged.Should().Equal(judged);
        Fold(work, @event).Receivers.Select(x => x.Outcome).Should().Equal("failed", "delivered", "pending");

        var next = work with { RequestsDone = 1, Attempts = 1, Version = 3, Earlier = row.Detour.Value.Earlier };
        next.Receivers.Should().Equal(receivers, "its second request is the one it had");
        Decide(next, Answer(OutcomeClass.Ok), requestsDone: 2).Event.Should().BeOfType<AttemptSucceeded>().Which.FailedReceivers.Should()
            .Equal(new FailedReceiver("a", "invaliduser", "account"));
        (next with { RequestsDone = 0 }).Receivers.Should().Equal(receivers[2..], "in another form it is for those who have not been judged");
    }

    [Fact]
    public void given_passing_trouble_it_waits_for_its_next_try_and_goes_on_after_what_was_taken()
    {
        var (@event, row) = Decide(Work(), Answer(OutcomeClass.Retry) with { HttpStatus = 502, PlatformMessage = "bad gateway" }, requestsDone: 2);
        var retryAt = Now.AddSeconds(2);
        @event.Should().BeEquivalentTo(new AttemptFailed(1, OutcomeClass.Retry, 502, null, "bad gateway", null, retryAt, RequestsDone: 2));
        row.Should().Be(Row(NotificationStatus.Scheduled, tries: 1, requestsDone: 2) with { DueAt = retryAt, Reason = "bad gateway" });
    }

    [Fact]
    public void given_the_last_try_failed_it_has_failed()
    {
        var (@event, row) = Decide(Work(attempts: 20, tries: RetryPolicy.MaxTries - 1), Answer(OutcomeClass.Retry));
        @event.Should().BeOfType<AttemptFailed>().Which.RetryAt.Should().BeNull();
        row.Should().Be(Row(NotificationStatus.Failed, attempts: 21, tries: RetryPolicy.MaxTries, version: 43) with { EndedAt = Now });
    }

    [Theory]
    [InlineData(OutcomeClass.Rate)]
    [InlineData(OutcomeClass.Configuration)]
    public void given_it_is_no_fault_of_its_own_the_attempt_does_not_count(OutcomeClass answer)
    {
        var (@event, row) = Decide(Work(tries: RetryPolicy.MaxTries), Answer(answer));
        @event.Should().BeOfType<AttemptFailed>().Which.Class.Should().Be(answer);
        (row.Status, row.Tries, row.Attempts).Should().Be((NotificationStatus.Scheduled, RetryPolicy.MaxTries, 1));
    }

    [Fact]
    public void given_its_answer_was_lost_it_is_repeated_once_and_then_has_failed()
    {
        var (first, waits) = Decide(Work(), Answer(OutcomeClass.Unknown));
        first.Should().Be(new AttemptOutcomeUnknown(1, "The answer was lost.", Now.AddSeconds(2)));
        waits.Status.Should().Be(NotificationStatus.Scheduled);
        waits.Detour.Should().Be((1, MessageForm.AsWritten, (Earlier?)null), "the next outcome must know of this one");
        var (second, over) = Decide(Work(attempts: 1, tries: 1, unknowns: 1), Answer(OutcomeClass.Unknown));
        second.Should().Be(new AttemptOutcomeUnknown(2, "The answer was lost.", null));
        over.Status.Should().Be(NotificationStatus.Failed);
    }

    [Theory]
    [InlineData(OutcomeClass.Retry, OutcomeClass.Retry)]
    [InlineData(OutcomeClass.Retry, OutcomeClass.Unknown)]
    [InlineData(OutcomeClass.Unknown, OutcomeClass.Retry)]
    public void given_two_attempts_may_have_arrived_there_is_no_third_whatever_came_between(OutcomeClass first, OutcomeClass second)
    {
        static SendOutcome Lost(OutcomeClass outcome) => Answer(outcome) with { MayHaveArrived = true };

        static Work After(Work work, NotificationUpdates.Change row) => work with
        {
            Attempts = row.Attempts,
            Tries = row.Tries,
            Version = row.Version,
            Unknowns = row.Detour?.Unknowns ?? work.Unknowns,
            Earlier = row.Detour?.Earlier,
        };

        var work = After(Work(), Decide(Work(), Lost(first)).Change);
        work = After(work, Decide(work, Answer(OutcomeClass.Retry)).Change);
        work = After(work, Decide(work, Answer(OutcomeClass.Rate)).Change);
        Decide(work, Answer(OutcomeClass.Retry)).Change.DueAt.Should().NotBeNull("this attempt did not arrive");

        Decide(work, Lost(second)).Change.Status.Should().Be(NotificationStatus.Failed);
    }

    [Fact]
    public void given_a_repeat_is_safe_a_failure_that_may_have_arrived_is_not_called_one_that_may_be_seen_twice()
    {
        var mayHaveArrived = Answer(OutcomeClass.Retry) with { MayHaveArrived = true };
        ((AttemptFailed)Decide(Work(), mayHaveArrived).Event).MayHaveArrived.Should().BeTrue();
        ((AttemptFailed)Decide(Work(), mayHaveArrived, repeatIsSafe: true).Event).MayHaveArrived.Should().BeFalse();
    }

    [Fact]
    public void given_the_message_was_refused_as_it_is_it_goes_out_in_another_form_at_once_and_from_its_beginning()
    {
        var (@event, row) = Decide(Work(format: "markdown"), Answer(OutcomeClass.Message) with { Remedy = Remedy.PlainText }, requestsDone: 3);
        var failed = @event.Should().BeOfType<AttemptFailed>().Subject;
        (failed.NextForm, failed.RetryAt, failed.RequestsDone).Should().Be((MessageForm.PlainText, Now, 0));
        (row.Status, row.DueAt, row.RequestsDone, row.Detour).Should().Be((NotificationStatus.Scheduled, Now, 0, (0, MessageForm.PlainText, null)));
    }

    [Fact]
    public void given_no_form_is_left_a_refused_message_has_failed()
    {
        var (@event, row) = Decide(Work(form: MessageForm.Minimal), Answer(OutcomeClass.Message) with { Remedy = Remedy.Minimal });
        @event.Should().BeOfType<AttemptFailed>().Which.NextForm.Should().BeNull();
        (row.Status, row.Detour).Should().Be((NotificationStatus.Failed, null));
    }

    [Fact]
    public void given_notify_itself_failed_before_anything_was_sent_it_has_failed_at_that_stage_without_an_attempt()
    {
        var (@event, row) = Decide(Work(), SendOutcome.Of(new FormatException("not this"), FailureStage.Merging), started: false);
        @event.Should().Be(new NotificationFailed(FailureStage.Merging, "FormatException: not this"));
        row.Should().Be(
            Row(NotificationStatus.Failed, attempts: 0, tries: 1, version: 2) with { EndedAt = Now, Reason = "FormatException: not this" });
    }

    [Fact]
    public void given_its_outcome_cannot_be_recorded_it_is_unknown_and_not_sent_again_for_that()
    {
        var (@event, row) = OutcomeDecision.Of(Result(Work(), Answer(OutcomeClass.Retry)) with { Unrecorded = "why" }, Channel, Now, jitter: 1);
        @event.Should().Be(new AttemptOutcomeUnknown(1, "why", null));
        (row.Status, row.DueAt, row.Reason).Should().Be((NotificationStatus.Failed, null, "why"));
    }

    [Fact]
    public void given_nothing_was_sent_and_that_cannot_be_recorded_it_has_failed_and_is_not_due_any_more()
    {
        var result = Result(Work(), Answer(OutcomeClass.Configuration)) with { Started = false, Unrecorded = "why" };
        var (@event, row) = OutcomeDecision.Of(result, Channel, Now, jitter: 1);
        @event.Should().Be(new NotificationFailed(FailureStage.Recording, "why"));
        (row.Status, row.DueAt, row.EndedAt).Should().Be((NotificationStatus.Failed, null, Now), "what the record calls failed is not sent");
    }

    [Fact]
    public void the_row_and_the_notification_folded_from_the_event_say_the_same()
    {
        foreach (var answer in Enum.GetValues<OutcomeClass>().Except([OutcomeClass.RefreshToken, OutcomeClass.Fault]))
        {
            foreach (var tries in new[] { 0, RetryPolicy.MaxTries - 1 })
            {
                var work = Work(tries: tries, unknowns: tries > 0 ? 1 : 0);
                var (@event, row) = Decide(work, Answer(answer));
                var folded = Fold(work, @event);
                (row.Status, row.Version, row.EndedAt).Should().Be((folded.Status, folded.Version, folded.EndedAt), $"{answer} after {tries} tries");
                folded.IsOpen.Should().Be(row.DueAt is not null);
            }
        }
    }

    private static Notification Fold(Work work, object @event) => new[] { work.Request, new AttemptStarted(1, "n", ["{}"]), @event }
        .Aggregate((Notification?)null, (n, e) => Notification.Apply(n, work.Id, e, Now))!;

    private static (object Event, NotificationUpdates.Change Change) Decide(
        Work work, SendOutcome answer, int requestsDone = 0, bool started = true, bool repeatIsSafe = false) =>
        OutcomeDecision.Of(Result(work, answer) with { RequestsDone = requestsDone, Started = started, RepeatIsSafe = repeatIsSafe }, Channel, Now,
            jitter: 1);

    private static IChannelDelivery Channel => TestChannels.All.Of("wecom").Delivery;

    private static AttemptResult Result(Work work, SendOutcome answer) =>
        new(work, work.Attempts + 1, Started: true, answer, RequestsDone: 0, RepeatIsSafe: false);

    private static SendOutcome Answer(OutcomeClass answer) => new(answer);

    private static NotificationUpdates.Change Row(
        NotificationStatus status, int attempts = 1, int tries = 0, int requestsDone = 0, long version = 3) =>
        new("notification-1", status, version, attempts, tries, requestsDone, null, null, null);
}
