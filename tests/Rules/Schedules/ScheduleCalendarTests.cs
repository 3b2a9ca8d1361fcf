using System.Globalization;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public class ScheduleCalendarTests
{
    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    private static HolidayCalendar Holiday(ScheduleSettings settings) => new("h1", "National Day", settings);

    private static ScheduleSettings EveryDay(string zone, string from, string to) =>
        new() { TimeZone = zone, Weekly = WeeklyPeriods.EveryDay(new Period(from, to)) };

    private static ScheduleState StateOf(ScheduleSettings settings, string at, params ScheduleSettings[] holidays) =>
        new ScheduleCalendar(settings).Evaluate(At(at), [.. holidays.Select(Holiday)]);

    [Theory]
    [InlineData("2026-09-30T07:59:59.999+08:00", false)]
    [InlineData("2026-09-30T08:00:00+08:00", true)]
    [InlineData("2026-09-30T17:30:00.999+08:00", true)]
    [InlineData("2026-09-30T17:30:01+08:00", false)]
    [InlineData("2026-10-03T12:00:00+08:00", false)]
    public void a_period_includes_its_last_second_to_the_end(string at, bool isOpen) =>
        StateOf(Given.OfficeHours with { IgnoreHolidays = false }, at).Open.Should().Be(isOpen);

    [Theory]
    [InlineData("2025-12-31T23:59:59+08:00", "notStarted")]
    [InlineData("2026-01-01T00:00:00+08:00", null)]
    [InlineData("2026-06-30T23:59:59+08:00", null)]
    [InlineData("2026-07-01T00:00:00+08:00", "ended")]
    public void start_and_end_are_whole_days_of_its_own_zone(string at, string? detail) =>
        StateOf(Given.Always with { Start = "2026-01-01", End = "2026-06-30" }, at).Should()
            .Be(detail is null ? new ScheduleState(true) : new ScheduleState(false, "schedule", detail));

    [Theory]
    [InlineData("2026-03-29T00:59:59Z", false)] // 01:59:59, then the clock says 03:00:00
    [InlineData("2026-03-29T01:00:00Z", false)]
    [InlineData("2026-03-30T00:30:00Z", true)] // 02:30 on the next day
    public void a_period_in_the_lost_hour_does_not_occur(string at, bool isOpen) =>
        StateOf(EveryDay("Europe/Berlin", "02:00:00", "02:59:59"), at).Open.Should().Be(isOpen);

    [Fact]
    public void a_period_in_the_doubled_hour_occurs_twice()
    {
        var periods = new ScheduleCalendar(EveryDay("Europe/Berlin", "02:15:00", "02:29:59"))
            .Periods(At("2026-10-25T00:00:00Z"), At("2026-10-25T12:00:00Z"), []);

        periods.Should().Equal(
            new CalendarPeriod(At("2026-10-25T00:15:00Z"), At("2026-10-25T00:30:00Z"), null),
            new CalendarPeriod(At("2026-10-25T01:15:00Z"), At("2026-10-25T01:30:00Z"), null));
    }

    [Fact]
    public void periods_that_are_not_written_in_time_order_are_those_of_the_day_all_the_same()
    {
        var schedule = new ScheduleCalendar(new()
        {
            TimeZone = "UTC",
            Weekly = WeeklyPeriods.EveryDay(new("13:00:00", "16:59:59"), new("08:00:00", "11:59:59"), new("17:00:00", "17:59:59")),
        });

        schedule.NextChange(At("2026-09-30T07:00:00Z"), []).Should().Be(At("2026-09-30T08:00:00Z"));
        schedule.NextChange(At("2026-09-30T13:00:00Z"), []).Should().Be(At("2026-09-30T18:00:00Z"));
        schedule.Periods(At("2026-09-30T00:00:00Z"), At("2026-10-01T00:00:00Z"), []).Should().Equal(
            new CalendarPeriod(At("2026-09-30T08:00:00Z"), At("2026-09-30T12:00:00Z"), null),
            new CalendarPeriod(At("2026-09-30T13:00:00Z"), At("2026-09-30T18:00:00Z"), null));
    }

    [Fact]
    public void a_holiday_pauses_only_schedules_that_ignore_holidays()
    {
        const string thursday = "2026-10-01T09:00:00+08:00";

        StateOf(Given.OfficeHours, thursday, Given.NationalDay).Should().Be(new ScheduleState(false, "holiday", null, new("h1", "National Day")));
        StateOf(Given.OfficeHours with { IgnoreHolidays = false }, thursday, Given.NationalDay).Open.Should().BeTrue();
        StateOf(Given.OfficeHours, "2026-10-01T07:00:00+08:00", Given.NationalDay).Reason.Should().Be("schedule");
        StateOf(Given.OfficeHours, "2026-09-30T09:00:00+08:00", Given.NationalDay).Open.Should().BeTrue();
        StateOf(Given.OfficeHours, "2026-10-08T09:00:00+08:00", Given.NationalDay).Open.Should().BeTrue();
    }

    [Fact]
    public void a_schedule_for_holidays_only_is_open_in_its_periods_on_them()
    {
        var schedule = Given.OfficeHours with { IgnoreHolidays = false, Holidays = HolidayRule.Only };

        StateOf(schedule, "2026-10-01T09:00:00+08:00", Given.NationalDay).Open.Should().BeTrue();
        StateOf(schedule, "2026-10-01T18:00:00+08:00", Given.NationalDay).Detail.Should().Be("outsidePeriods");
        StateOf(schedule, "2026-10-08T09:00:00+08:00", Given.NationalDay).Should().Be(new ScheduleState(false, "schedule", "noHoliday"));
        StateOf(schedule, "2026-10-01T09:00:00+08:00").Detail.Should().Be("noHoliday");
        new ScheduleCalendar(schedule).NextChange(At("2026-09-30T09:00:00+08:00"), [Holiday(Given.NationalDay)]).Should()
            .Be(At("2026-10-01T08:00:00+08:00"));
    }

    [Fact]
    public void a_holiday_lasts_from_midnight_to_midnight_of_its_own_zone()
    {
        var schedule = EveryDay("Europe/Berlin", "00:00:00", "23:59:59") with { IgnoreHolidays = true };

        StateOf(schedule, "2026-09-30T15:59:59Z", Given.NationalDay).Open.Should().BeTrue();
        StateOf(schedule, "2026-09-30T16:00:00Z", Given.NationalDay).Reason.Should().Be("holiday");
        StateOf(schedule, "2026-10-07T15:59:59Z", Given.NationalDay).Reason.Should().Be("holiday");
        StateOf(schedule, "2026-10-07T16:00:00Z", Given.NationalDay).Open.Should().BeTrue();
    }

    [Fact]
    public void a_make_up_saturday_is_worked_like_the_weekday_it_names()
    {
        var holiday = Given.NationalDay with { WorkedDays = [new("2026-10-10", Weekday.Monday), new("2026-10-07")] };

        StateOf(Given.OfficeHours, "2026-10-10T09:00:00+08:00", Given.NationalDay).Reason.Should().Be("schedule");
        StateOf(Given.OfficeHours, "2026-10-10T09:00:00+08:00", holiday).Open.Should().BeTrue();
        StateOf(Given.OfficeHours, "2026-10-10T18:00:00+08:00", holiday).Open.Should().BeFalse();
        StateOf(Given.OfficeHours, "2026-10-07T09:00:00+08:00", holiday).Open.Should().BeTrue("a day inside the range is worked");
        StateOf(Given.OfficeHours, "2026-10-06T09:00:00+08:00", holiday).Reason.Should().Be("holiday");
    }

    [Theory]
    [InlineData("2026-09-30T07:00:00+08:00", "2026-09-30T08:00:00+08:00")]
    [InlineData("2026-09-30T09:00:00+08:00", "2026-09-30T17:30:01+08:00")]
    [InlineData("2026-09-30T18:00:00+08:00", "2026-10-08T08:00:00+08:00")]
    [InlineData("2026-10-01T09:00:00+08:00", "2026-10-08T08:00:00+08:00")]
    public void the_next_change_is_its_opening_or_closing(string at, string expected) =>
        new ScheduleCalendar(Given.OfficeHours).NextChange(At(at), [Holiday(Given.NationalDay)]).Should().Be(At(expected));

    [Fact]
    public void a_change_may_be_far_away_or_never_come()
    {
        new ScheduleCalendar(Given.Always).NextChange(Given.Noon, []).Should().BeNull();
        new ScheduleCalendar(Given.Always with { Start = "2099-01-01" }).NextChange(Given.Noon, []).Should().Be(At("2099-01-01T00:00:00+08:00"));
        new ScheduleCalendar(Given.Always with { End = "2026-12-31" }).NextChange(Given.Noon, []).Should().Be(At("2027-01-01T00:00:00+08:00"));
        new ScheduleCalendar(Given.Always with { End = "2026-01-01" }).NextChange(Given.Noon, []).Should().BeNull();
        new ScheduleCalendar(Given.Always).NextChange(DateTimeOffset.MaxValue, []).Should().BeNull();
    }

    [Fact]
    public void the_calendar_shows_what_a_holiday_pauses()
    {
        var pause = new HolidayRef("h1", "National Day");

        new ScheduleCalendar(Given.OfficeHours).Periods(
            At("2026-09-30T12:00:00+08:00"), At("2026-10-02T00:00:00+08:00"), [Holiday(Given.NationalDay)])
            .Should().Equal(
                new CalendarPeriod(At("2026-09-30T12:00:00+08:00"), At("2026-09-30T17:30:01+08:00"), null),
                new CalendarPeriod(At("2026-10-01T08:00:00+08:00"), At("2026-10-01T17:30:01+08:00"), pause));
        new ScheduleCalendar(Given.Always).Periods(At("2026-01-01T00:00:00Z"), At("2028-01-01T00:00:00Z"), [])
            .Should().Equal(new CalendarPeriod(At("2026-01-01T00:00:00Z"), At("2028-01-01T00:00:00Z"), null));
    }

    [Fact]
    public void the_days_of_a_holiday_can_be_shown() =>
        Holiday(Given.NationalDay with { WorkedDays = [new("2026-10-03")] }).Periods(At("2026-01-01T00:00:00Z"), At("2027-01-01T00:00:00Z")).Should()
            .Equal(
            new HolidayPeriod(At("2026-10-01T00:00:00+08:00"), At("2026-10-03T00:00:00+08:00"), "h1", "National Day"),
            new HolidayPeriod(At("2026-10-04T00:00:00+08:00"), At("2026-10-08T00:00:00+08:00"), "h1", "National Day"));
}
