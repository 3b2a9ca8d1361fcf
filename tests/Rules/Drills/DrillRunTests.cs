using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Notify.Rules.Drills;

namespace Notify.Rules.Tests.Drills;

/// <summary>What becomes of one run, and what that says of its way, without a database.</summary>
public class DrillRunTests
{
    private static readonly DateTimeOffset began = Given.Noon;

    private static DrillRun Run(int? confirmWithin = 30) => DrillRun.Apply(
        null, "drillrun-1", new DrillStarted("Night", new VersionedRef("drill-1", 1, "Night"), began, confirmWithin, "test-1"), began);

    private static TestResult Result(string outcome, string alias = "Line 1") => new(
        "bot", alias, null, outcome, outcome == "delivered" ? "0" : "93000", null, null, null, null, new BilingualText("", ""), new BilingualText("", ""));

    /// <summary>Decides and applies.</summary>
    private static DrillRun After(DrillRun run, Func<DrillRun, object?> decide, DateTimeOffset at) =>
        decide(run) is { } e ? DrillRun.Apply(run, run.Id, e, at) : run;

    private static DrillRun Sent(DrillRun run, params string[] outcomes) =>
        After(run, x => x.Sent([.. outcomes.Select(o => Result(o))], began.AddSeconds(5)), began.AddSeconds(5));

    [Fact]
    public void what_arrives_proves_the_way_where_nobody_has_to_confirm()
    {
        var run = Sent(Run(confirmWithin: null), "delivered", "delivered");

        (run.State, run.ProvenAt, run.DueAt).Should().Be((DrillRunState.Proven, began.AddSeconds(5), null));
        run.Confirm("Li", "", "f", began.AddMinutes(1)).Should().BeNull("nobody is asked to");
    }

    [Fact]
    public void a_confirmation_in_time_proves_it()
    {
        var waiting = Sent(Run(), "delivered");
        (waiting.State, waiting.ConfirmBy, waiting.ProvenAt).Should().Be((DrillRunState.Waiting, began.AddSeconds(5).AddMinutes(30), null));

        var proven = After(waiting, x => x.Confirm("Li", "on duty", "f", began.AddMinutes(29)), began.AddMinutes(29));
        (proven.State, proven.ProvenAt, proven.ConfirmedBy, proven.Note).Should().Be((DrillRunState.Proven, began.AddMinutes(29), "Li", "on duty"));
        proven.Confirm("Wang", "", "f", began.AddMinutes(29)).Should().BeNull("somebody was faster");
        proven.Expire(began.AddDays(1)).Should().BeNull();
    }

    [Fact]
    public void nobody_confirms_what_is_over()
    {
        var waiting = Sent(Run(), "delivered");
        var end = waiting.ConfirmBy!.Value;

        waiting.Expire(end.AddTicks(-1)).Should().BeNull();
        waiting.Confirm("Li", "", "f", end).Should().BeNull("also where nobody has put its end on record yet");
        var over = After(waiting, x => x.Expire(end), end);
        (over.State, over.ProvenAt, over.DueAt).Should().Be((DrillRunState.Unconfirmed, null, null));
        over.Confirm("Li", "", "f", end.AddMinutes(-5)).Should().BeNull();
    }

    [Fact]
    public void a_finger_may_be_faster_than_the_record_of_the_last_receiver()
    {
        var early = After(Run(), x => x.Confirm("Li", "", "f", began.AddSeconds(3)), began.AddSeconds(3));
        early.State.Should().Be(DrillRunState.Sending);

        var proven = Sent(early, "delivered");
        (proven.State, proven.ProvenAt).Should().Be((DrillRunState.Proven, began.AddSeconds(5)));
        Sent(early, "delivered", "failed").State.Should().Be(DrillRunState.Failed, "one of them was not reached");
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("unknown")]
    [InlineData("notSent")]
    public void who_is_not_reached_for_certain_leaves_the_way_unproven(string outcome)
    {
        var run = Sent(Run(), "delivered", outcome);

        (run.State, run.ProvenAt, run.ConfirmBy, run.DueAt).Should().Be((DrillRunState.Failed, null, null, null));
        run.Receivers.Should().HaveCount(2);
    }

