using System.Globalization;

namespace Notify.Kernel.Texts;

/// <summary>
/// Notify's own words in messages, by language. A message without a language gets the values of the API, which are the same for every reader and
/// can be parsed by programs, or both languages where the API has no value.
/// </summary>
public sealed class MessageWords
{
    public const string English = "en";
    public const string Chinese = "zh";

    public static readonly IReadOnlyList<string> Languages = [Chinese, English];

    private static readonly BilingualText yes = new("Yes", "是");
    private static readonly BilingualText no = new("No", "否");

    private const string refusedInEnglish = "The platform refuses the words of this alarm's message; read them in Notify.";
    private const string refusedInChinese = "平台拒绝了该报警的通知内容，请在 Notify 中查看。";

    private static readonly string[] weekdays = ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"];

    private static readonly MessageWords neither = new(null);
    private static readonly MessageWords inEnglish = new(English);
    private static readonly MessageWords inChinese = new(Chinese);

    private MessageWords(string? language) => Language = language;

    /// <summary>Null: no language.</summary>
    public string? Language { get; }

    /// <param name="language">One of <see cref="Languages"/>; anything else: no language.</param>
    public static MessageWords Of(string? language) => language switch { English => inEnglish, Chinese => inChinese, _ => neither };

    /// <summary>For texts that are listed together: their language if it is the same, else none.</summary>
    public static MessageWords Of(IEnumerable<string?> languages) =>
        languages.Distinct(StringComparer.Ordinal).Take(2).ToList() is [var one] ? Of(one) : neither;

    /// <summary>A level or a state.</summary>
    public string Of<T>(T value)
        where T : struct, Enum => value.ToString() is var code && Language is not null && CodeWords.Of(code) is { } words
            ? Language == Chinese ? words.Zh : Capital(words.En)
            : code;

    public string YesOrNo(bool value) => (value ? yes : no).In(Language == Chinese);

    /// <summary>The two largest units, since nobody needs the seconds of a day.</summary>
    public string Duration(TimeSpan time)
    {
        var length = time < TimeSpan.Zero ? TimeSpan.Zero : time;
        var (days, hours, minutes, seconds) = Language == Chinese ? (" 天", " 小时", " 分钟", " 秒") : (" d", " h", " min", " s");
        return length.Days > 0 ? Two(length.Days, days, length.Hours, hours)
            : length.Hours > 0 ? Two(length.Hours, hours, length.Minutes, minutes)
            : length.Minutes > 0 ? Two(length.Minutes, minutes, length.Seconds, seconds)
            : Two(length.Seconds, seconds, 0, "");
    }

    public string Weekday(DayOfWeek day, bool whole) => Language == Chinese
        ? whole ? weekdays[(int)day] : "周" + weekdays[(int)day][^1]
        : whole ? day.ToString() : day.ToString()[..3];

    public string HalfOfDay(int hour) => Language == Chinese ? (hour < 12 ? "上午" : "下午") : hour < 12 ? "AM" : "PM";

    /// <summary>The number of alarms in a message.</summary>
    public string Alarms(int count) => count.ToString(CultureInfo.InvariantCulture) + Either(" alarms / 条报警", " alarms", " 条报警");

    /// <summary>Prefix of a message that was sent before.</summary>
    public string Repeat => Either("【重发 Repeat】", "[Repeat] ", "【重发】");

    /// <summary>Prefix of a message sent after one about a later change, so that it is not taken for the current state.</summary>
    public string Late => Either("【迟到 Late】", "[Late] ", "【迟到】");

    /// <summary>Prefix of a message sent because nobody reacted in time.</summary>
    public string Escalation => Either("【升级 Escalation】", "[Escalation] ", "【升级】");

    /// <summary>Prefix of a fallback, sent because the original notification failed.</summary>
    public string Otherwise => Either("【备用途径 Another way】", "[Another way] ", "【备用途径】");

    /// <summary>Prefix of a message that is repeated because nobody reacted.</summary>
    /// <param name="number">At least 1.</param>
    public string Reminder(int number) => Either(
        string.Create(CultureInfo.InvariantCulture, $"【提醒 Reminder {number}】"),
        string.Create(CultureInfo.InvariantCulture, $"[Reminder {number}] "),
        string.Create(CultureInfo.InvariantCulture, $"【第 {number} 次提醒】"));

    /// <summary>Heading of what a schedule held back.</summary>
    public string HeldBack => Either("Held back until the schedule opened / 日程开放前暂缓的通知", "Held back until the schedule opened", "日程开放前暂缓的通知");

    /// <summary>Replaces a text that a platform refused.</summary>
    public string Refused => Either($"{refusedInEnglish}\n{refusedInChinese}", refusedInEnglish, refusedInChinese);

    /// <summary>With a capital, since words stand alone in messages.</summary>
    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private string Either(string neither, string english, string chinese) => Language switch { null => neither, Chinese => chinese, _ => english };

    private static string Two(int large, string unit, int small, string smaller) =>
        small == 0 ? string.Create(CultureInfo.InvariantCulture, $"{large}{unit}") : string.Create(
            CultureInfo.InvariantCulture, $"{large}{unit} {small}{smaller}");
}
