using System.Collections.Frozen;
using Notify.Kernel;

namespace Notify.Rules.Schedules;

/// <summary>A holiday schedule, compiled. It covers the days of its range, in its own time zone, except make-up days. Immutable.</summary>
public sealed class HolidayCalendar
{
    private readonly LocalClock clock;
    private readonly int from;
    private readonly int to;
    private readonly FrozenDictionary<int, Weekday?> worked;
    private readonly int earliest;
    private readonly int latest;

    /// <param name="settings">They are valid, and of kind holiday.</param>
    public HolidayCalendar(string id, string name, ScheduleSettings settings, long version = 0)
    {
        if (settings.Kind != ScheduleSettings.Holiday) throw new ArgumentException("Not a holiday schedule.", nameof(settings));
        (Id, Name, Version) = (id, name, version);
        clock = new(TimeZones.Get(settings.TimeZone));
        (from, to) = (Dates.ToDays(settings.From!), Dates.ToDays(settings.To!));
        worked = (settings.WorkedDays ?? []).ToFrozenDictionary(x => Dates.ToDays(x.Date!), x => x.As);
        // A zone's local date differs from the UTC date by at most one day.
        earliest = worked.Keys.Append(from).Min() - 1;
        latest = worked.Keys.Append(to).Max() + 1;
    }

    public string Id { get; }
    public string Name { get; }

    /// <summary>The version of the schedule's stream.</summary>
    public long Version { get; }

    /// <summary>The parts of [from, to) that the holiday covers.</summary>
    public IReadOnlyList<HolidayPeriod> Periods(DateTimeOffset from, DateTimeOffset to)
    {
        var periods = new List<HolidayPeriod>();
        var end = to.ToUnixTimeSeconds();
        for (var at = from.ToUnixTimeSeconds(); at < end;)
        {
            var day = Read(at, out var until);
            until = Math.Min(until, end);
            if (day.IsCovered)
            {
                var (start, last) = (DateTimeOffset.FromUnixTimeSeconds(at), periods.Count - 1);
                if (last >= 0 && periods[last].To == start) start = periods[last].From;
                else periods.Add(null!);
                periods[^1] = new(start, DateTimeOffset.FromUnixTimeSeconds(until), Id, Name);
            }
            at = until;
        }
        return periods;
    }

    internal readonly record struct HolidayDay(bool IsCovered, Weekday? WorkedAs);

    internal HolidayDay Read(long at) => IsFar(at) ? default : Read(clock.Read(at).Day);

    internal HolidayDay Read(long at, out long until)
    {
        if (!IsFar(at)) return Read(clock.Read(at, out until).Day);
        until = at / LocalClock.Day < earliest ? (long)earliest * LocalClock.Day : long.MaxValue;
        return default;
    }

    private HolidayDay Read(int day) =>
        worked.TryGetValue(day, out var workedAs) ? new(false, workedAs) : new(day >= from && day <= to, null);

    private bool IsFar(long at) => at / LocalClock.Day is var day && (day < earliest || day > latest);
}

/// <summary>A period that a holiday schedule covers; <paramref name="To"/> is exclusive.</summary>
public sealed record HolidayPeriod(DateTimeOffset From, DateTimeOffset To, string Id, string Name);