    [Fact]
    public void what_a_platform_has_only_accepted_counts_with_a_confirmation_and_not_without()
    {
        Sent(Run(), "accepted").State.Should().Be(DrillRunState.Waiting);
        Sent(Run(confirmWithin: null), "accepted").State.Should().Be(DrillRunState.Failed);
        Sent(Run(confirmWithin: null)).State.Should().Be(DrillRunState.Failed, "nobody was there to be reached");
    }

    [Fact]
    public void a_process_that_ends_while_it_sends_leaves_it_open_for_two_minutes()
    {
        Run().Expire(began.AddMinutes(2).AddTicks(-1)).Should().BeNull();
        var run = After(Run(), x => x.Expire(began.AddMinutes(2)), began.AddMinutes(2));

        run.State.Should().Be(DrillRunState.Interrupted);
        run.Sent([Result("delivered")], began.AddMinutes(3)).Should().BeNull("it is over");
        run.NotSent(["x"]).Should().BeNull();
        After(Run(), x => x.NotSent(["Service 'A' is disabled."]), began).Should()
            .BeEquivalentTo(new { State = DrillRunState.Failed, Reasons = new[] { "Service 'A' is disabled." } });
    }

    [Fact]
    public void a_way_is_overdue_when_its_interval_is_over_and_no_run_that_began_in_time_is_open()
    {
        var drill = new Drill
        {
            Id = "drill-1",
            Name = "Night",
            Enabled = true,
            CreatedAt = began.AddHours(-24),
            UpdatedAt = began.AddHours(-24),
            Settings = new() { At = new() { EveryHours = 24 }, ConfirmWithinMinutes = 30, ProvenEveryHours = 24 },
        };
        var proven = After(Sent(Run(), "delivered"), x => x.Confirm("Li", "", "f", began.AddMinutes(1)), began.AddMinutes(1));
        var record = DrillRecord.Of([proven]);
        var start = began.AddDays(-30);

        Proof(drill, DrillRecord.None, start, began.AddHours(-1)).Should().Be(DrillProof.Awaited, "it was set up less than a day ago");
        Proof(drill, DrillRecord.None, start, began.AddHours(1)).Should().Be(DrillProof.Overdue, "it has never proven anything");
        Proof(drill, record, start, began.AddHours(23)).Should().Be(DrillProof.Proven);
        DrillState.DueOf(drill, record, began.AddHours(23)).Should().BeNull("it has run");
        DrillState.DueOf(drill, record, began.AddHours(24)).Should().Be(began.AddHours(24));

        var next = Run() with { Id = "drillrun-2", StartedAt = began.AddHours(24), PlannedAt = began.AddHours(24) };
        var both = DrillRecord.Of([proven, next]);
        var after = began.AddHours(24).AddMinutes(2);
        Proof(drill, both, start, after).Should().Be(DrillProof.Awaited, "the run is given the chance");
        Proof(drill, DrillRecord.Of([proven, next with { State = DrillRunState.Unconfirmed }]), start, after).Should().Be(DrillProof.Overdue);
        Proof(drill, DrillRecord.Of([proven, next with { StartedAt = after }]), start, after).Should()
            .Be(DrillProof.Overdue, "a run that begins late puts nothing off");
        Proof(drill, DrillRecord.Of([proven, next with { StartedAt = after }]), after.AddSeconds(-30), after.AddMinutes(5)).Should()
            .Be(DrillProof.Awaited, "Notify was away, and has begun at once");
        Proof(drill, both, start, after, enabled: false).Should().Be(DrillProof.NotExpected);
    }

    [Fact]
    public void after_a_downtime_it_runs_once_and_for_no_time_before_it_was_enabled()
    {
        var drill = new Drill { Enabled = true, CreatedAt = began, UpdatedAt = began, Settings = new() { At = new() { EveryHours = 24 } } };
        var now = began.AddDays(10).AddHours(1);

        DrillState.DueOf(drill, DrillRecord.None, now).Should().Be(began.AddDays(10));
        DrillState.DueOf(drill, DrillRecord.Of([Run() with { PlannedAt = began.AddDays(10) }]), now).Should().BeNull();
        drill.UpdatedAt = began.AddDays(10).AddMinutes(1);
        DrillState.DueOf(drill, DrillRecord.None, now).Should().BeNull();
    }

    private static DrillProof Proof(Drill drill, DrillRecord record, DateTimeOffset listening, DateTimeOffset now, bool enabled = true)
    {
        drill.Enabled = enabled;
        return DrillState.Of(drill, record, listening, now).Proof;
    }
}
