using Notify.Kernel;

namespace Notify.Rules.Schedules;

/// <summary>A standard schedule, compiled. Immutable. An instant is converted to the schedule's wall clock; the schedule is open when the result lies
/// in a period. Therefore a period inside the hour skipped in spring does not occur that day, one inside the hour repeated in autumn occurs twice,
/// and a period that spans a clock change is longer or shorter by its length. Whether a holiday covers an instant depends on the date in the
/// holiday's own zone.</summary>
public sealed class ScheduleCalendar
{
    /// <summary>How many days ahead the next change is searched.</summary>
    private const int horizonDays = 3 * 366;

    private readonly LocalClock clock;

    /// <summary>By weekday, in time order; they may be written in any.</summary>
    private readonly Seconds[][] weekly;

    private readonly int start;
    private readonly int end;
    private readonly HolidayRule onHolidays;

    /// <param name="settings">They are valid, and of kind standard.</param>
    public ScheduleCalendar(ScheduleSettings settings)
    {
        if (settings.Kind != ScheduleSettings.Standard) throw new ArgumentException("Not a standard schedule.", nameof(settings));
        clock = new(TimeZones.Get(settings.TimeZone));
        weekly = [.. Enum.GetValues<Weekday>().Select(
            day => (settings.Weekly ?? WeeklyPeriods.Always)[day].Select(x => Period.Read("", x, null)!.Value).OrderBy(x => x.From).ToArray())];
        start = settings.Start is null ? int.MinValue : Dates.ToDays(settings.Start);
        end = settings.End is null ? int.MaxValue : Dates.ToDays(settings.End);
        onHolidays = settings.OnHolidays;
    }

    /// <summary>Whether the schedule is open. Fractions of a second are ignored.</summary>
    /// <param name="holidays">The enabled holiday schedules in the order of precedence.</param>
    public ScheduleState Evaluate(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays)
    {
        var instant = at.ToUnixTimeSeconds();
        var reading = clock.Read(instant);
        if (reading.Day < start) return ScheduleState.NotStarted;
        if (reading.Day > end) return ScheduleState.Ended;
        var weekday = reading.Weekday;
        HolidayCalendar? holiday = null;
        if (onHolidays != HolidayRule.AsUsual) (weekday, holiday) = Apply(holidays, instant, weekday);
        if (!IsInPeriod(weekly[(int)weekday], reading.SecondOfDay(instant))) return ScheduleState.OutsidePeriods;
        if (onHolidays == HolidayRule.Only) return holiday is null ? ScheduleState.NoHoliday : ScheduleState.Opened;
        return holiday is null ? ScheduleState.Opened : new(false, ScheduleState.Holiday, null, new(holiday.Id, holiday.Name));
    }

    /// <summary>Whether the schedule is open on holidays only.</summary>
    public bool NeedsHoliday => onHolidays == HolidayRule.Only;

    /// <summary>The holiday that covers the instant, even if the schedule is closed then; null: none, or holidays do not affect the
    /// schedule.</summary>
    public HolidayCalendar? HolidayAt(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays)
    {
        var instant = at.ToUnixTimeSeconds();
        return onHolidays == HolidayRule.AsUsual ? null : Apply(holidays, instant, clock.Read(instant).Weekday).Holiday;
    }

    /// <summary>The next instant at which the schedule opens or closes; null when that is not within about three years.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays)
    {
        var from = at.ToUnixTimeSeconds();
        var first = Math.Max(from, start == int.MinValue ? from : ((long)start - 1) * LocalClock.Day);
        var horizon = Math.Min(first + ((long)horizonDays * LocalClock.Day), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        var isOpen = Evaluate(at, holidays).Open;
        var openUntil = from;
        foreach (var stretch in Stretches(isOpen ? from : first, horizon, holidays))
        {
            if (stretch.PausedBy is not null) continue;
            if (!isOpen) return DateTimeOffset.FromUnixTimeSeconds(stretch.From);
            if (stretch.From > openUntil) break;
            openUntil = stretch.To;
        }
        return isOpen && openUntil < horizon ? DateTimeOffset.FromUnixTimeSeconds(openUntil) : null;
    }

    /// <summary>The periods in [from, to) in which the schedule is open or paused, in order; adjacent ones are merged.</summary>
    public IReadOnlyList<CalendarPeriod> Periods(DateTimeOffset from, DateTimeOffset to, IReadOnlyList<HolidayCalendar> holidays)
    {
        var periods = new List<CalendarPeriod>();
        HolidayCalendar? lastPause = null;
        foreach (var (start, end, pausedBy) in Stretches(from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds(), holidays))
        {
            var (first, last) = (DateTimeOffset.FromUnixTimeSeconds(start), DateTimeOffset.FromUnixTimeSeconds(end));
            if (periods.Count > 0 && periods[^1].To == first && lastPause == pausedBy) periods[^1] = periods[^1] with { To = last };
            else periods.Add(new(first, last, pausedBy is null ? null : new(pausedBy.Id, pausedBy.Name)));
            lastPause = pausedBy;
        }
        return periods;
    }

    private readonly record struct Stretch(long From, long To, HolidayCalendar? PausedBy);

    /// <summary>Steps through the instants at which anything but the time of day can change: midnights and clock changes.</summary>
    private IEnumerable<Stretch> Stretches(long from, long to, IReadOnlyList<HolidayCalendar> holidays)
    {
        for (var at = from; at < to;)
        {
            var reading = clock.Read(at, out var until);
            until = Math.Min(until, to);
            if (reading.Day > end) yield break;
            if (reading.Day >= start)
            {
                var weekday = reading.Weekday;
                HolidayCalendar? covering = null;
                if (onHolidays != HolidayRule.AsUsual)
                {
                    (weekday, covering) = Apply(holidays, at, weekday);
                    foreach (var holiday in holidays)
                    {
                        holiday.Read(at, out var sameUntil);
                        until = Math.Min(until, sameUntil);
                    }
                }
                var pausedBy = onHolidays == HolidayRule.Paused ? covering : null;
                foreach (var period in onHolidays == HolidayRule.Only && covering is null ? [] : weekly[(int)weekday])
                {
                    var first = Math.Max(at, reading.Midnight + period.From);
                    var last = Math.Min(until, reading.Midnight + period.To + 1);
                    if (first < last) yield return new(first, last, pausedBy);
                }
            }
            at = until;
        }
    }

    private static (Weekday Weekday, HolidayCalendar? Holiday) Apply(IReadOnlyList<HolidayCalendar> holidays, long instant, Weekday weekday)
    {
        Weekday? workedAs = null;
        HolidayCalendar? holiday = null;
        for (var i = 0; i < holidays.Count; i++)
        {
            var day = holidays[i].Read(instant);
            workedAs ??= day.WorkedAs;
            if (day.IsCovered) holiday ??= holidays[i];
        }
        return (workedAs ?? weekday, holiday);
    }

    private static bool IsInPeriod(Seconds[] periods, int second)
    {
        foreach (var period in periods)
            if (second >= period.From && second <= period.To)
                return true;
        return false;
    }
}
