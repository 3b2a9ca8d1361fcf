using Notify.Kernel;
using Notify.Rules.Drills;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests.Drills;

/// <summary>When drills run, across clock changes, and what of it is refused.</summary>
public class DrillTimesTests
{
    private static readonly DateTimeOffset longAgo = At("2020-01-01T00:00:00Z");

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static DrillTimes Weekly(string time, string zone, params Weekday[] days) =>
        new DrillTimes { Weekdays = days, Time = time, TimeZone = zone }.WithDefaults("Etc/UTC");

    [Theory]
    // Berlin puts its clock forward on 2026-03-29 from 02:00 to 03:00: 02:30 does not come, and 03:30 does.
    [InlineData("02:30:00", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("02:30:00", "2026-03-29T12:00:00Z", "2026-03-30T00:30:00Z")]
    // And back on 2026-10-25 from 03:00 to 02:00: 02:30 comes twice, and the first counts.
    [InlineData("02:30:00", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("02:30:00", "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("09:00", "2026-10-24T12:00:00Z", "2026-10-25T08:00:00Z")]
    public void a_local_time_follows_the_clock_of_its_zone(string time, string now, string next)
    {
        var times = Weekly(time, "Europe/Berlin");

        times.NextAt(At(now), longAgo).Should().Be(At(next));
        times.LastAt(At(next), longAgo).Should().Be(At(next));
        times.LastAt(At(next).AddSeconds(-1), longAgo).Should().BeBefore(At(now).AddSeconds(1));
    }

    [Fact]
    public void it_runs_on_its_days_only()
    {
        var times = Weekly("08:00:00", "Asia/Shanghai", Weekday.Thursday, Weekday.Monday);

        // A Wednesday.
        var now = At("2026-09-30T04:00:00Z");
        times.NextAt(now, longAgo).Should().Be(At("2026-10-01T00:00:00Z"));
        times.LastAt(now, longAgo).Should().Be(At("2026-09-28T00:00:00Z"));
        (times.ShortestGap(), times.LongestGap()).Should().Be((TimeSpan.FromHours(71), TimeSpan.FromHours(97)));
        Weekly("08:00:00", "Asia/Shanghai", Weekday.Sunday).LongestGap().Should().Be(TimeSpan.FromHours(169));
        Weekly("08:00:00", "Asia/Shanghai", Weekday.Wednesday).LastAt(At("2026-09-29T23:59:59Z"), longAgo).Should().Be(At("2026-09-23T00:00:00Z"));
    }

    [Fact]
    public void every_few_hours_count_from_its_creation_and_before_that_there_is_none()
    {
        var times = new DrillTimes { EveryHours = 6 };
        var created = At("2026-09-30T04:00:10Z");

        times.LastAt(created.AddHours(5), created).Should().BeNull();
        times.NextAt(created.AddHours(5), created).Should().Be(created.AddHours(6));
        times.LastAt(created.AddHours(6), created).Should().Be(created.AddHours(6));
        times.LastAt(created.AddHours(100), created).Should().Be(created.AddHours(96));
        times.NextAt(created.AddHours(6), created).Should().Be(created.AddHours(12));
        Weekly("08:00:00", "Etc/UTC").LastAt(At("2026-09-30T07:00:00Z"), At("2026-09-29T09:00:00Z")).Should().BeNull();
    }

    [Theory]
    [InlineData("at.everyHours", 0, null, null, null)]
    [InlineData("at.everyHours", 745, null, null, null)]
    [InlineData("at.time", 6, "08:00:00", null, null)]
    [InlineData("at.timeZone", 6, null, "Etc/UTC", null)]
    [InlineData("at.time", null, null, "Etc/UTC", null)]
    [InlineData("at.time", null, "24:00:00", "Etc/UTC", null)]
    [InlineData("at.timeZone", null, "08:00:00", "Mars/Olympus", null)]
    [InlineData("provenEveryHours", 24, null, null, 23)]
    [InlineData("provenEveryHours", 24, null, null, 8785)]
    [InlineData("provenEveryHours", null, "08:00:00", "Etc/UTC", 24)]
    public void what_is_no_time_is_named(string path, int? everyHours, string? time, string? zone, int? provenEvery)
    {
        var settings = Valid with
        {
            At = new DrillTimes { EveryHours = everyHours, Time = time, TimeZone = zone }.WithDefaults("Etc/UTC"),
            ProvenEveryHours = provenEvery ?? 1000,
        };

        Check(settings).ToDictionary().Keys.Should().Equal(path);
    }

    [Fact]
    public void what_is_missing_or_too_much_is_named()
    {
        Check(Valid).ToDictionary().Should().BeEmpty();
        Check(new DrillSettings()).ToDictionary().Keys.Should().Equal("at.time", "at.timeZone", "messageId", "receivers", "serviceId");
        Check(Valid with { ProvenEveryHours = null }).ToDictionary().Keys.Should().Equal("provenEveryHours");
        Check(Valid with { ConfirmWithinMinutes = 0 }).ToDictionary().Keys.Should().Equal("confirmWithinMinutes");
        Check(Valid with { ConfirmWithinMinutes = 1441, At = new() { EveryHours = 48 }, ProvenEveryHours = 48 }).ToDictionary().Keys.Should()
            .Equal("confirmWithinMinutes");
        Check(Valid with { ConfirmWithinMinutes = 61, At = new() { EveryHours = 1 } }).ToDictionary().Keys.Should().Equal("confirmWithinMinutes");
        Check(Valid with { Receivers = [.. Enumerable.Repeat(Given.Bot("Line 1"), 101)] }).ToDictionary().Keys.Should().Equal("receivers");
    }

    private static DrillSettings Valid => new()
    {
        ServiceId = "service-1",
        MessageId = "message-1",
        Receivers = [Given.Bot("Line 1")],
        At = new() { EveryHours = 24 },
        ConfirmWithinMinutes = 30,
        ProvenEveryHours = 24,
    };

    private static Errors Check(DrillSettings settings)
    {
        var errors = new Errors();
        settings.Validate(errors);
        return errors;
    }
}
