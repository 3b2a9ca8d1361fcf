using System.Text.Json;
using Notify.Alarms.Intake.Alertmanager;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Tests.Intake;

/// <summary>How an alert becomes an alarm, and what a repeat of it changes.</summary>
public sealed class AlertMappingTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-22T12:00:00Z");

    [Fact]
    public void an_alert_becomes_an_alarm_with_good_defaults()
    {
        var alarm = Report("""
            { "labels": { "alertname": "InstanceDown", "job": "node", "instance": "10.0.0.7:9100", "severity": "page" },
              "annotations": { "summary": "Node is down", "description": "No answer for 5 m", "runbook_url": "https://runbooks/down" },
              "generatorURL": "http://prometheus/graph" }
            """);
        alarm.Name.Should().Be("InstanceDown");
        alarm.Path.Should().Be("node/10.0.0.7:9100");
        alarm.Level.Should().Be(AlarmLevel.Critical);
        alarm.Description.Should().Be("Node is down\nNo answer for 5 m");
        alarm.Labels.Should().Contain("severity", "page").And.Contain("annotations.runbook_url", "https://runbooks/down").And.Contain(
            "generatorURL", "http://prometheus/graph");
    }

    [Theory]
    [InlineData("critical", AlarmLevel.Critical)]
    [InlineData("Emergency", AlarmLevel.Critical)]
    [InlineData("major", AlarmLevel.High)]
    [InlineData("WARNING", AlarmLevel.Medium)]
    [InlineData("info", AlarmLevel.Low)]
    [InlineData("none", AlarmLevel.Low)]
    [InlineData("purple", AlarmLevel.Medium)]
    public void the_severity_says_how_urgent_it_is(string severity, AlarmLevel level) =>
        Report($$"""{ "labels": { "alertname": "A", "severity": "{{severity}}" } }""").Level.Should().Be(level);

    [Fact]
    public void settings_say_where_each_part_comes_from()
    {
        var mapping = new AlertMapping
        {
            Name = "{rule|alertname} on {host}",
            Path = "{site}/{annotations.line}",
            Levels = { ["p1"] = AlarmLevel.Critical }
        };
        var alarm = Report("""{ "labels": { "alertname": "Hot", "host": "m1", "site": "S1", "severity": "P1" }, "annotations": { "line": "L2" } }""", mapping);
        alarm.Name.Should().Be("Hot on m1");
        alarm.Path.Should().Be("S1/L2");
        alarm.Level.Should().Be(AlarmLevel.Critical);
    }

    [Fact]
    public void what_is_too_long_is_cut_and_not_lost()
    {
        var alarm = Report($$"""{ "labels": { "alertname": "{{new string('x', 199)}}🔥" }, "annotations": { "summary": "{{new string('漢', 5000)}}" } }""");
        alarm.Name.Should().Be(new string('x', 199));
        alarm.Description.Should().HaveLength(4000);
    }

    [Theory]
    [InlineData("""{ }""", "labels")]
    [InlineData("""{ "labels": { "a": "" } }""", "labels")]
    [InlineData("""{ "labels": { "": "x" } }""", "labels")]
    [InlineData("""{ "labels": { "a": 1 } }""", "labels.a")]
    [InlineData("""{ "labels": { "\ud800": "x" } }""", "labels")]
    [InlineData("""{ "labels": { "a": "b" }, "annotations": { "s": [] } }""", "annotations.s")]
    [InlineData("""{ "labels": { "a": "b" }, "startsAt": "yesterday" }""", "startsAt")]
    [InlineData("""[ ]""", "")]
    public void what_does_not_fit_is_named(string json, string field)
    {
        var errors = new Errors();
        Alert.Read(JsonDocument.Parse(json).RootElement, errors).Should().BeNull();
        errors.ToDictionary().Keys.Should().Equal(field);
    }

    [Fact]
    public void an_odd_character_costs_no_alert()
    {
        var alert = Read("""{ "labels": { "alertname": "Down\n\u202e!", "team": "a\ud83d" }, "annotations": { "summary": "one\u0000\ntwo" } }""");
        (alert.Labels["team"], alert.Annotations["summary"]).Should().Be(("a\ufffd", "one\ufffd\ntwo"));
        var report = new AlertMapping().Report(alert, AlarmState.ActiveUnacked, DateTimeOffset.UnixEpoch);
        (report.Name, report.Description).Should().Be(("Down !", "one\ufffd\ntwo"));
    }

    [Fact]
    public void the_year_one_is_no_end_and_nanoseconds_are_read()
    {
        var alert = Read("""{ "labels": { "a": "b" }, "startsAt": "2026-11-22T12:00:00.123456789+08:00", "endsAt": "0001-01-01T00:00:00Z" }""");
        alert.StartsAt.Should().Be(DateTimeOffset.Parse("2026-11-22T04:00:00.123456Z"));
        alert.EndsAt.Should().BeNull();
    }

    [Fact]
    public void a_repeat_is_no_new_fact()
    {
        var alarm = Raised(Firing(Noon));
        AlertCommand.Raise(alarm, Firing(Noon), Noon.AddHours(4)).Should().BeNull();
        AlertCommand.Raise(alarm, Firing(Noon, Noon.AddMinutes(9)), Noon.AddHours(4)).Should().Be(new Extension(Noon.AddMinutes(9)));
    }

    [Fact]
    public void a_later_start_without_a_resolution_between_is_a_new_fact()
    {
        var alarm = Raised(Firing(Noon));
        AlertCommand.Raise(alarm, Firing(Noon.AddHours(1)), Noon.AddHours(1)).Should().BeOfType<AlarmReported>();
    }

    [Fact]
    public void an_alert_that_comes_back_with_its_old_start_counts_again_once()
    {
        var now = Noon.AddHours(1);
        var cleared = Raised(Firing(Noon), new AlarmExpired(Noon.AddMinutes(5)));
        var fact = AlertCommand.Raise(cleared, Firing(Noon), now).Should().BeOfType<AlarmReported>().Subject;
        fact.EventTime.Should().Be(now);
        var again = Alarm.Apply(cleared, cleared.Id, fact);
        again.IsActive.Should().BeTrue();
        AlertCommand.Raise(again, Firing(Noon), now.AddMinutes(1)).Should().BeNull();
    }

    [Fact]
    public void a_resolution_clears_once_and_keeps_the_acknowledgement()
    {
        var alarm = Raised(Firing(Noon), new AlarmAcknowledged("", "Li"));
        var fact = AlertCommand.Clear(alarm, Cleared(Noon.AddMinutes(3)), timeGiven: true, Noon.AddMinutes(3)).Should()
            .BeOfType<AlarmReported>().Subject;
        fact.State.Should().Be(AlarmState.ClearedAcked);
        fact.AckUser.Should().Be("Li");
        AlertCommand.Clear(Alarm.Apply(alarm, alarm.Id, fact), Cleared(Noon.AddMinutes(4)), timeGiven: true, Noon.AddMinutes(4)).Should().BeNull();
    }

    [Fact]
    public void a_resolution_of_an_earlier_occurrence_does_not_clear_a_later_one()
    {
        var alarm = Raised(Firing(Noon));
        var fact = AlertCommand.Clear(alarm, Cleared(Noon.AddMinutes(-1), start: Noon.AddMinutes(-5)), timeGiven: true, Noon).Should()
            .BeOfType<AlarmReported>().Subject;
        fact.Late.Should().BeTrue();
        var after = Alarm.Apply(alarm, alarm.Id, fact);
        after.IsActive.Should().BeTrue();
        AlertCommand.Clear(after, Cleared(Noon.AddMinutes(-1), start: Noon.AddMinutes(-5)), timeGiven: true, Noon).Should().BeNull();
        AlertCommand.Clear(alarm, Cleared(Noon.AddMinutes(-1), start: Noon.AddMinutes(-5)), timeGiven: false, Noon).Should()
            .BeOfType<AlarmReported>().Which.EventTime.Should().Be(Noon);
    }

    private static AlarmReported Firing(DateTimeOffset at, DateTimeOffset? until = null) =>
        new AlertMapping().Report(Read("""{ "labels": { "a": "b" } }"""), AlarmState.ActiveUnacked, at, until) with { Start = at };

    private static AlarmReported Cleared(DateTimeOffset at, DateTimeOffset? start = null) =>
        new AlertMapping().Report(Read("""{ "labels": { "a": "b" } }"""), AlarmState.ClearedUnacked, at) with { Start = start ?? Noon };

    private static Alarm Raised(params object[] events) => events.Aggregate((Alarm?)null, (alarm, e) => Alarm.Apply(alarm, "alarm-1", e))!;

    private static AlarmReported Report(string json, AlertMapping? mapping = null) =>
        (mapping ?? new AlertMapping()).Report(Read(json), AlarmState.ActiveUnacked, Noon);

    private static Alert Read(string json)
    {
        var errors = new Errors();
        return Alert.Read(JsonDocument.Parse(json).RootElement, errors, AlertLabels.GeneratorUrl)
            ?? throw new InvalidOperationException(string.Join("; ", errors.ToDictionary().Keys));
    }
}
