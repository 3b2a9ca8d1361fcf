using System.Globalization;
using Notify.Kernel;

namespace Notify.Rules.Schedules;

internal static class Dates
{
    private static readonly DateOnly earliest = new(1970, 1, 1);
    private static readonly DateOnly latest = new(2999, 12, 31);
    private static readonly int epoch = earliest.DayNumber;

    /// <summary>Null when the text is null or invalid; a fault is added to <paramref name="errors"/> in the latter case.</summary>
    public static DateOnly? Read(string path, string? text, Errors errors)
    {
        if (text is null) return null;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            errors.Add(path, $"'{text}' is not a date such as 2026-10-01.");
        else if (date < earliest || date > latest) errors.Add(path, $"'{text}' is not between {earliest:yyyy-MM-dd} and {latest:yyyy-MM-dd}.");
        else return date;
        return null;
    }

    /// <summary>Days since 1970-01-01.</summary>
    public static int ToDays(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture).DayNumber - epoch;
}
