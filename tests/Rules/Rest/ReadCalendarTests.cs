using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

/// <summary>The holidays of these tests are over for long: they are in the calendar of no other test.</summary>
public sealed class ReadCalendarTests(ConfiguredHost configured) : IClassFixture<ConfiguredHost>
{
    private readonly NotifyHost host = configured.Host;

    [Fact]
    public async Task open_periods_pauses_and_holidays_are_shown_for_a_range_of_dates()
    {
        var holiday = await host.PostAsync(
            "schedules", new { name = "National Day", kind = "holiday", timeZone = "Asia/Shanghai", from = "2020-10-01", to = "2020-10-07" });
        var office = await host.PostAsync(
            "schedules", new { name = "Office", kind = "standard", timeZone = "Asia/Shanghai", ignoreHolidays = true, weekly = Weekdays });

        var calendar = await host.GetAsync($"schedules/{office["id"]}/calendar?from=2020-09-30&to=2020-10-01");

        calendar["timeZone"]!.GetValue<string>().Should().Be("Asia/Shanghai");
        calendar["from"]!.GetValue<DateTimeOffset>().Should().Be(new DateTimeOffset(2020, 9, 29, 16, 0, 0, TimeSpan.Zero));
        calendar["to"]!.GetValue<DateTimeOffset>().Should().Be(new DateTimeOffset(2020, 10, 1, 16, 0, 0, TimeSpan.Zero), "the last day is included");
        Spans(calendar["periods"]!).Should().Equal("2020-09-30T00:00:00Z/2020-09-30T09:30:00Z");
        Spans(calendar["paused"]!).Should().Equal("2020-10-01T00:00:00Z/2020-10-01T09:30:00Z");
        calendar["paused"]![0]!["holiday"]!["id"]!.GetValue<string>().Should().Be((string)holiday["id"]!);
        Spans(calendar["holidays"]!).Should().Equal("2020-09-30T16:00:00Z/2020-10-01T16:00:00Z");
    }

    [Fact]
    public async Task a_holiday_shows_the_days_it_covers()
    {
        var holiday = await host.PostAsync(
            "schedules", new { name = "Labour Day", kind = "holiday", timeZone = "Asia/Shanghai", from = "2020-05-01", to = "2020-05-05" });

        var calendar = await host.GetAsync($"schedules/{holiday["id"]}/calendar?from=2020-04-01T00:00:00Z&to=2020-07-01T00:00:00Z");

        calendar["periods"]!.AsArray().Should().BeEmpty();
        Spans(calendar["holidays"]!).Should().Equal("2020-04-30T16:00:00Z/2020-05-05T16:00:00Z");
    }

    [Fact]
    public async Task a_draft_has_a_calendar_too_and_its_faults_are_named()
    {
        var draft = new { name = "New", kind = "standard", timeZone = "Etc/UTC", weekly = Weekdays };
        var calendar = await host.PostAsync("schedules/calendar", new { schedule = draft, from = "2026-10-03", to = "2026-10-05" });
        Spans(calendar["periods"]!).Should().Equal("2026-10-05T08:00:00Z/2026-10-05T17:30:00Z");

        var without = await host.PostAsync("schedules/calendar", new { schedule = new { kind = "standard", weekly = Weekdays } });
        without["timeZone"]!.GetValue<string>().Should().Be((string)(await host.GetAsync("schedules?search=Default"))["items"]![0]!["timeZone"]!);
        var refusal = await Refusal.OfPostAsync(
            host, "schedules/calendar", new { schedule = new { kind = "standard", timeZone = "Mars/Phobos", weekly = Weekdays } });
        refusal.Paths.Should().Equal("schedule.timeZone");
        (await Refusal.OfPostAsync(host, "schedules/calendar", new { })).Paths.Should().Equal("schedule");
    }

    [Fact]
    public async Task the_next_31_days_are_shown_when_no_range_is_given()
    {
        var id = (await host.GetAsync("schedules?search=Default"))["items"]![0]!["id"];

        var calendar = await host.GetAsync($"schedules/{id}/calendar");

        (calendar["to"]!.GetValue<DateTimeOffset>() - calendar["from"]!.GetValue<DateTimeOffset>()).Should().Be(TimeSpan.FromDays(31));
        Spans(calendar["periods"]!).Should().Equal($"{(string)calendar["from"]!}/{(string)calendar["to"]!}".Replace("+00:00", "Z"));
    }

    [Theory]
    [InlineData("from=2026-01-01&to=2028-01-10", "to")]
    [InlineData("from=2026-02-01&to=2026-01-01", "to")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2026-02-30", "from")]
    [InlineData("from=2026-02-01T08:00:00", "from")]
    [InlineData("to=9999-12-31", "to")]
    public async Task a_range_that_makes_no_sense_is_refused(string query, string path)
    {
        var id = (await host.GetAsync("schedules?search=Default"))["items"]![0]!["id"];

        var refusal = await Refusal.OfGetAsync(host, $"schedules/{id}/calendar?{query}");

        (refusal.Status, refusal.Paths.Single()).Should().Be((400, path));
    }

    [Fact]
    public async Task an_unknown_schedule_has_no_calendar() =>
        (await Refusal.OfGetAsync(host, "schedules/schedule-none/calendar")).Status.Should().Be(404);

    private static object Weekdays
    {
        get
        {
            object[] day = [new { from = "08:00:00", to = "17:29:59" }];
            return new { monday = day, tuesday = day, wednesday = day, thursday = day, friday = day };
        }
    }

    private static IEnumerable<string> Spans(JsonNode periods) =>
        periods.AsArray().Select(x => $"{(string)x!["from"]!}/{(string)x["to"]!}".Replace("+00:00", "Z"));
}
