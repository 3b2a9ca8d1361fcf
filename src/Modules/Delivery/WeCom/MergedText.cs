using System.Buffers;
using System.Globalization;
using System.Text;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.WeCom;

/// <summary>
/// One text that lists many alarms, for when more wait than the platform lets through one by one. Each alarm is named; what they share (level, state,
/// name, the beginning of the path) is written once, because the platform's limit is in bytes and a storm must still be told in minutes. Where that leaves
/// room, each alarm's value and time are added.
/// </summary>
public static class MergedText
{
    private static readonly SearchValues<char> markup = SearchValues.Create("<>*`@[]#\r\n");

    /// <summary>What is said of each alarm besides where it is.</summary>
    private enum Detail
    {
        None,
        Value,
        ValueAndTime,
    }

    /// <returns>
    /// The text, at most <paramref name="limitBytes"/> long in UTF-8, and how many of the alarms it lists: the first so many, at least two. Null when not even
    /// two fit: then each is better told in its own words, which can be split.
    /// </returns>
    public static (string Text, int Count)? Of(IReadOnlyList<NotificationRequested> alarms, int limitBytes)
    {
        // Details never cost an alarm its place: as many are listed as fit without.
        var count = MostThatFit(alarms, limitBytes);
        return count < 2 ? null : (All([.. alarms.Take(count)], limitBytes), count);
    }

    /// <summary>All of them, however long that is; with as much detail as fits into <paramref name="limitBytes"/>.</summary>
    public static string All(IReadOnlyList<NotificationRequested> alarms, int limitBytes)
    {
        foreach (var detail in (Detail[])[Detail.ValueAndTime, Detail.Value])
            if (Write(alarms, detail) is var text && Fits(text, limitBytes)) return text;
        return Write(alarms, Detail.None);
    }

    /// <summary>More alarms hardly ever make a shorter text, so the largest number that fits is found by halving.</summary>
    private static int MostThatFit(IReadOnlyList<NotificationRequested> alarms, int limitBytes)
    {
        if (Fits(Write(alarms, Detail.None), limitBytes)) return alarms.Count;
        var (fits, tooMany) = (1, alarms.Count);
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            if (Fits(Write([.. alarms.Take(middle)], Detail.None), limitBytes)) fits = middle;
            else tooMany = middle;
        }

        return fits;
    }

    private static bool Fits(string text, int limitBytes) => Encoding.UTF8.GetByteCount(text) <= limitBytes;

    private static string Write(IReadOnlyList<NotificationRequested> alarms, Detail detail)
    {
        var (first, last) = (alarms.Min(x => x.EventTime), alarms.Max(x => x.EventTime));
        var (sameTime, sameDay) = (last - first < TimeSpan.FromSeconds(1), first.Date == last.Date);
        var text = new StringBuilder();
        if (alarms[0].ReplayId is not null) text.Append("【重发 Repeat】");
        text.Append(CultureInfo.InvariantCulture, $"{alarms.Count} alarms / 条报警  {first:yyyy-MM-dd HH:mm:ss}");
        if (!sameTime) text.Append(" ~ ").Append(last.ToString(sameDay ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        text.Append(" UTC");
        var time = detail < Detail.ValueAndTime || sameTime ? null : sameDay ? "HH:mm:ss" : "MM-dd HH:mm:ss";
        // An alarm that changed several times is listed once, as it is after the last of them.
        var changed = alarms.GroupBy(x => x.AlarmId, StringComparer.Ordinal).Select(x => (Alarm: x.Last(), Times: x.Count()));
        foreach (var group in changed.GroupBy(x => (x.Alarm.Level, x.Alarm.State, Name: Plain(x.Alarm.AlarmName))).OrderBy(x => x.Key.Level))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{group.Key.Level} {group.Key.State} {group.Key.Name}");
            if (Each(group.Where(x => x.Alarm.AlarmPath.Length == 0)) is { Length: > 0 } pathless) text.Append(' ').Append(pathless);
            foreach (var (i, paths) in group.Where(x => x.Alarm.AlarmPath.Length > 0).GroupBy(x => Parent(x.Alarm.AlarmPath), StringComparer.Ordinal).Index())
            {
                text.Append(i == 0 ? ": " : "; ");
                if (paths.Key.Length > 0) text.Append(Plain(paths.Key)).Append('/');
                text.Append(Each(paths));
            }
        }

        return text.ToString();

        string Each(IEnumerable<(NotificationRequested Alarm, int Times)> some)
        {
            var same = some.GroupBy(x => (Plain(Leaf(x.Alarm.AlarmPath)) + DetailOf(x.Alarm)).TrimStart(), StringComparer.Ordinal)
                .Select(x => (Words: x.Key, Times: x.Sum(y => y.Times))).ToList();
            // One alarm without a path is told by its name.
            return same is [("", 1)] ? "" : string.Join(", ", same.Select(x => x.Words.Length == 0 ? $"×{x.Times}" : x.Times == 1 ? x.Words : $"{x.Words} ×{x.Times}"));
        }

        // Begins with a space: it stands behind a name.
        string DetailOf(NotificationRequested alarm)
        {
            var value = detail == Detail.None || alarm.AlarmValue is null ? "" : Plain(alarm.AlarmValue);
            var at = time is null ? "" : alarm.EventTime.ToString(time, CultureInfo.InvariantCulture);
            return value.Length + at.Length == 0 ? "" : value.Length == 0 || at.Length == 0 ? $" ({value}{at})" : $" ({value}, {at})";
        }
    }

    private static string Parent(string path) => path.LastIndexOf('/') is var i && i < 0 ? "" : path[..i];

    private static string Leaf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>An alarm's own words must not act as markup or call people: full-width twins look alike and do nothing.</summary>
    private static string Plain(string words)
    {
        if (words.AsSpan().IndexOfAny(markup) < 0) return words;
        return string.Create(words.Length, words, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = source[i] switch
                {
                    '<' => '＜',
                    '>' => '＞',
                    '*' => '＊',
                    '`' => '＇',
                    '@' => '＠',
                    '[' => '［',
                    ']' => '］',
                    '#' => '＃',
                    '\r' or '\n' => ' ',
                    var c => c,
                };
            }
        });
    }
}
