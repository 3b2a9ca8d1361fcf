using System.Text.Json;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Pages;

/// <summary>The days of the week as forms show them.</summary>
internal static class Weekdays
{
    private static readonly BilingualText[] names =
    [
        new("Monday", "周一"), new("Tuesday", "周二"), new("Wednesday", "周三"), new("Thursday", "周四"), new("Friday", "周五"),
        new("Saturday", "周六"), new("Sunday", "周日"),
    ];

    private static readonly BilingualText[] shortNames =
        [new("Mon", "周一"), new("Tue", "周二"), new("Wed", "周三"), new("Thu", "周四"), new("Fri", "周五"), new("Sat", "周六"), new("Sun", "周日")];

    public static BilingualText NameOf(Weekday day) => names[(int)day];

    public static BilingualText ShortNameOf(Weekday day) => shortNames[(int)day];

    /// <summary>The day's name in the API.</summary>
    public static string KeyOf(Weekday day) => JsonNamingPolicy.CamelCase.ConvertName(day.ToString());

    public static Weekday Of(DateOnly date) => (Weekday)(((int)date.DayOfWeek + 6) % 7);
}
