using NodaTime;

namespace Notify.Rules.Schedules;

/// <summary>Reads instants (Unix seconds) on a zone's wall clock. Every instant has exactly one reading, so nothing is ambiguous.</summary>
internal readonly struct LocalClock(DateTimeZone zone)
{
    public const int Day = 86_400;

    /// <param name="Day">Local days since 1970-01-01.</param>
    /// <param name="Midnight">The instant at which this day would have begun, had the clock always run as it does at the instant read.</param>
    public readonly record struct Reading(int Day, long Midnight)
    {
        public int SecondOfDay(long instant) => (int)(instant - Midnight);
        public Weekday Weekday => (Weekday)(((Day % 7) + 10) % 7); // 1970-01-01 was a Thursday.
    }

    public Reading Read(long instant) => Read(instant, zone.GetUtcOffset(Instant.FromUnixTimeSeconds(instant)).Seconds);

    /// <summary>Also the next instant at which the reading's day or midnight changes: midnight, or the clock being put forward or back.</summary>
    public Reading Read(long instant, out long until)
    {
        var interval = zone.GetZoneInterval(Instant.FromUnixTimeSeconds(instant));
        var reading = Read(instant, interval.WallOffset.Seconds);
        until = reading.Midnight + Day;
        if (interval.HasEnd) until = Math.Min(until, interval.End.ToUnixTimeSeconds());
        return reading;
    }

    private static Reading Read(long instant, int offset)
    {
        var day = (int)Math.DivRem(instant + offset, Day, out var second);
        if (second < 0) day--;
        return new(day, ((long)day * Day) - offset);
    }
}
