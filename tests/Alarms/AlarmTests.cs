using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Tests;

/// <summary>An alarm by itself: given what happened, when asked, then this fact or refusal.</summary>
public sealed class AlarmTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-22T12:00:00Z");

    [Fact]
    public void it_knows_with_which_version_its_occurrence_began_and_who_acknowledged_it()
    {
        object[] happened =
        [
            Reported(), new AlarmAcknowledged("seen", "Li"), new AlarmShelved(Noon.AddHours(1), "work"),
            Reported(AlarmState.ClearedAcked, Noon.AddMinutes(1)), Reported(at: Noon.AddMinutes(2)),
        ];

        Enumerable.Range(1, happened.Length).Select(x => Given(happened[..x])).Select(x => (x.Began, x.Acknowledged)).Should()
            .Equal((1, null), (1, 2L), (1, 2L), (1, 2L), (5, null));
    }

    [Fact]
    public void the_first_report_raises_it()
    {
        var alarm = Given(Reported());
        alarm.Version.Should().Be(1);
        alarm.IsActive.Should().BeTrue();
        alarm.Facts.Name.Should().Be("Pressure");
    }

    [Fact]
    public void each_identity_has_a_key_of_its_own_and_keeps_it()
    {
        Alarm.IdOf(null, "Site1/Line1", "Motor").Should().Be(Ids.Derived("alarm", "p\nSite1/Line1\nMotor"), "stored alarms are known by it");
        Alarm.IdOf("m-1", "Site1/Line1", "Motor").Should().Be(Ids.Derived("alarm", "s\nm-1"));
        string[] ids = [Alarm.IdOf(null, "A\nB", "C"), Alarm.IdOf(null, "A", "B\nC"), Alarm.IdOf(null, "", "A\nB\nC"),
            Alarm.IdOf(null, "A\nB\nC", ""), Alarm.IdOf("A\nB", "", "C")];
        ids.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void an_active_alarm_can_be_acknowledged_and_stays_active() =>
        Given(Reported(), new AlarmAcknowledged("on my way", "Li")).Facts.Should()
            .Match<AlarmFacts>(x => x.State == AlarmState.ActiveAcked && x.AckUser == "Li");

    [Fact]
    public void a_cleared_alarm_can_be_acknowledged_and_stays_cleared() =>
        Given(Reported(AlarmState.ClearedUnacked), new AlarmAcknowledged("", "Li")).Facts.State.Should().Be(AlarmState.ClearedAcked);

    [Fact]
    public void it_is_acknowledged_once()
    {
        var alarm = Given(Reported(), new AlarmAcknowledged("", "Li"));
        alarm.Invoking(x => x.Acknowledge("", "Wang")).Should().Throw<ProblemException>().Which.Status.Should().Be(409);
    }

    [Fact]
    public void where_a_note_is_asked_for_there_is_no_acknowledging_without_one()
    {
        var alarm = Given(Reported(ackMode: AcknowledgeMode.ManualWithNote));
        alarm.Invoking(x => x.Acknowledge("", "Li")).Should().Throw<ProblemException>().Which.Errors.Should().ContainKey("note");
        alarm.Acknowledge("valve stuck", "Li").Should().Be(new AlarmAcknowledged("valve stuck", "Li"));
    }

    [Fact]
    public void a_late_report_does_not_undo_a_later_one()
    {
        var alarm = Given(Reported(AlarmState.ClearedUnacked, Noon), Reported(AlarmState.ActiveUnacked, Noon.AddMinutes(-1)));
        alarm.Version.Should().Be(2);
        alarm.IsActive.Should().BeFalse();
    }

    [Fact]
    public void it_has_begun_when_it_became_active_and_is_not_begun_anew_by_being_acknowledged_or_cleared()
    {
        StartOf(Reported()).Should().Be(Noon);
        StartOf(Reported(), new AlarmAcknowledged("", "Li"), new AlarmShelved(Noon.AddHours(1), "")).Should().Be(Noon);
        StartOf(Reported(), Reported(AlarmState.ActiveAcked, Noon.AddMinutes(1)), Reported(AlarmState.ClearedAcked, Noon.AddMinutes(2))).Should()
            .Be(Noon);
        StartOf(Reported(expiresAt: Noon.AddMinutes(5)), new AlarmExpired(Noon.AddMinutes(5)), new AlarmAcknowledged("", "Li")).Should().Be(Noon);
        StartOf(Reported(), Reported(AlarmState.ClearedUnacked, Noon.AddMinutes(1)), Reported(at: Noon.AddMinutes(2))).Should()
            .Be(Noon.AddMinutes(2), "it came again");
        StartOf(Reported(), Reported(at: Noon.AddMinutes(2))).Should()
            .Be(Noon.AddMinutes(2), "said again with a later time it is another occurrence");
        StartOf(Reported(AlarmState.ClearedUnacked)).Should().BeNull("nobody heard of it while it was active");

        static DateTimeOffset? StartOf(params object[] events)
        {
            var alarm = Given(events);
            Alarm.FactsAfter(events[^1], alarm).StartTime.Should().Be(alarm.Facts.StartTime);
            return alarm.Facts.StartTime;
        }
    }

    [Fact]
    public void a_late_report_is_told_with_the_start_it_can_have() =>
        Alarm.FactsAfter(Reported(at: Noon.AddMinutes(-3)), Given(Reported(), Reported(at: Noon.AddMinutes(-3)))).StartTime.Should()
            .Be(Noon.AddMinutes(-3));

    [Fact]
    public void it_cannot_be_shelved_until_a_moment_that_has_passed() =>
        FluentActions.Invoking(() => Alarm.Shelve(Noon, "", Noon)).Should().Throw<ProblemException>().Which.Errors.Should().ContainKey("until");

    [Fact]
    public void what_is_not_shelved_cannot_be_unshelved() =>
        Given(Reported()).Invoking(x => x.Unshelve()).Should().Throw<ProblemException>().Which.Status.Should().Be(409);

    [Fact]
    public void shelving_ends_by_itself_and_not_before_its_time()
    {
        var alarm = Given(Reported(), new AlarmShelved(Noon.AddHours(1), "works"));
        alarm.Elapse(Noon.AddMinutes(59)).Should().BeNull();
        alarm.Elapse(Noon.AddHours(1)).Should().Be(new AlarmUnshelved(TimeIsUp: true));
    }

    [Fact]
    public void it_stays_shelved_while_its_source_goes_on_reporting() =>
        Given(Reported(), new AlarmShelved(Noon.AddHours(1), ""), Reported(AlarmState.ClearedUnacked, Noon.AddMinutes(1))).Facts.Shelved.Should()
            .BeTrue();

    [Fact]
    public void when_its_source_falls_silent_it_is_taken_as_cleared_and_stays_acknowledged()
    {
        var alarm = Given(Reported(expiresAt: Noon.AddMinutes(5)), new AlarmAcknowledged("", "Li"));
        alarm.Elapse(Noon.AddMinutes(4)).Should().BeNull();
        var fact = alarm.Elapse(Noon.AddMinutes(5));
        fact.Should().Be(new AlarmExpired(Noon.AddMinutes(5)));
        Alarm.Apply(alarm, alarm.Id, fact!).Facts.State.Should().Be(AlarmState.ClearedAcked);
    }

    [Fact]
    public void a_repeat_lets_the_sources_word_count_longer_but_never_shorter()
    {
        var alarm = Given(Reported(expiresAt: Noon.AddMinutes(5)));
        new Extension(Noon.AddMinutes(6)).Of(alarm)!.ExpiresAt.Should().Be(Noon.AddMinutes(6));
        new Extension(Noon.AddMinutes(6)).Of(alarm)!.Version.Should().Be(alarm.Version);
        new Extension(Noon.AddMinutes(4)).Of(alarm).Should().BeNull();
    }

    [Fact]
    public void a_repeat_changes_nothing_where_the_word_counts_without_end_or_the_alarm_is_cleared()
    {
        new Extension(Noon.AddMinutes(6)).Of(Given(Reported())).Should().BeNull();
        new Extension(Noon.AddMinutes(6)).Of(Given(Reported(AlarmState.ClearedUnacked))).Should().BeNull();
    }

    private static Alarm Given(params object[] events) => events.Aggregate((Alarm?)null, (alarm, e) => Alarm.Apply(alarm, "alarm-1", e))!;

    private static AlarmReported Reported(
        AlarmState state = AlarmState.ActiveUnacked, DateTimeOffset? at = null, AcknowledgeMode ackMode = AcknowledgeMode.Manual,
        DateTimeOffset? expiresAt = null) =>
        new("Pressure", "Site1/Line1", "", AlarmLevel.High, state, "9.7", at ?? Noon, "", ackMode, "", null, new Dictionary<string, string>(), null,
            expiresAt);
}
