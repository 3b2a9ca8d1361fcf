using System.Text.Json;

namespace Notify.Kernel.Tests;

public sealed class InstantsTests
{
    [Theory]
    [InlineData("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.0000000Z")]
    [InlineData("2026-01-31t08:00:00z", "2026-01-31T08:00:00.0000000Z")]
    [InlineData("2026-01-31T08:00:00.1234567+08:00", "2026-01-31T00:00:00.1234560Z")]
    [InlineData("2026-01-31T08:00:00.123456789Z", "2026-01-31T08:00:00.1234560Z")] // Go and Java
    [InlineData("2026-01-31T08:00:00.999999999Z", "2026-01-31T08:00:00.9999990Z")] // cut, not rounded
    [InlineData("2026-01-31T08:00:00.1Z", "2026-01-31T08:00:00.1000000Z")]
    [InlineData("2026-01-31T08:00:00.100000000000000000000000000000Z", "2026-01-31T08:00:00.1000000Z")]
    [InlineData("2026-01-31T08:00:00-05:30", "2026-01-31T13:30:00.0000000Z")]
    [InlineData("2026-01-31T08:00:00-00:00", "2026-01-31T08:00:00.0000000Z")]
    [InlineData("2026-01-31T23:00:00+23:59", "2026-01-30T23:01:00.0000000Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.0000000Z")] // a leap second
    [InlineData("2017-01-01T07:59:60.5+08:00", "2017-01-01T00:00:00.5000000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999990Z")]
    public void an_instant_is_read_as_utc_to_the_microsecond(string text, string utc)
    {
        Instants.TryParse(text, out var value).Should().BeTrue();
        value.Offset.Should().Be(TimeSpan.Zero);
        value.UtcDateTime.ToString("O").Should().Be(utc);
        JsonSerializer.Deserialize<DateTimeOffset>($"\"{text}\"", NotifyJson.Strict).Should().Be(value, "a body is read by the same rule");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(59, false)]
    [InlineData(60, true)]
    [InlineData(-1, false)] // threads read the clock in another order than they come
    [InlineData(-3600, true)] // the clock was set back: otherwise nothing would happen for an hour
    public void a_period_has_passed_also_when_the_clock_was_set_back(int seconds, bool hasPassed)
    {
        var (noon, minute) = (new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(1));
        Instants.HasPassed(minute, noon, noon.AddSeconds(seconds)).Should().Be(hasPassed);
        Instants.IsOver(noon + minute, minute, noon.AddSeconds(seconds)).Should().Be(hasPassed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T08:00:00")]
    [InlineData("2026-01-31T08:00:00.123456")]
    [InlineData("2026-01-31T08:00:00.Z")]
    [InlineData("2026-01-31T08:00:00,5Z")]
    [InlineData("2026-01-31 08:00:00Z")]
    [InlineData("2026-02-30T08:00:00Z")]
    [InlineData("2026-00-10T08:00:00Z")]
    [InlineData("0000-01-01T08:00:00Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T08:60:00Z")]
    [InlineData("2026-01-31T08:00:60Z")] // no leap second ends here
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("2026-01-31T08:00:00+99:00")]
    [InlineData("2026-01-31T08:00:00+0800")]
    [InlineData("2026-01-31T08:00:00ZZ")]
    [InlineData("2026-01-31T08:00:00.1²Z")]
    [InlineData("31/01/2026 08:00:00 Z")]
    public void what_is_no_instant_with_an_offset_is_not_read(string text) => Instants.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void what_notify_wrote_itself_is_read_as_it_was_written()
    {
        var now = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero).AddTicks(1234567);
        JsonSerializer.Deserialize<DateTimeOffset>(JsonSerializer.Serialize(now, NotifyJson.Options), NotifyJson.Options).Should().Be(now);
    }
}
