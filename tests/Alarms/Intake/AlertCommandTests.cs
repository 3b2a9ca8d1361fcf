using Notify.Alarms.Intake.Alertmanager;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Tests.Intake;

/// <summary>What alerts change that are told by several, out of step, and by clocks that are wrong: each says with its start which occurrence it is
/// about.</summary>
public sealed class AlertCommandTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-22T12:00:00Z");
    private static readonly AuditContext Audit = AuditContext.OfSystem("correlation");
    private readonly List<AlarmState> told = [];
    private DateTimeOffset now = Noon;
    private Alarm? alarm;

    private AlarmState State => alarm!.Facts.State;

    [Fact]
    public void a_pair_out_of_step_raises_and_clears_once()
    {
        var (start, end) = (Noon.AddMinutes(-5), Noon.AddMinutes(-1));
        Fires(start);
        Resolves(start, end);
        Fires(start).Should().BeOfType<AlarmReported>().Which.Late.Should().BeTrue();
        State.Should().Be(AlarmState.ClearedUnacked);
        Resolves(start, end).Should().BeNull();
        told.Should().Equal(AlarmState.ActiveUnacked, AlarmState.ClearedUnacked);
    }

    [Fact]
    public void who_goes_on_telling_of_it_when_nobody_can_be_so_late_is_believed_and_ends_it_by_the_same_end()
    {
        var (start, end) = (Noon.AddMinutes(-5), Noon.AddMinutes(-1));
        Fires(start);
        Resolves(start, end);
        now = Noon.AddMinutes(10);
        Fires(start).Should().BeOfType<AlarmReported>().Which.Late.Should().BeNull();
        State.Should().Be(AlarmState.ActiveUnacked);
        Resolves(start, end).Should().BeOfType<AlarmReported>();
        State.Should().Be(AlarmState.ClearedUnacked);
    }

    [Fact]
    public void late_ones_are_recorded_so_often_and_no_more()
    {
        Fires(Noon);
        Resolves(Noon, Noon.AddSeconds(1));
        for (var i = 0; i < 20; i++) Fires(Noon).Should().BeOfType<AlarmReported>();
        Fires(Noon).Should().BeNull();
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(-1)]
    [InlineData(0)]
    public void a_resolution_ends_its_occurrence_although_its_end_lies_before_its_start(int end)
    {
        Fires(Noon);
        now = Noon.AddMinutes(1);
        var fact = Resolves(Noon, Noon.AddMinutes(end)).Should().BeOfType<AlarmReported>().Subject;
        State.Should().Be(AlarmState.ClearedUnacked);
        fact.EventTime.Should().Be(Noon);
    }

    [Fact]
    public void a_clock_that_is_ahead_holds_up_nothing()
    {
        Fires(Noon.AddYears(973));
        alarm!.Facts.EventTime.Should().Be(Noon);
        Resolves(Noon, Noon.AddMinutes(1));
        State.Should().Be(AlarmState.ClearedUnacked);
        Fires(Noon.AddMinutes(2));
        State.Should().Be(AlarmState.ActiveUnacked);
        Resolves(Noon.AddMinutes(2), Noon.AddHours(1));
        State.Should().Be(AlarmState.ClearedUnacked);
        alarm.Facts.EventTime.Should().BeBefore(Noon.AddMinutes(6));
    }

    [Fact]
    public void a_sender_hours_behind_is_heard_also_after_others()
    {
        Resolves(Noon.AddMinutes(-1), Noon);
        Fires(Noon.AddHours(-3));
        State.Should().Be(AlarmState.ActiveUnacked);
        Resolves(Noon.AddHours(-3), Noon.AddHours(-3).AddMinutes(1));
        State.Should().Be(AlarmState.ClearedUnacked);
    }

    /// <summary>Prometheus moves on the end that it announces for as long as an alert fires; by a clock that is right it has passed.</summary>
    [Fact]
    public void a_prometheus_hours_behind_is_told_as_firing_until_it_names_an_earlier_end()
    {
        var start = Noon.AddHours(-3);
        for (var minute = 0; minute < 30; minute++)
        {
            now = Noon.AddMinutes(minute);
            Posts(start, start.AddMinutes(minute + 4));
            Posts(start, start.AddMinutes(minute + 4)).Should().BeNull("it is the same post again");
            State.Should().Be(AlarmState.ActiveUnacked);
            alarm!.Elapse(now.AddMinutes(1)).Should().BeNull("it counts until the next");
        }

        now = Noon.AddMinutes(30);
        Posts(start, start.AddMinutes(30));
        State.Should().Be(AlarmState.ClearedUnacked);
        Posts(start, start.AddMinutes(30)).Should().BeNull();
        told.Should().Equal(AlarmState.ActiveUnacked, AlarmState.ClearedUnacked);
    }

    [Fact]
    public void a_prometheus_hours_behind_that_falls_silent_is_cleared_and_counts_again_when_it_speaks()
    {
        var start = Noon.AddHours(-3);
        Posts(start, start.AddMinutes(4));
        now = Noon.AddMinutes(6);
        Happens(alarm!.Elapse(now));
        State.Should().Be(AlarmState.ClearedUnacked);
        Posts(start, start.AddMinutes(10));
        State.Should().Be(AlarmState.ActiveUnacked);
    }

    [Fact]
    public void an_end_that_was_told_of_when_it_came_is_an_end()
    {
        Posts(Noon.AddMinutes(-5), Noon.AddMinutes(-1));
        State.Should().Be(AlarmState.ClearedUnacked);
        now = Noon.AddMinutes(14);
        Posts(Noon.AddMinutes(-5), Noon.AddMinutes(-1)).Should().BeNull("Prometheus tells of it for a quarter of an hour");
    }

    [Fact]
    public void an_end_after_the_source_fell_silent_is_final_too()
    {
        Posts(Noon, Noon.AddMinutes(4));
        now = Noon.AddMinutes(5);
        Happens(alarm!.Elapse(now));
        Posts(Noon, Noon.AddMinutes(4).AddSeconds(30)).Should().BeOfType<ReportRepeated>();
        Fires(Noon).Should().BeOfType<AlarmReported>().Which.Late.Should().BeTrue();
    }

    [Fact]
    public void a_repeat_with_other_words_brings_them_along_and_what_one_sender_says_of_itself_does_not_count()
    {
        Fires(Noon, ("annotations.summary", "90 degrees"), ("generatorURL", "http://a"));
        Fires(Noon, ("annotations.summary", "90 degrees"), ("generatorURL", "http://b")).Should().BeNull();
        Fires(Noon, ("annotations.summary", "98 degrees"), ("annotations.runbook", "r")).Should().BeOfType<ReportRepeated>();
        alarm!.Facts.Labels.Should().Contain("annotations.summary", "98 degrees").And.Contain("annotations.runbook", "r").And.NotContainKey(
            "generatorURL");
        alarm.Facts.Description.Should().Be("98 degrees");
        Fires(Noon).Should().BeNull("a repeat without annotations does not take them back");
        told.Should().ContainSingle();
    }

    private object? Fires(DateTimeOffset start, params (string Name, string Value)[] labels) =>
        Happens(AlertCommand.Firing(Report(AlarmState.ActiveUnacked, start, start, labels), now, Audit).Decide(alarm));

    private object? Resolves(DateTimeOffset start, DateTimeOffset end) =>
        Happens(AlertCommand.Resolved(Report(AlarmState.ClearedUnacked, start, end), timeGiven: true, now, Audit).Decide(alarm));

    /// <summary>As to <c>/api/v2/alerts</c>.</summary>
    private object? Posts(DateTimeOffset start, DateTimeOffset end) => Happens((end > now
        ? AlertCommand.Firing(Report(AlarmState.ActiveUnacked, start, start) with { ExpiresAt = end }, now, Audit)
        : AlertCommand.Ended(
            Report(AlarmState.ClearedUnacked, start, end),
            Report(AlarmState.ActiveUnacked, start, start) with { ExpiresAt = now.AddMinutes(5), AnnouncedEnd = end }, now, Audit)).Decide(alarm));

    private object? Happens(object? fact)
    {
        if (fact is Extension extension) alarm = extension.Of(alarm!) ?? alarm;
        else if (fact is not null) alarm = Alarm.Apply(alarm, "alarm-1", fact);
        if (fact is AlarmReported { Late: not true }) told.Add(State);
        return fact;
    }

    private static AlarmReported Report(AlarmState state, DateTimeOffset start, DateTimeOffset at, params (string Name, string Value)[] labels) =>
        new(
        "Hot", "", "", AlarmLevel.High, state, "", at, labels.FirstOrDefault(x => x.Name == "annotations.summary").Value ?? "",
        AcknowledgeMode.Manual, "", null,
        labels.ToDictionary(x => x.Name, x => x.Value), "fingerprint")
        {
            Start = start,
        };
}
