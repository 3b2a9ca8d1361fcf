using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public class ScheduleSettingsTests
{
    private static string[] FaultyFields(ScheduleSettings settings) => [.. Given.FaultsOf(settings.Validate).Keys];

    private static ScheduleSettings OnMonday(params Period[] periods) => Given.Always with { Weekly = new() { Monday = periods } };

    [Fact]
    public void the_shapes_of_the_contract_are_read_and_valid()
    {
        const string standard = """
            { "kind": "standard", "timeZone": "Asia/Shanghai", "ignoreHolidays": false,
              "weekly": { "monday": [ { "from": "08:00:00", "to": "17:30:00" } ] }, "start": "2026-01-01", "end": null }
            """;
        const string holiday = """
            { "kind": "holiday", "timeZone": "Asia/Shanghai", "from": "2026-10-01", "to": "2026-10-07",
              "workedDays": [ { "date": "2026-10-07" }, { "date": "2026-10-10", "as": "monday" } ] }
            """;

        foreach (var json in (string[])[standard, holiday])
            FaultyFields(JsonSerializer.Deserialize<ScheduleSettings>(json, JsonSerializerOptions.Web)!).Should().BeEmpty();

        JsonSerializer.Deserialize<ScheduleSettings>(holiday, JsonSerializerOptions.Web)!.WorkedDays![1].As.Should().Be(Weekday.Monday);
    }

    [Theory]
    [InlineData("monday")]
    [InlineData("Monday")]
    public void a_weekday_is_written_as_the_keys_of_the_week_are(string text) =>
        JsonSerializer.Serialize(
            JsonSerializer.Deserialize<WorkedDay>($$"""{ "date": "2026-10-10", "as": "{{text}}" }""", NotifyJson.Options), NotifyJson.Options)
            .Should().Be("""{"date":"2026-10-10","as":"monday"}""");

    [Theory]
    [InlineData("")]
    [InlineData("China")]
    [InlineData("asia/shanghai")]
    [InlineData("UTC+08")]
    [InlineData("China Standard Time")]
    public void a_zone_must_be_an_iana_name(string zone) => FaultyFields(Given.Always with { TimeZone = zone }).Should().Equal("timeZone");

    [Theory]
    [InlineData("8:00", "17:30:00", "weekly.monday[0].from")]
    [InlineData("08:00:00", "24:00:00", "weekly.monday[0].to")]
    [InlineData(null, "17:30:00", "weekly.monday[0].from")]
    [InlineData("22:00:00", "06:00:00", "weekly.monday[0].to")]
    public void a_period_is_from_one_second_to_a_later_one_of_the_same_day(string? from, string to, string field) =>
        FaultyFields(OnMonday(new Period(from, to))).Should().Equal(field);

    [Fact]
    public void a_period_may_be_a_single_second() => FaultyFields(OnMonday(new Period("08:00:00", "08:00:00"))).Should().BeEmpty();

    [Fact]
    public void periods_of_a_day_must_not_share_a_second()
    {
        FaultyFields(OnMonday(new("08:00:00", "12:00:00"), new("12:00:01", "13:00:00"))).Should().BeEmpty();
        FaultyFields(OnMonday(new("12:00:00", "13:00:00"), new("08:00:00", "12:00:00"))).Should().Equal("weekly.monday[0]");
    }

    [Fact]
    public void a_standard_schedule_that_names_no_weekdays_is_open_all_week_in_the_zone_that_is_set()
    {
        var settings = new ScheduleSettings().WithDefaults("Asia/Shanghai");
        (settings.TimeZone, settings.Weekly).Should().Be(("Asia/Shanghai", WeeklyPeriods.Always));
        new ScheduleSettings { Kind = ScheduleSettings.Holiday }.WithDefaults("Asia/Shanghai").Weekly.Should().BeNull();
        FaultyFields(settings with { Weekly = null }).Should().BeEmpty("events from before there was a default are read so");
        new ScheduleCalendar(settings with { Weekly = null }).Evaluate(DateTimeOffset.UnixEpoch, []).Open.Should().BeTrue();
    }

    [Fact]
    public void the_setting_of_the_zone_must_name_one()
    {
        static IConfiguration Of(string? zone) => new ConfigurationBuilder().AddInMemoryCollection([new("Notify:TimeZone", zone)]).Build();
        TimeZones.Default(Of("Asia/Shanghai")).Should().Be("Asia/Shanghai");
        TimeZones.IsKnown(TimeZones.Default(Of(null))).Should().BeTrue();
        FluentActions.Invoking(() => TimeZones.Default(Of("China"))).Should().Throw<StartException>()
            .WithMessage("Notify:TimeZone is China*");
    }

    [Theory]
    [InlineData("{}", true, true, false)]
    [InlineData("""{ "holidays": null }""", true, true, false)]
    [InlineData("""{ "ignoreHolidays": true }""", false, true, true)]
    [InlineData("""{ "holidays": "paused" }""", false, true, true)]
    [InlineData("""{ "holidays": "paused", "ignoreHolidays": true }""", false, true, true)]
    [InlineData("""{ "holidays": "asUsual" }""", true, true, false)]
    [InlineData("""{ "holidays": "only" }""", true, false, false)]
    public void holidays_and_ignoreHolidays_say_the_same(string json, bool onHoliday, bool otherwise, bool ignores)
    {
        var settings = JsonSerializer.Deserialize<ScheduleSettings>(json, NotifyJson.Options)!.WithDefaults("Asia/Shanghai");

        var calendar = new ScheduleCalendar(settings);
        bool IsOpen(int day) => calendar.Evaluate(
            new DateTimeOffset(2026, 10, day, 4, 0, 0, TimeSpan.Zero), [new HolidayCalendar("h1", "National Day", Given.NationalDay)]).Open;
        (IsOpen(1), IsOpen(8), settings.IgnoreHolidays).Should().Be((onHoliday, otherwise, ignores));
        FaultyFields(settings).Should().BeEmpty();
    }

    [Fact]
    public void holidays_and_ignoreHolidays_must_not_contradict_each_other() =>
        FaultyFields(Given.Always with { IgnoreHolidays = true, Holidays = HolidayRule.Only }).Should().Equal("holidays");

    [Fact]
    public void a_standard_schedule_needs_a_period()
    {
        FaultyFields(Given.Always with { Weekly = new() }).Should().Equal("weekly");
        FaultyFields(OnMonday([null!])).Should().Contain("weekly.monday[0].from");
    }

    [Theory]
    [InlineData("2026-02-30", null, "start")]
    [InlineData("1.1.2026", null, "start")]
    [InlineData("0001-01-01", null, "start")]
    [InlineData("2026-02-01", "2026-01-31", "end")]
    public void start_and_end_are_dates_in_order(string start, string? end, string field) =>
        FaultyFields(Given.Always with { Start = start, End = end }).Should().Equal(field);

    [Fact]
    public void a_holiday_needs_its_days_in_order()
    {
        FaultyFields(Given.NationalDay).Should().BeEmpty();
        FaultyFields(Given.NationalDay with { From = null, To = null }).Should().Equal("from", "to");
        FaultyFields(Given.NationalDay with { To = "2026-09-30" }).Should().Equal("to");
    }

    [Fact]
    public void worked_days_are_near_the_holiday_and_named_once()
    {
        var settings = Given.NationalDay with
        {
            WorkedDays = [new("2026-09-20"), new("2026-10-03"), new("2026-10-03"), new("2026-11-30"), new(null),
            null!, new("x")]
        };

        FaultyFields(settings).Should().Equal(
            "workedDays[2].date", "workedDays[3].date", "workedDays[4].date", "workedDays[5]", "workedDays[6].date");
    }

    [Fact]
    public void a_kind_refuses_what_belongs_to_the_other()
    {
        FaultyFields(Given.Always with { Kind = "sometimes" }).Should().Equal("kind");
        FaultyFields(Given.Always with { From = "2026-10-01", To = "2026-10-07", WorkedDays = [new("2026-10-01")] }).Should()
            .Equal("from", "to", "workedDays");
        FaultyFields(Given.NationalDay with { IgnoreHolidays = true, Weekly = WeeklyPeriods.Always, Start = "2026-01-01", End = "2026-01-02" })
            .Should().Equal("end", "ignoreHolidays", "start", "weekly");
        FaultyFields(Given.NationalDay with { Holidays = HolidayRule.Only }).Should().Equal("holidays");
    }
}
