using Notify.Kernel.Texts;

namespace Notify.Kernel.Tests;

public sealed class LocalTimesTests
{
    [Theory]
    [InlineData("2026-01-31T08:00:00", "Asia/Shanghai", "2026-01-31T00:00:00Z")]
    [InlineData("2026-01-31T08:00:00", null, "2026-01-31T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00", "Nowhere/Land", "2026-01-31T08:00:00Z")]
    [InlineData("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z")]
    [InlineData("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z")]
    public void a_time_on_the_clock_of_a_zone_is_one_instant(string local, string? zone, string instant) =>
        LocalTimes.From(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture), zone)
            .Should().Be(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));
}
