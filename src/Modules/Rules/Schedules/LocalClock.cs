using NodaTime;

namespace Notify.Rules.Schedules;

/// <summary>Converts instants (Unix seconds) to a zone's wall clock. Every instant has exactly one reading, so nothing is ambiguous.</summary>
internal readonly struct LocalClock(DateTimeZone zone)
{
    public const int Day = 86_400;

    /// <param name="Day">Local days since 1970-01-01.</param>
    /// <param name="Midnight">The instant at which this day would have begun with the UTC offset of the instant read.</param>
    public readonly record struct Reading(int Day, long Midnight)
    {
        public int SecondOfDay(long instant) => (int)(instant - Midnight);
        public Weekday Weekday => (Weekday)(((Day % 7) + 10) % 7); // 1970-01-01 was a Thursday.
    }

    public Reading Read(long instant) => Read(instant, zone.GetUtcOffset(Instant.FromUnixTimeSeconds(instant)).Seconds);

    /// <summary>Also returns the next instant at which the day or the offset changes: midnight, or a clock change.</summary>
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
