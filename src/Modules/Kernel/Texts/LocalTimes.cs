using System.Globalization;
using NodaTime;

namespace Notify.Kernel.Texts;

/// <summary>An instant as people read it: in the local time of a zone, with its offset, so that nobody has to ask which zone it is.</summary>
public static class LocalTimes
{
    public const string Utc = "Etc/UTC";

    // The calendar ends with the year 9999, also in zones that get there before UTC; and begins with the year 1.
    private static readonly DateTimeOffset last = DateTimeOffset.MaxValue.AddDays(-1);
    private static readonly DateTimeOffset first = DateTimeOffset.MinValue.AddDays(1);

    /// <param name="zone">An IANA name; null or one that is not known: UTC.</param>
    public static DateTimeOffset In(DateTimeOffset at, string? zone) =>
        In(at, zone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc);

    public static DateTimeOffset In(DateTimeOffset at, DateTimeZone zone)
    {
        var instant = at > last ? last : at < first ? first : at;
        // Before there were time zones, clocks went by the sun and to the second.
        var offset = zone.GetUtcOffset(Instant.FromDateTimeOffset(instant)).ToTimeSpan();
        return instant.ToOffset(new(offset.Hours, offset.Minutes, 0));
    }

    /// <summary>The instant at which the clock of a zone shows this; where it is set forward, the moment after, and where it shows it twice, the
    /// first.</summary>
    /// <param name="zone">An IANA name; null or one that is not known: UTC.</param>
    public static DateTimeOffset From(DateTime local, string? zone) =>
        (zone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc)
            .AtLeniently(LocalDateTime.FromDateTime(local)).ToDateTimeOffset().ToUniversalTime();

    /// <param name="local">On the clock of its zone (<see cref="In(DateTimeOffset, string?)"/>).</param>
    public static string Text(DateTimeOffset local) => local.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <inheritdoc cref="In(DateTimeOffset, string?)"/>
    public static string Text(DateTimeOffset at, string? zone) => Text(In(at, zone));
}
