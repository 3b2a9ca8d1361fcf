using Notify.Kernel;

namespace Notify.Rules.Schedules;

/// <summary>The periods of each weekday; a day without any is closed.</summary>
public sealed record WeeklyPeriods
{
    /// <summary>A schedule with more periods on one day is surely a mistake.</summary>
    public const int MaxPeriodsADay = 100;

    /// <summary>Open all week.</summary>
    public static readonly WeeklyPeriods Always = EveryDay(new Period("00:00:00", "23:59:59"));

    public IReadOnlyList<Period> Monday { get; init => field = value ?? []; } = [];
    public IReadOnlyList<Period> Tuesday { get; init => field = value ?? []; } = [];
    public IReadOnlyList<Period> Wednesday { get; init => field = value ?? []; } = [];
    public IReadOnlyList<Period> Thursday { get; init => field = value ?? []; } = [];
    public IReadOnlyList<Period> Friday { get; init => field = value ?? []; } = [];
    public IReadOnlyList<Period> Saturday { get; init => field = value ?? []; } = [];
    public IReadOnlyList<Period> Sunday { get; init => field = value ?? []; } = [];

    public IReadOnlyList<Period> this[Weekday day] => day switch
    {
        Weekday.Monday => Monday,
        Weekday.Tuesday => Tuesday,
        Weekday.Wednesday => Wednesday,
        Weekday.Thursday => Thursday,
        Weekday.Friday => Friday,
        Weekday.Saturday => Saturday,
        _ => Sunday,
    };

    internal bool IsEmpty => Enum.GetValues<Weekday>().All(day => this[day].Count == 0);

    public static WeeklyPeriods EveryDay(params IReadOnlyList<Period> periods) => new()
    {
        Monday = periods,
        Tuesday = periods,
        Wednesday = periods,
        Thursday = periods,
        Friday = periods,
        Saturday = periods,
        Sunday = periods,
    };

    internal void Validate(Errors errors)
    {
        if (IsEmpty) errors.Add("weekly", "A schedule without any period never opens.");
        foreach (var day in Enum.GetValues<Weekday>())
            Validate($"weekly.{day.ToString().ToLowerInvariant()}", this[day], errors);
    }

    private static void Validate(string path, IReadOnlyList<Period> periods, Errors errors)
    {
        if (periods.Count > MaxPeriodsADay)
        {
            errors.Add(path, $"At most {MaxPeriodsADay} periods a day.");
            return;
        }
        var read = new List<(Seconds Seconds, int Index)>();
        for (var i = 0; i < periods.Count; i++)
            if (Period.Read($"{path}[{i}]", periods[i], errors) is { } seconds) read.Add((seconds, i));
        read.Sort((a, b) => a.Seconds.From.CompareTo(b.Seconds.From));
        for (var i = 1; i < read.Count; i++)
            if (read[i].Seconds.From <= read[i - 1].Seconds.To)
                errors.Add($"{path}[{read[i].Index}]", $"{periods[read[i].Index]} overlaps {periods[read[i - 1].Index]}.");
    }
}

/// <summary>A part of one day, <c>HH:mm:ss</c> to <c>HH:mm:ss</c>, open from the start of the first second to the end of the last.</summary>
public sealed record Period(string? From, string? To)
{
    public override string ToString() => $"{From} ~ {To}";

    /// <summary>Null when the period is invalid.</summary>
    internal static Seconds? Read(string path, Period? period, Errors? errors)
    {
        var from = ReadTime($"{path}.from", period?.From, errors);
        var to = ReadTime($"{path}.to", period?.To, errors);
        if (from is null || to is null) return null;
        if (from <= to) return new(from.Value, to.Value);
        errors?.Add(
            $"{path}.to",
            $"{period!.To} is before {period.From}; a period may not cross midnight: end it at 23:59:59 and start another on the next day.");
        return null;
    }

    private static int? ReadTime(string path, string? text, Errors? errors)
    {
        if (TimeOnly.TryParseExact(text, "HH:mm:ss", null, System.Globalization.DateTimeStyles.None, out var time))
            return (int)(time.Ticks / TimeSpan.TicksPerSecond);
        errors?.Add(
            path, text is null ? "A period needs a time here, such as 08:00:00." : $"'{text}' is not a time of day from 00:00:00 to 23:59:59.");
        return null;
    }
}

/// <summary>Seconds since midnight, both inclusive.</summary>
public readonly record struct Seconds(int From, int To);
