using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public class TemplateTests
{
    private static readonly TemplateContext shanghai = new(TimeZones.Get("Asia/Shanghai"), "https://n.example/a/1?t=a_b-c");

    private static string Render(string content, AlarmFacts? alarm = null, string format = "text") =>
        Template.Parse(content, Given.Format(format)).Render(alarm ?? Given.Alarm, shanghai);

    private static IReadOnlyList<TemplateFault> FaultsOf(string content)
    {
        Template.TryParse(content, Given.Format("text"), out var template, out var faults).Should().Be(faults.Count == 0);
        (template is null).Should().Be(faults.Count > 0);
        return faults;
    }

    [Theory]
    [InlineData("{ackUser}", "wangwu")]
    [InlineData("{description}", "Pressure is too high")]
    [InlineData("{eventTime}", "2026-09-30 12:00:00 +08:00")]
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
    public void the_parameters_are_those_of_the_contract() => TemplateParameters.Names.Should().Equal(
        "ackUser", "description", "duration", "eventTime", "isAcked", "isShelved", "level", "name", "path", "startTime", "state", "type", "urlPath",
        "value");

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
        FaultsOf("{eventtime}").Single().ToString().Should()
            .Be("Unknown parameter 'eventtime' (did you mean 'eventTime'?) at line 1, column 1 (character 0).");

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
    public void all_faults_are_found_at_once() =>
        FaultsOf("{x} } {y}\n{").Select(x => (x.Line, x.Column)).Should().Equal((1, 1), (1, 5), (1, 7), (2, 1));

    [Fact]
    public void the_event_time_is_that_of_the_zone_and_of_its_clock_change()
    {
        var berlin = new TemplateContext(TimeZones.Get("Europe/Berlin"), "");
        var summer = Given.Alarm with { EventTime = new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero) };
        var winter = Given.Alarm with { EventTime = new(2026, 3, 29, 0, 59, 59, TimeSpan.Zero) };

        Template.Parse("{eventTime}", Given.Format("text")).Render(winter, berlin).Should().Be("2026-03-29 01:59:59 +01:00");
        Template.Parse("{eventTime}", Given.Format("text")).Render(summer, berlin).Should().Be("2026-03-29 03:00:00 +02:00");
    }

    [Fact]
    public void the_last_instant_of_the_calendar_can_be_shown() =>
        Render("{eventTime}", Given.Alarm with { EventTime = DateTimeOffset.MaxValue }).Should().StartWith("9999-12-31");

    [Theory]
    [InlineData("{labels[\"host name\"]}", "srv 1")]
    [InlineData("{labels[\"主机\"]}", "一号")]
    [InlineData("{labels.主机}", "一号")]
    [InlineData("{labels[\"a:b.c/d\"]}", "colon")]
    [InlineData("{labels[\"say \\\"hi\\\" \\\\ {x}\"]}!", "quotes!")]
    [InlineData("{labels[\"absent one\"]}", "")]
    public void a_label_may_have_any_name(string content, string expected)
    {
        var alarm = Given.Alarm with
        {
            Labels = new Dictionary<string, string>
            {
                ["host name"] = "srv 1",
                ["主机"] = "一号",
                ["a:b.c/d"] = "colon",
                ["say \"hi\" \\ {x}"] = "quotes"
            },
        };

        Render(content, alarm).Should().Be(expected);
    }

    [Theory]
    [InlineData("{labels[\"\"]}")]
    [InlineData("{labels[\"a\"}")]
    [InlineData("{labels[\"a\"]x}")]
    [InlineData("{labels[\"a\\b\"]}")]
    [InlineData("{labels[a]}")]
    [InlineData("{labels.a:b}")]
    public void a_label_that_is_written_wrongly_is_told_how(string content) => FaultsOf(content).Single().ToString().Should().Contain("""{labels["its name"]}""");

    [Theory]
    [InlineData("{labels[\"a]}")]
    [InlineData("{labels[\"a\\")]
    [InlineData("{labels[\"a\n\"]}")]
    public void a_label_without_an_end_is_a_lone_brace(string content) =>
        FaultsOf(content)[0].Should().Match<TemplateFault>(x => x.Parameter == null && x.Offset == 0);

    [Theory]
    [InlineData("{eventTime:HH:mm}", "12:04")]
    [InlineData("{eventTime:yyyy-MM-dd'T'HH:mm:ss.fffzzz}", "2026-09-30T12:04:05.678+08:00")]
    [InlineData("{eventTime:yy年M月d日 dddd H时m分s秒}", "26年9月30日 Wednesday 12时4分5秒")]
    [InlineData("{eventTime:ddd hh:mm tt}", "Wed 12:04 PM")]
    [InlineData("{eventTime:d}", "30")]
    [InlineData("{eventTime:'o''clock' H}", "o'clock 12")]
    [InlineData("{startTime:HH:mm}", "11:59")]
    [InlineData("{startTime}", "2026-09-30 11:59:59 +08:00")]
    public void a_time_is_written_as_its_format_says(string content, string expected) =>
        Render(content, Given.Alarm with { EventTime = Given.Noon.AddMilliseconds(245_678), StartTime = Given.Noon.AddSeconds(-1) }).Should()
            .Be(expected);

    [Theory]
    [InlineData("{eventTime:}", "1 to 64")]
    [InlineData("{eventTime:HH:MI}", "cannot contain 'I'")]
    [InlineData("{eventTime:YYYY}", "'YYYY'")]
    [InlineData("{eventTime:HH 'Uhr}", "single quote")]
    [InlineData("{eventTime:K}", "'K'")]
    [InlineData("{name:HH}", "name takes no format")]
    [InlineData("{duration:HH}", "duration takes no format; eventTime and startTime do")]
    public void a_bad_format_is_named_with_its_place(string content, string why) =>
        FaultsOf("x " + content).Single().ToString().Should().Contain(why).And.EndWith("at line 1, column 3 (character 2).");

    [Theory]
    [InlineData(null, "Critical|ActiveUnacked|No|No|1 h 2 min|Wednesday AM")]
    [InlineData("en", "Critical|Active, unacknowledged|No|No|1 h 2 min|Wednesday AM")]
    [InlineData("zh", "紧急|已触发、未确认|否|否|1 小时 2 分钟|星期三 上午")]
    public void words_of_our_own_are_in_the_messages_language(string? language, string expected)
    {
        var start = Given.Noon.AddHours(-3);
        var content = Given.Compiled(new() { Content = "{level}|{state}|{isAcked}|{isShelved}|{duration}|{eventTime:dddd tt}", Language = language });

        var message = content.Render(
            Given.Alarm with { EventTime = start, StartTime = start }, start.AddMinutes(62), TimeZones.Get("Asia/Shanghai"), "");

        message.Should().BeEquivalentTo(new { Text = expected, Language = language, TimeZone = "Asia/Shanghai" });
    }

    [Theory]
    [InlineData(AlarmState.ActiveUnacked, "5 min 30 s")]
    [InlineData(AlarmState.ActiveAcked, "5 min 30 s")]
    [InlineData(AlarmState.ClearedUnacked, "40 s")]
    [InlineData(AlarmState.ClearedAcked, "40 s")]
    public void what_is_active_has_lasted_until_now_and_what_is_cleared_until_it_was(AlarmState state, string expected)
    {
        var alarm = Given.Alarm with { State = state, StartTime = Given.Noon.AddSeconds(-40) };

        Template.Parse("{duration}", Given.Format("text")).Render(alarm, shanghai with { At = Given.Noon.AddSeconds(290) }).Should().Be(expected);
        Render("{duration}{startTime}{startTime:HH}", Given.Alarm with { State = state }).Should().Be("", "nobody knows when it began");
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(-5, "0 s")]
    [InlineData(59, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3_600, "1 h")]
    [InlineData(90_061, "1 d 1 h")]
    [InlineData(8_640_000, "100 d")]
    public void a_duration_is_its_two_largest_units(int seconds, string expected) =>
        Render("{duration}", Given.Alarm with { StartTime = Given.Noon.AddSeconds(-seconds), State = AlarmState.ClearedAcked }).Should().Be(expected);
}
