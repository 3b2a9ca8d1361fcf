using Notify.Contracts.Alarms;

namespace Notify.Alarms.Tests;

/// <summary>What of a source's reports is news, what comes late and what is a repeat: given what it said, when it says this, then that.</summary>
public sealed class SourceReportTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-22T12:00:00Z");
    private static readonly DateTimeOffset Never = DateTimeOffset.Parse("2999-01-01T00:00:00Z");
    private readonly List<object> told = [];
    private DateTimeOffset now = Noon;
    private Alarm? alarm;

    private AlarmState State => alarm!.Facts.State;

    [Fact]
    public void an_unchanged_state_without_a_time_is_a_repeat_that_brings_the_content_up_to_date_and_tells_nobody()
    {
        Says(AlarmState.ActiveUnacked, value: "1", description: "hot");
        Says(AlarmState.ActiveUnacked, value: "2").Should().BeEquivalentTo(new { Repeats = 1, Value = "2", Description = (string?)null });
        alarm!.Facts.Should().Match<AlarmFacts>(x => x.Value == "2" && x.Description == "hot" && x.EventTime == Noon);
        told.Should().ContainSingle();
    }

    [Fact]
    public void a_repeat_does_not_take_back_an_acknowledgement()
    {
        Says(AlarmState.ActiveUnacked);
        Happens(new AlarmAcknowledged("", "Li"));
        Says(AlarmState.ActiveUnacked).Should().BeOfType<ReportRepeated>();
        State.Should().Be(AlarmState.ActiveAcked);
        Says(AlarmState.ActiveUnacked, at: Noon.AddMinutes(1)).Should().BeOfType<AlarmReported>();
        State.Should().Be(AlarmState.ActiveUnacked);
    }

    [Fact]
    public void a_source_that_acknowledges_itself_may_take_it_back()
    {
        Says(AlarmState.ActiveUnacked);
        Says(AlarmState.ActiveAcked).Should().BeOfType<AlarmReported>();
        Says(AlarmState.ActiveUnacked).Should().BeOfType<AlarmReported>();
        told.Should().HaveCount(3);
    }

    [Fact]
    public void a_later_time_is_a_new_occurrence()
    {
        Says(AlarmState.ActiveUnacked, at: Noon);
        Says(AlarmState.ActiveUnacked, at: Noon.AddSeconds(1)).Should().BeOfType<AlarmReported>();
        told.Should().HaveCount(2);
    }

    [Fact]
    public void what_has_become_more_urgent_is_news_and_what_has_become_less_so_is_not()
    {
        Says(AlarmState.ActiveUnacked, level: AlarmLevel.High);
        Says(AlarmState.ActiveUnacked, level: AlarmLevel.Critical).Should().BeOfType<AlarmReported>();
        Says(AlarmState.ActiveUnacked, level: AlarmLevel.Low).Should().BeOfType<ReportRepeated>();
        alarm!.Facts.Level.Should().Be(AlarmLevel.Low);
    }

    [Fact]
    public void a_clear_report_leaves_as_it_was_what_it_leaves_out()
    {
        alarm = Alarm.Apply(null, "alarm-1", Report(AlarmState.ActiveUnacked, Noon) with
        {
            Type = "Limit",
            Level = AlarmLevel.Critical,
            Value = "9.7",
            Description = "hot",
            AckMode = AcknowledgeMode.ManualWithNote,
            Labels = new Dictionary<string, string> { ["team"] = "ops" },
        });
        Says(AlarmState.ClearedUnacked, value: "3");
        alarm.Facts.Should().BeEquivalentTo(
            new { Type = "Limit", Level = AlarmLevel.Critical, Value = "3", Description = "hot", State = AlarmState.ClearedUnacked });
        (alarm.AckMode, alarm.Facts.Labels["team"]).Should().Be((AcknowledgeMode.ManualWithNote, "ops"));
    }

    [Fact]
    public void what_comes_late_is_recorded_and_tells_nobody()
    {
        Says(AlarmState.ClearedUnacked, at: Noon.AddSeconds(10));
        Says(AlarmState.ActiveUnacked, at: Noon).Should().BeOfType<AlarmReported>().Which.Late.Should().BeTrue();
        (State, alarm!.Version).Should().Be((AlarmState.ClearedUnacked, 2));
        told.Should().ContainSingle();
    }

    [Theory]
    [InlineData(3, 360)]
    [InlineData(600_000_000, 60)]
    public void a_clock_that_is_ahead_is_taken_as_now_and_holds_up_nothing(long ahead, int later)
    {
        Says(AlarmState.ActiveUnacked, at: Noon.AddMinutes(6 + ahead));
        alarm!.Facts.EventTime.Should().Be(Noon);
        alarm.GivenEventTime.Should().Be(Noon.AddMinutes(6 + ahead));
        now = Noon.AddSeconds(later);
        Says(AlarmState.ClearedUnacked, at: now).Should().BeOfType<AlarmReported>();
        State.Should().Be(AlarmState.ClearedUnacked);
        Says(AlarmState.ActiveUnacked, at: now.AddSeconds(1));
        (State, alarm.GivenEventTime).Should().Be((AlarmState.ActiveUnacked, null));
        told.Should().HaveCount(3);
    }

    [Fact]
    public void of_two_reports_by_a_clock_that_is_ahead_the_one_that_comes_late_is_late()
    {
        Says(AlarmState.ClearedUnacked, at: Noon.AddMinutes(61));
        Says(AlarmState.ActiveUnacked, at: Noon.AddMinutes(60)).Should().BeOfType<AlarmReported>().Which.Late.Should().BeTrue();
        // Not so of one that is ahead by something else altogether.
        Says(AlarmState.ActiveUnacked, at: Never);
        Says(AlarmState.ClearedUnacked, at: Noon.AddMinutes(62));
        State.Should().Be(AlarmState.ClearedUnacked);
    }

    [Fact]
    public void an_end_ends_it_although_its_time_lies_before_the_beginning()
    {
        Says(AlarmState.ActiveUnacked, at: Noon.AddMinutes(4));
        Says(AlarmState.ClearedUnacked, at: Noon.AddSeconds(1)).Should().BeOfType<AlarmReported>();
        State.Should().Be(AlarmState.ClearedUnacked);
        // And the next is judged by the clock that said so.
        Says(AlarmState.ActiveUnacked, at: Noon.AddSeconds(2));
        State.Should().Be(AlarmState.ActiveUnacked);
        told.Should().HaveCount(3);
    }

    [Fact]
    public void a_late_end_of_an_earlier_occurrence_does_not_end_this_one()
    {
        Says(AlarmState.ActiveUnacked, at: Noon);
        Says(AlarmState.ActiveUnacked, at: Noon.AddMinutes(2));
        Says(AlarmState.ClearedUnacked, at: Noon.AddMinutes(1)).Should().BeOfType<AlarmReported>().Which.Late.Should().BeTrue();
        State.Should().Be(AlarmState.ActiveUnacked);
        Says(AlarmState.ClearedAcked, at: Noon.AddSeconds(70)).Should().BeOfType<AlarmReported>().Which.Late.Should()
            .BeTrue("it is that of the earlier one, too");
        Says(AlarmState.ClearedUnacked, at: Noon.AddMinutes(3));
        State.Should().Be(AlarmState.ClearedUnacked);
    }

    [Fact]
    public void when_the_beginning_to_an_end_comes_after_both_the_later_occurrence_goes_on()
    {
        Says(AlarmState.ActiveUnacked, at: Noon.AddMinutes(2));
        Says(AlarmState.ClearedUnacked, at: Noon.AddMinutes(1));
        State.Should().Be(AlarmState.ClearedUnacked);
        Says(AlarmState.ActiveUnacked, at: Noon).Should().BeOfType<AlarmReported>().Which.Reopens.Should().BeTrue();
        (State, alarm!.Facts.EventTime).Should().Be((AlarmState.ActiveUnacked, Noon.AddMinutes(2)));
        told.Should().HaveCount(3);
    }

    [Fact]
    public void a_source_hours_behind_is_measured_by_its_own_clock()
    {
        var behind = Noon.AddHours(-3);
        Says(AlarmState.ActiveUnacked);
        Says(AlarmState.ActiveUnacked, at: behind.AddSeconds(1));
        Says(AlarmState.ClearedUnacked, at: behind.AddSeconds(2));
        State.Should().Be(AlarmState.ClearedUnacked);
        Says(AlarmState.ActiveUnacked, at: behind.AddSeconds(3));
        State.Should().Be(AlarmState.ActiveUnacked);
        Says(AlarmState.ClearedUnacked);
        Says(AlarmState.ActiveUnacked, at: behind.AddSeconds(5));
        State.Should().Be(AlarmState.ActiveUnacked);
        told.Should().HaveCount(5);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(0, 4)]
    [InlineData(-180, 0)]
    [InlineData(0, -180)]
    [InlineData(60, 0)]
    [InlineData(0, 60)]
    [InlineData(-180, 60)]
    public void one_source_that_begins_and_another_that_ends_may_each_have_its_own_clock(int begins, int ends)
    {
        for (var i = 0; i < 5; i++)
        {
            now = Noon.AddMinutes(10 * i);
            Says(AlarmState.ActiveUnacked, now.AddMinutes(begins));
            State.Should().Be(AlarmState.ActiveUnacked);
            now = now.AddMinutes(1);
            Says(AlarmState.ClearedUnacked, now.AddMinutes(ends));
            State.Should().Be(AlarmState.ClearedUnacked);
        }

        told.Should().HaveCount(10);
    }

    [Fact]
    public void a_source_hours_behind_is_heard_although_another_has_cleared_the_alarm_by_a_right_clock()
    {
        Says(AlarmState.ClearedUnacked, at: Noon);
        // That may have been three hours under way; the next shows that it was not.
        Says(AlarmState.ActiveUnacked, at: Noon.AddHours(-3).AddSeconds(1)).Should().BeOfType<AlarmReported>().Which.Late.Should().BeTrue();
        Says(AlarmState.ActiveUnacked, at: Noon.AddHours(-3).AddSeconds(2)).Should().BeOfType<AlarmReported>().Which.Late.Should().BeFalse();
        State.Should().Be(AlarmState.ActiveUnacked);
    }

    /// <summary>In any order of a few reports, and when none is more than two places late of many; however wrong the clock is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-180)]
    [InlineData(60)]
    public void reports_out_of_order_end_as_the_source_said_last(int skew)
    {
        foreach (var (count, late) in (ReadOnlySpan<(int, int)>)[(2, 2), (3, 3), (4, 4), (6, 2), (7, 2)])
        {
            var said = Enumerable.Range(0, count).Select(i => (
                State: i % 2 == 0 ? AlarmState.ActiveUnacked : AlarmState.ClearedUnacked, At: Noon.AddMinutes(skew).AddSeconds(10 * i))).ToList();
            foreach (var order in Orders([.. Enumerable.Range(0, count)]).Where(x => x.Index().All(y => y.Index - y.Item <= late)))
            {
                (alarm, now) = (null, Noon.AddMinutes(1));
                foreach (var i in order)
                {
                    now = now.AddMilliseconds(1);
                    Says(said[i].State, said[i].At);
                }

                State.Should().Be(said[^1].State, "of {0}", string.Join(' ', order));
            }
        }
    }

    private static IEnumerable<int[]> Orders(int[] items) =>
        items.Length < 2 ? [items] : items.SelectMany(first => Orders([.. items.Where(x => x != first)]).Select(rest => (int[])[first, .. rest]));

    private object Says(
        AlarmState state, DateTimeOffset? at = null, string? value = null, string? description = null, AlarmLevel? level = null)
    {
        var given = (at is null ? ReportFields.None : ReportFields.EventTime) | (value is null ? ReportFields.None : ReportFields.Value)
            | (description is null ? ReportFields.None : ReportFields.Description) | (level is null ? ReportFields.None : ReportFields.Level);
        var report = Report(state, at ?? now) with { Value = value ?? "", Description = description ?? "", Level = level ?? AlarmLevel.Medium };
        var fact = SourceReport.Heard(report, given, now).Decide(alarm);
        if (fact is AlarmReported { Late: not true }) told.Add(fact);
        Happens(fact);
        return fact;
    }

    private void Happens(object fact) => alarm = Alarm.Apply(alarm, "alarm-1", fact);

    private static AlarmReported Report(AlarmState state, DateTimeOffset at) =>
        new("Pressure", "Site1/Line1", "", AlarmLevel.Medium, state, "", at, "", AcknowledgeMode.Manual, "", null, new Dictionary<string, string>(),
            null);
}
