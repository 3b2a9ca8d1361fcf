using System.Globalization;
using NodaTime;

namespace Notify.Kernel.Texts;

/// <summary>Formats instants for people: in the local time of a zone, with the offset, so that the zone is clear.</summary>
public static class LocalTimes
{
    public const string Utc = "Etc/UTC";

    // A day less than DateTimeOffset's range, so that no zone's offset leads outside it.
    private static readonly DateTimeOffset last = DateTimeOffset.MaxValue.AddDays(-1);
    private static readonly DateTimeOffset first = DateTimeOffset.MinValue.AddDays(1);

    /// <param name="zone">An IANA name; null or unknown: UTC.</param>
    public static DateTimeOffset In(DateTimeOffset at, string? zone) =>
        In(at, zone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc);

    public static DateTimeOffset In(DateTimeOffset at, DateTimeZone zone)
    {
        var instant = at > last ? last : at < first ? first : at;
        // Before time zones existed, offsets had seconds, which DateTimeOffset does not support.
        var offset = zone.GetUtcOffset(Instant.FromDateTimeOffset(instant)).ToTimeSpan();
        return instant.ToOffset(new(offset.Hours, offset.Minutes, 0));
    }

    /// <summary>The instant at which a zone's clock shows this time; if it is skipped, the shifted time; if it occurs twice, the
    /// first.</summary>
    /// <param name="zone">An IANA name; null or unknown: UTC.</param>
    public static DateTimeOffset From(DateTime local, string? zone) =>
        (zone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc)
            .AtLeniently(LocalDateTime.FromDateTime(local)).ToDateTimeOffset().ToUniversalTime();

    /// <param name="local">With the offset of its zone (<see cref="In(DateTimeOffset, string?)"/>).</param>
    public static string Text(DateTimeOffset local) => local.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <inheritdoc cref="In(DateTimeOffset, string?)"/>
    public static string Text(DateTimeOffset at, string? zone) => Text(In(at, zone));
}
