using System.Text.Json.Nodes;
using Notify.Audit.Replays;
using Notify.Contracts.Replays;
using Notify.Kernel;

namespace Notify.Audit.Tests.Replays;

public class ReplayTests
{
    private static readonly DateTimeOffset now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
    private static readonly Actor ann = new("user-1", "Ann", "user");
    private static readonly ReplayRequested requested = new(
        ReplayMode.Review, now.AddHours(-1), now, new ReplayFilter(), null, null, "incident", 0, 100, null);

    private static Replay Given(params object[] events) =>
        events.Aggregate((Replay?)null, (replay, e) => Replay.Apply(replay, "replay-1", e, now, ann, "correlation"))!;

    [Fact]
    public void who_asked_and_why_is_known() =>
        Given(requested).Should().BeEquivalentTo(
            new { RequestedBy = ann, Status = ReplayStatus.Pending, Version = 1L, IsOpen = true }, x => x.ExcludingMissingMembers());

    [Fact]
    public void a_replay_that_has_progressed_is_running() =>
        Given(requested, new ReplayProgressed(50, 100)).Should().BeEquivalentTo(new { Status = ReplayStatus.Running, Done = 50L, Total = 100L });

    [Fact]
    public void a_completed_replay_knows_its_result_and_the_fingerprints_of_its_reports()
    {
        var replay = Given(requested, new ReplayCompleted(new JsonObject { ["entries"] = 7 }, [new("json", null, 10, "ab")]));

        replay.Status.Should().Be(ReplayStatus.Completed);
        replay.Result!["entries"]!.GetValue<int>().Should().Be(7);
        replay.Reports.Should().ContainSingle().Which.Sha256.Should().Be("ab");
    }

    [Fact]
    public void an_open_replay_can_be_cancelled()
    {
        Given(requested).Cancel("not needed").Should().Be(new ReplayCancelled("not needed"));
        Given(requested, new ReplayCancelled("not needed")).Should()
            .BeEquivalentTo(new { Status = ReplayStatus.Cancelled, EndReason = "not needed", EndedBy = ann });
    }

    [Fact]
    public void one_at_its_end_cannot()
    {
        foreach (var end in (object[])[new ReplayCompleted([], []), new ReplayCancelled(null), new ReplayFailed("fault")])
            FluentActions.Invoking(() => Given(requested, end).Cancel(null)).Should().Throw<ProblemException>().Which.Status.Should().Be(409);
    }
}
