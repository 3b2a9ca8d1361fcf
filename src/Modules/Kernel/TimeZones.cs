using System.Collections.Frozen;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace Notify.Kernel;

/// <summary>IANA time zones, from the data that comes with NodaTime and so the same on every machine.</summary>
public static class TimeZones
{
    private static readonly FrozenSet<string> ids = DateTimeZoneProviders.Tzdb.Ids.ToFrozenSet(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Ids => ids;

    /// <summary>The provider itself also takes <c>UTC+08</c>, which is no IANA name.</summary>
    public static bool IsKnown(string? id) => id is not null && ids.Contains(id);

    /// <summary>The one that is taken where none is given: <c>Notify:TimeZone</c>, else the machine's own.</summary>
    /// <exception cref="InvalidOperationException">The setting names none that there is.</exception>
    public static string Default(IConfiguration settings) => settings["Notify:TimeZone"] switch
    {
        null or "" => IsKnown(TimeZoneInfo.Local.Id) ? TimeZoneInfo.Local.Id : "Etc/UTC",
        var id when IsKnown(id) => id,
        var id => throw new InvalidOperationException($"Notify:TimeZone is {id}, which is not an IANA time zone, such as Asia/Shanghai."),
    };

    /// <exception cref="ArgumentException">There is no such zone.</exception>
    public static DateTimeZone Get(string id) =>
        IsKnown(id) ? DateTimeZoneProviders.Tzdb[id] : throw new ArgumentException($"'{id}' is not an IANA time zone.", nameof(id));
}
