using System.Collections.Frozen;
using NodaTime;

namespace Notify.Rules.Schedules;

/// <summary>IANA time zones, from the data that comes with NodaTime and so the same on every machine.</summary>
public static class TimeZones
{
    private static readonly FrozenSet<string> ids = DateTimeZoneProviders.Tzdb.Ids.ToFrozenSet(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Ids => ids;

    /// <summary>The provider itself also takes <c>UTC+08</c>, which is no IANA name.</summary>
    public static bool IsKnown(string? id) => id is not null && ids.Contains(id);

    /// <exception cref="ArgumentException">There is no such zone.</exception>
    public static DateTimeZone Get(string id) =>
        IsKnown(id) ? DateTimeZoneProviders.Tzdb[id] : throw new ArgumentException($"'{id}' is not an IANA time zone.", nameof(id));
}
