using Notify.Contracts.Alarms;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public class TemplateTests
{
    private static readonly TemplateContext shanghai = new(TimeZones.Get("Asia/Shanghai"), "https://n.example/a/1?t=a_b-c");

    private static string Render(string content, AlarmFacts? alarm = null, string format = "text") =>
        Template.Parse(content).Render(alarm ?? Given.Alarm, shanghai, format);

    private static IReadOnlyList<TemplateFault> FaultsOf(string content)
    {
        Template.TryParse(content, out var template, out var faults).Should().Be(faults.Count == 0);
        (template is null).Should().Be(faults.Count > 0);
        return faults;
    }

    [Theory]
    [InlineData("{ackUser}", "wangwu")]
    [InlineData("{description}", "Pressure is too high")]
    [InlineData("{eventTime}", "2026-09-30 12:00:00")]
    [InlineData("{isAcked}", "Yes")]
    [InlineData("{isShelved}", "No")]
    [InlineData("{level}", "Critical")]
    [InlineData("{name}", "Overpressure")]
    [InlineData("{path}", "Site1/Line1/Pump3")]
    [InlineData("{state}", "ActiveAcked")]
    [InlineData("{type}", "Limit")]
    [InlineData("{urlPath}", "https://n.example/a/1?t=a_b-c")]
    [InlineData("{value}", "12.4")]
    [InlineData("{labels.team}", "ops")]
    [InlineData("{labels.k8s.io/app-name_1}", "pump")]
    [InlineData("{labels.absent}", "")]
    public void every_parameter_is_replaced(string content, string expected)
    {
        var alarm = Given.Alarm with
        {
            AckUser = "wangwu",
            State = AlarmState.ActiveAcked,
            Labels = new Dictionary<string, string> { ["team"] = "ops", ["k8s.io/app-name_1"] = "pump" },
        };

        Render(content, alarm).Should().Be(expected);
    }

    [Fact]
    public void the_twelve_parameters_are_those_of_the_contract() => TemplateParameters.Names.Should().Equal(
        "ackUser", "description", "eventTime", "isAcked", "isShelved", "level", "name", "path", "state", "type", "urlPath", "value");

    [Theory]
    [InlineData("{{name}}", "{name}")]
    [InlineData("{{{name}}}", "{Overpressure}")]
    [InlineData("a }} b {{ c", "a } b { c")]
    [InlineData("{name}{level}", "OverpressureCritical")]
    public void doubled_braces_are_braces(string content, string expected) => Render(content).Should().Be(expected);

    [Theory]
    [InlineData("{nmae}", 1, 1, 0)]
    [InlineData("报警 {nmae}", 1, 4, 3)]
    [InlineData("{name}\n  {nmae}", 2, 3, 9)]
    [InlineData("a\r\nb\r\n{nmae}", 3, 1, 6)]
    [InlineData("a\rb{nmae}", 2, 2, 3)]
    public void an_unknown_parameter_is_named_with_its_place(string content, int line, int column, int offset) =>
        FaultsOf(content).Should().ContainSingle().Which
            .Should().BeEquivalentTo(new { Parameter = "nmae", Line = line, Column = column, Offset = offset });

    [Theory]
    [InlineData("{}")]
    [InlineData("{labels.}")]
    [InlineData("{labels.a b}")]
    [InlineData("{Name}")]
    [InlineData("{ name }")]
    public void what_is_nearly_a_parameter_is_none(string content) =>
        FaultsOf(content).Should().ContainSingle().Which.Parameter.Should().Be(content[1..^1]);

    [Fact]
    public void a_parameter_in_the_wrong_case_is_told_the_right_one() =>
        FaultsOf("{eventtime}").Single().ToString().Should().Be("Unknown parameter 'eventtime' (did you mean 'eventTime'?) at line 1, column 1 (character 0).");

    [Theory]
    [InlineData("a { b", 2)]
    [InlineData("{", 0)]
    [InlineData("{name", 0)]
    [InlineData("{na\nme}", 0, 6)]
    [InlineData("{a{name}", 0)]
    [InlineData("a}", 1)]
    [InlineData("{name}}", 6)]
    [InlineData("{{name}", 6)]
    public void a_lone_brace_is_named_with_its_place(string content, params int[] offsets)
    {
        FaultsOf(content).Select(x => x.Offset).Should().Equal(offsets);
        FaultsOf(content).Should().OnlyContain(x => x.Parameter == null);
    }

    [Fact]
    public void all_faults_are_found_at_once() => FaultsOf("{x} } {y}\n{").Select(x => (x.Line, x.Column)).Should().Equal((1, 1), (1, 5), (1, 7), (2, 1));

    [Fact]
    public void the_event_time_is_that_of_the_zone_and_of_its_clock_change()
    {
        var berlin = new TemplateContext(TimeZones.Get("Europe/Berlin"), "");
        var summer = Given.Alarm with { EventTime = new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero) };
        var winter = Given.Alarm with { EventTime = new(2026, 3, 29, 0, 59, 59, TimeSpan.Zero) };

        Template.Parse("{eventTime}").Render(winter, berlin, "text").Should().Be("2026-03-29 01:59:59");
        Template.Parse("{eventTime}").Render(summer, berlin, "text").Should().Be("2026-03-29 03:00:00");
    }

    [Fact]
    public void the_last_instant_of_the_calendar_can_be_shown() =>
        Render("{eventTime}", Given.Alarm with { EventTime = DateTimeOffset.MaxValue }).Should().StartWith("9999-12-31");
}
