using Notify.Channels.Sending;
using Notify.Delivery.Outcomes;

namespace Notify.Delivery.Tests.Outcomes;

public sealed class RetryPolicyTests
{
    private static readonly DateTimeOffset now = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public void passing_trouble_is_retried_ever_more_slowly_and_not_for_ever()
    {
        var delays = Enumerable.Range(1, RetryPolicy.MaxTries).Select(tries => Delay(OutcomeClass.Retry, tries)).ToList();
        delays.SkipLast(1).Should().Equal(
            new[] { 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600, 600, 600 }.Select(x => (TimeSpan?)TimeSpan.FromSeconds(x)));
        delays[^1].Should().BeNull();
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(0.5, 6)]
    [InlineData(1, 8)]
    public void chance_spreads_retries_over_the_upper_half(double jitter, int seconds) =>
        Delay(OutcomeClass.Retry, 3, jitter: jitter).Should().Be(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void the_platforms_wish_to_wait_longer_is_heeded()
    {
        Delay(OutcomeClass.Retry, 1, retryAfter: 300).Should().Be(TimeSpan.FromSeconds(300));
        Delay(OutcomeClass.Retry, 5, retryAfter: 1).Should().Be(TimeSpan.FromSeconds(32), "it is at least the wish");
    }

    [Theory]
    [InlineData(OutcomeClass.Rate, null, 61)]
    [InlineData(OutcomeClass.Rate, 7, 7)]
    [InlineData(OutcomeClass.Configuration, null, 0)]
    [InlineData(OutcomeClass.Configuration, 600, 0)]
    public void what_is_no_fault_of_the_message_waits_however_often_it_was_tried(OutcomeClass outcome, int? retryAfter, int seconds) =>
        Delay(outcome, tries: 1000, retryAfter: retryAfter).Should().Be(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 4)]
    public void a_lost_answer_is_followed_by_few_blind_repeats(bool repeatIsSafe, int repeats) =>
        Enumerable.Range(1, 10).TakeWhile(unknowns => Delay(OutcomeClass.Unknown, 1, unknowns, repeatIsSafe) is not null).Should().HaveCount(repeats);

    [Fact]
    public void what_is_not_known_here_is_tried_twice()
    {
        RetryPolicy.RetryAt(new SendOutcome(OutcomeClass.Retry) { MostTries = 2 }, 1, 0, false, now, now, 1).Should().NotBeNull();
        RetryPolicy.RetryAt(new SendOutcome(OutcomeClass.Retry) { MostTries = 2 }, 2, 0, false, now, now, 1).Should().BeNull();
    }

    [Theory]
    [InlineData(OutcomeClass.Message)]
    [InlineData(OutcomeClass.Receiver)]
    [InlineData(OutcomeClass.Ok)]
    [InlineData(OutcomeClass.Partial)]
    public void what_cannot_become_better_is_not_repeated(OutcomeClass outcome) => Delay(outcome, 1).Should().BeNull();

    [Theory]
    [InlineData(OutcomeClass.Retry)]
    [InlineData(OutcomeClass.Rate)]
    [InlineData(OutcomeClass.Configuration)]
    [InlineData(OutcomeClass.Unknown)]
    public void after_a_day_nothing_is_tried_again(OutcomeClass outcome)
    {
        Delay(outcome, 1, age: RetryPolicy.MaxAge).Should().NotBeNull();
        Delay(outcome, 1, age: RetryPolicy.MaxAge + TimeSpan.FromTicks(1)).Should().BeNull();
    }

    [Fact]
    public void what_the_platform_has_accepted_is_asked_for_however_long_it_waited_for_its_turn()
    {
        Delay(OutcomeClass.Accepted, RetryPolicy.MaxTries - 1, age: TimeSpan.FromDays(3)).Should().NotBeNull();
        Delay(OutcomeClass.Accepted, RetryPolicy.MaxTries, age: TimeSpan.FromDays(3)).Should().BeNull();
    }

    /// <summary>A gateway may answer in place of the platform after that has taken the message.</summary>
    [Theory]
    [InlineData(200, true, false, 1)]
    [InlineData(504, true, false, 1)]
    [InlineData(null, true, false, 1)]
    [InlineData(502, true, false, RetryPolicy.MaxTries - 1)]
    [InlineData(200, true, true, RetryPolicy.MaxTries - 1)]
    [InlineData(200, false, false, RetryPolicy.MaxTries - 1)]
    public void a_failure_that_has_probably_arrived_is_repeated_once_unless_a_repeat_is_safe(
        int? status, bool mayHaveArrived, bool repeatIsSafe, int repeats) =>
        Enumerable.Range(1, 100)
            .TakeWhile(x => Delay(OutcomeClass.Retry, x, x, repeatIsSafe, mayHaveArrived: mayHaveArrived, status: status) is not null)
            .Should().HaveCount(repeats);

    private static TimeSpan? Delay(
        OutcomeClass outcome, int tries, int unknowns = 1, bool repeatIsSafe = false, double jitter = 1, int? retryAfter = null,
        TimeSpan age = default, bool mayHaveArrived = false, int? status = null) =>
        RetryPolicy.RetryAt(
            new SendOutcome(outcome)
            {
                RetryAfter = retryAfter is { } x ? TimeSpan.FromSeconds(x) : null,
                MayHaveArrived = mayHaveArrived,
                HttpStatus = status,
            },
            tries, unknowns, repeatIsSafe, now - age, now, jitter) - now;
}
