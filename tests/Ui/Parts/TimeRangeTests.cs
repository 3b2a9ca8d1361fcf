using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class TimeRangeTests
{
    private static readonly DateTimeOffset now = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void an_address_says_a_length_or_two_instants_and_else_what_is_usual()
    {
        TimeRange.Of("8h", null, null, "24h").Should().Be(new TimeRange("8h"));
        TimeRange.Of(null, null, null, "24h").Should().Be(new TimeRange("24h"));
        TimeRange.Of("900d", "yesterday", null, null).Should().Be(new TimeRange(null));
        TimeRange.Of("8h", "2026-10-01T08:00:00+08:00", null, "24h").Should().Be(new TimeRange(null, now.AddHours(-12)));
        TimeRange.Of(null, "2026-10-01T00:00:00Z", "2026-10-01T12:00:00Z", "24h").Should().Be(new TimeRange(null, now.AddHours(-12), now));
    }

    [Fact]
    public void it_begins_so_long_ago_at_its_first_instant_or_never()
    {
        new TimeRange("8h").Begin(now).Should().Be(now.AddHours(-8));
        new TimeRange(null, now.AddDays(-9)).Begin(now).Should().Be(now.AddDays(-9));
        new TimeRange(null).Begin(now).Should().BeNull();
    }

    [Fact]
    public void it_is_read_back_from_the_address_that_it_makes()
    {
        foreach (var range in (TimeRange[])[new("8h"), new("24h"), new(null, now.AddHours(-1)), new(null, now.AddHours(-1), now)])
        {
            var address = range.InAddress("24h").ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal);
            TimeRange.Of(address["last"], address["from"], address["to"], "24h").Should().Be(range);
        }

        Address.Of("alarms", new TimeRange("24h").InAddress("24h")).Should().Be("alarms", "what is usual is not said");
        Address.Of("alarms", ("search", "a b&c"), ("level", null), ("path", "")).Should().Be("alarms?search=a%20b%26c");
    }

    [Fact]
    public void an_instant_in_an_address_loses_nothing_and_a_time_range_is_to_the_second()
    {
        var at = new DateTimeOffset(2026, 10, 1, 20, 0, 0, TimeSpan.FromHours(8)).AddTicks(1_234_560);
        DateTimeOffset.Parse(Address.Instant(at), System.Globalization.CultureInfo.InvariantCulture).Should().Be(at);
        TimeRange.Text(at).Should().Be("2026-10-01T12:00:00Z");
    }

    [Theory]
    [InlineData("Asia/Shanghai", "2026-10-01 20:00:00", "2026-10-01T12:00:00Z")]
    [InlineData(null, "2026-10-01T12:00:00", "2026-10-01T12:00:00Z")]
    // Clocks are set forward from 2:00 to 3:00: there is no 2:30.
    [InlineData("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29T01:30:00Z")]
    // And back from 3:00 to 2:00: the first of the two.
    [InlineData("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T00:30:00Z")]
    public void an_input_is_on_the_clock_of_the_zone(string? zone, string typed, string instant) =>
        TimeRange.Text(LocalInput.Read(typed, zone)).Should().Be(instant);

    [Theory]
    [InlineData(TimeKind.Instant, "2026-10-01T20:00", "2026-10-01 20:00:00")]
    [InlineData(TimeKind.Instant, " 2026/10/1  8:05:09 ", "2026-10-01 08:05:09")]
    [InlineData(TimeKind.Instant, "2026-10-01", "2026-10-01 00:00:00")]
    [InlineData(TimeKind.Instant, "２０２６－１０－０１　２０：００", "2026-10-01 20:00:00")]
    [InlineData(TimeKind.Instant, "2026-10-32 20:00", null)]
    [InlineData(TimeKind.Instant, "20:00", null)]
    [InlineData(TimeKind.Day, "2026/1/2", "2026-01-02")]
    [InlineData(TimeKind.Day, "01/02/2026", null)]
    [InlineData(TimeKind.Clock, "8:30", "08:30:00")]
    [InlineData(TimeKind.Clock, "8：30", "08:30:00")]
    [InlineData(TimeKind.Clock, "24:00", null)]
    public void a_time_is_read_as_people_type_it(TimeKind kind, string typed, string? normal) => LocalInput.Normal(kind, typed).Should().Be(normal);

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("soon")]
    public void an_input_without_a_time_is_none(string? typed) =>
        LocalInput.Read(typed, "Asia/Shanghai").Should().BeNull();

    [Fact]
    public void an_input_shows_the_instant_on_the_clock_of_the_zone()
    {
        LocalInput.Of(now, "Asia/Shanghai").Should().Be("2026-10-01 20:00:00");
        LocalInput.Of(now, "Nowhere/Else").Should().Be("2026-10-01 12:00:00");
    }
}
