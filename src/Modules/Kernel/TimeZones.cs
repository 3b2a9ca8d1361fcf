using System.Collections.Frozen;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace Notify.Kernel;

/// <summary>IANA time zones from NodaTime's own data, and therefore the same on every machine.</summary>
public static class TimeZones
{
    private static readonly FrozenSet<string> ids = DateTimeZoneProviders.Tzdb.Ids.ToFrozenSet(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Ids => ids;

    /// <summary>Stricter than the provider, which also accepts <c>UTC+08</c>.</summary>
    public static bool IsKnown(string? id) => id is not null && ids.Contains(id);

    /// <summary>The default time zone: <c>Notify:TimeZone</c>, else the machine's.</summary>
    /// <exception cref="StartException">The setting is not an IANA time zone.</exception>
    public static string Default(IConfiguration settings) => settings["Notify:TimeZone"] switch
    {
        null or "" => IsKnown(TimeZoneInfo.Local.Id) ? TimeZoneInfo.Local.Id : "Etc/UTC",
        var id when IsKnown(id) => id,
        var id => throw new StartException($"Notify:TimeZone is {id}, which is not an IANA time zone, such as Asia/Shanghai."),
    };

    /// <exception cref="ArgumentException">There is no such zone.</exception>
    public static DateTimeZone Get(string id) =>
        IsKnown(id) ? DateTimeZoneProviders.Tzdb[id] : throw new ArgumentException($"'{id}' is not an IANA time zone.", nameof(id));
}
