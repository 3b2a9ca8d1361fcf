using System.Text.Json;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Pages;

/// <summary>The days of the week as forms show them.</summary>
internal static class Weekdays
{
    private static readonly BilingualText[] names =
    [
        new("Monday", "星期一"), new("Tuesday", "星期二"), new("Wednesday", "星期三"), new("Thursday", "星期四"), new("Friday", "星期五"),
        new("Saturday", "星期六"), new("Sunday", "星期日"),
    ];

    private static readonly BilingualText[] shortNames =
        [new("Mon", "一"), new("Tue", "二"), new("Wed", "三"), new("Thu", "四"), new("Fri", "五"), new("Sat", "六"), new("Sun", "日")];

    public static BilingualText NameOf(Weekday day) => names[(int)day];

    public static BilingualText ShortNameOf(Weekday day) => shortNames[(int)day];

    /// <summary>The day's name in the API.</summary>
    public static string KeyOf(Weekday day) => JsonNamingPolicy.CamelCase.ConvertName(day.ToString());

    public static Weekday Of(DateOnly date) => (Weekday)(((int)date.DayOfWeek + 6) % 7);
}
