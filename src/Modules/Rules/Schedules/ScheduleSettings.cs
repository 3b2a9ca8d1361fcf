using System.Text.Json.Serialization;
using Notify.Kernel;

namespace Notify.Rules.Schedules;

/// <summary>When notifications may be sent. A standard schedule has weekly periods; a holiday schedule has days on which standard schedules may
/// pause. Dates and times of day are local to the schedule's own zone.</summary>
public sealed record ScheduleSettings
{
    public const string Standard = "standard";
    public const string Holiday = "holiday";

    /// <summary>How many days outside its range a holiday may have make-up days.</summary>
    public const int MakeUpDays = 31;

    public string Kind { get; init => field = value ?? ""; } = Standard;

    /// <summary>An IANA time zone, such as Asia/Shanghai.</summary>
    public string TimeZone { get; init => field = value ?? ""; } = "";

    /// <summary>Standard only: no notifications on days that an enabled holiday schedule covers; the same as <c>paused</c> in <see
    /// cref="Holidays"/>.</summary>
    public bool IgnoreHolidays { get; init; }

    /// <summary>Standard only: what applies on days that an enabled holiday schedule covers; null: as in <see cref="IgnoreHolidays"/>.</summary>
    public HolidayRule? Holidays { get; init; }

    internal HolidayRule OnHolidays => Holidays ?? (IgnoreHolidays ? HolidayRule.Paused : HolidayRule.AsUsual);

    /// <summary>Standard only. Null only in old events: open all week.</summary>
    public WeeklyPeriods? Weekly { get; init; }

    /// <summary>Standard only: the first day, <c>yyyy-MM-dd</c>; null: no start.</summary>
    public string? Start { get; init; }

    /// <summary>Standard only: the last day, <c>yyyy-MM-dd</c>; null: no end.</summary>
    public string? End { get; init; }

    /// <summary>Holiday only: the first day, <c>yyyy-MM-dd</c>.</summary>
    public string? From { get; init; }

    /// <summary>Holiday only: the last day, <c>yyyy-MM-dd</c>.</summary>
    public string? To { get; init; }

    /// <summary>Holiday only: working days inside the range, or at most <see cref="MakeUpDays"/> days outside it.</summary>
    public IReadOnlyList<WorkedDay>? WorkedDays { get; init; }

    /// <summary>Makes the defaults explicit, so that readers of the record need not know them.</summary>
    /// <param name="timeZone">The zone if none is given.</param>
    public ScheduleSettings WithDefaults(string timeZone) => this with
    {
        TimeZone = TimeZone.Length == 0 ? timeZone : TimeZone,
        Weekly = Kind == Standard ? Weekly ?? WeeklyPeriods.Always : Weekly,
        IgnoreHolidays = IgnoreHolidays || Holidays == HolidayRule.Paused,
    };

    public void Validate(Errors errors)
    {
        if (TimeZone.Length == 0) errors.Add("timeZone", "A schedule needs a time zone, such as Asia/Shanghai.");
        else if (!TimeZones.IsKnown(TimeZone)) errors.Add("timeZone", $"'{TimeZone}' is not an IANA time zone, such as Asia/Shanghai.");

        if (Kind == Standard) ValidateStandard(errors);
        else if (Kind == Holiday) ValidateHoliday(errors);
        else errors.Add("kind", $"'{Kind}' is not a kind of schedule; use {Standard} or {Holiday}.");
    }

    private void ValidateStandard(Errors errors)
    {
        Refuse("from", From is not null, Holiday, errors);
        Refuse("to", To is not null, Holiday, errors);
        Refuse("workedDays", WorkedDays?.Count > 0, Holiday, errors);
        if (IgnoreHolidays && OnHolidays != HolidayRule.Paused)
            errors.Add("holidays", $"A schedule with ignoreHolidays is paused on holidays, not {(Holidays == HolidayRule.Only ? "only" : "asUsual")}.");
        Weekly?.Validate(errors);
        var start = Dates.Read("start", Start, errors);
        var end = Dates.Read("end", End, errors);
        if (end < start) errors.Add("end", "The end is before the start.");
    }

    private void ValidateHoliday(Errors errors)
    {
        Refuse("ignoreHolidays", IgnoreHolidays && Holidays is null, Standard, errors);
        Refuse("holidays", Holidays is not null, Standard, errors);
        Refuse("weekly", Weekly is { IsEmpty: false }, Standard, errors);
        Refuse("start", Start is not null, Standard, errors);
        Refuse("end", End is not null, Standard, errors);
        if (From is null) errors.Add("from", "A holiday needs its first day.");
        if (To is null) errors.Add("to", "A holiday needs its last day.");
        var from = Dates.Read("from", From, errors);
        var to = Dates.Read("to", To, errors);
        if (to < from) errors.Add("to", "The last day is before the first.");
        else if (from is not null && to is not null) ValidateWorkedDays(from.Value, to.Value, errors);
    }

    private void ValidateWorkedDays(DateOnly from, DateOnly to, Errors errors)
    {
        var seen = new HashSet<DateOnly>();
        for (var i = 0; i < WorkedDays?.Count; i++)
        {
            var path = $"workedDays[{i}]";
            if (WorkedDays[i] is not { } day)
            {
                errors.Add(path, "A worked day needs a date.");
                continue;
            }
            if (day.Date is null) errors.Add($"{path}.date", "A worked day needs a date.");
            if (day.As is not null && !Enum.IsDefined(day.As.Value)) errors.Add($"{path}.as", "Not a day of the week.");
            if (Dates.Read($"{path}.date", day.Date, errors) is not { } date) continue;
            if (date < from.AddDays(-MakeUpDays) || date > to.AddDays(MakeUpDays))
                errors.Add($"{path}.date", $"{day.Date} is more than {MakeUpDays} days away from the holiday.");
            if (!seen.Add(date)) errors.Add($"{path}.date", $"{day.Date} is listed twice.");
        }
    }

    private static void Refuse(string path, bool isGiven, string kind, Errors errors)
    {
        if (isGiven) errors.Add(path, $"Only a {kind} schedule can have this field.");
    }
}

/// <summary>What a standard schedule does on a day that an enabled holiday schedule covers; <c>asUsual</c> and so on in JSON.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HolidayRule>))]
public enum HolidayRule
{
    [JsonStringEnumMemberName("asUsual")]
    AsUsual,

    /// <summary>The schedule is closed.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>The schedule is open in its periods on these days, and closed on all others.</summary>
    [JsonStringEnumMemberName("only")]
    Only,
}

/// <summary>A make-up day: a working day in or around a holiday, which does not cover it. With <paramref name="As"/>, standard schedules that react
/// to holidays use the periods of that weekday: China's make-up days are Saturdays and Sundays that are worked like a Monday.</summary>
/// <param name="Date"><c>yyyy-MM-dd</c>.</param>
/// <param name="As">Null: the periods of its own weekday.</param>
public sealed record WorkedDay(string? Date, Weekday? As = null);
