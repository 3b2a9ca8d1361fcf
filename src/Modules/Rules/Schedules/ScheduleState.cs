namespace Notify.Rules.Schedules;

/// <summary>Whether a schedule permits notifications at an instant.</summary>
/// <param name="Reason">Why it is closed: <see cref="Schedule"/> or <see cref="Holiday"/>; null when it is open.</param>
/// <param name="Detail">For the reason <see cref="Schedule"/>: notStarted, ended, outsidePeriods or noHoliday; otherwise null.</param>
/// <param name="PausedBy">For the reason <see cref="Holiday"/>: the holiday schedule that covers the instant; otherwise null.</param>
public sealed record ScheduleState(bool Open, string? Reason = null, string? Detail = null, HolidayRef? PausedBy = null)
{
    public const string Schedule = "schedule";
    public const string Holiday = "holiday";

    internal static readonly ScheduleState Opened = new(true);
    internal static readonly ScheduleState NotStarted = new(false, Schedule, "notStarted");
    internal static readonly ScheduleState Ended = new(false, Schedule, "ended");
    internal static readonly ScheduleState OutsidePeriods = new(false, Schedule, "outsidePeriods");
    internal static readonly ScheduleState NoHoliday = new(false, Schedule, "noHoliday");
}

public sealed record HolidayRef(string Id, string Name);

/// <summary>A period in which a schedule is open, or would be if a holiday did not pause it.</summary>
/// <param name="To">Exclusive.</param>
/// <param name="PausedBy">The holiday that closes it; null when it is open.</param>
public sealed record CalendarPeriod(DateTimeOffset From, DateTimeOffset To, HolidayRef? PausedBy);
