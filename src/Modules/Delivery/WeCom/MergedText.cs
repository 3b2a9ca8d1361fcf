using System.Buffers;
using System.Globalization;
using System.Text;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.WeCom;

/// <summary>
/// One text that lists many alarms, for when more wait than the platform lets through one by one. Each alarm is named; what they share (level, state,
/// name, the beginning of the path) is written once, because the platform's limit is in bytes and a storm must still be told in minutes.
/// </summary>
public static class MergedText
{
    private static readonly SearchValues<char> markup = SearchValues.Create("<>*`@[]#\r\n");

    /// <returns>
    /// The text, at most <paramref name="limitBytes"/> long in UTF-8, and how many of the alarms it lists: the first so many, at least two. Null when not even
    /// two fit: then each is better told in its own words, which can be split.
    /// </returns>
    public static (string Text, int Count)? Of(IReadOnlyList<NotificationRequested> alarms, int limitBytes)
    {
        if (alarms.Count < 2) return null;
        if (Fits(alarms.Count, out var text)) return (text, alarms.Count);
        // More alarms hardly ever make a shorter text, so the largest number that fits is found by halving.
        var (fits, tooMany, longest) = (1, alarms.Count, "");
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            if (Fits(middle, out text)) (fits, longest) = (middle, text);
            else tooMany = middle;
        }

        return fits == 1 ? null : (longest, fits);

        bool Fits(int count, out string written) => Encoding.UTF8.GetByteCount(written = Write(alarms, count)) <= limitBytes;
    }

    /// <summary>All of them, however long that is.</summary>
    public static string Of(IReadOnlyList<NotificationRequested> alarms) => Write(alarms, alarms.Count);

    private static string Write(IReadOnlyList<NotificationRequested> alarms, int count)
    {
        var some = alarms.Take(count).ToList();
        var (first, last) = (some.Min(x => x.EventTime), some.Max(x => x.EventTime));
        var text = new StringBuilder();
        if (some[0].ReplayId is not null) text.Append("【重发 Repeat】");
        text.Append(CultureInfo.InvariantCulture, $"{count} alarms / 条报警  {first:yyyy-MM-dd HH:mm:ss}");
        if (last - first >= TimeSpan.FromSeconds(1)) text.Append(CultureInfo.InvariantCulture, $" ~ {last:HH:mm:ss}");
        text.Append(" UTC");
        // An alarm that changed several times is listed once, as it is after the last of them.
        var changed = some.GroupBy(x => x.AlarmId, StringComparer.Ordinal).Select(x => (Alarm: x.Last(), Times: x.Count()));
        foreach (var group in changed.GroupBy(x => (x.Alarm.Level, x.Alarm.State, Name: Plain(x.Alarm.AlarmName))).OrderBy(x => x.Key.Level))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{group.Key.Level} {group.Key.State} {group.Key.Name}");
            var pathless = group.Where(x => x.Alarm.AlarmPath.Length == 0).Sum(x => x.Times);
            if (pathless > 1) text.Append(CultureInfo.InvariantCulture, $" ×{pathless}");
            foreach (var (i, paths) in group.Where(x => x.Alarm.AlarmPath.Length > 0).GroupBy(x => Parent(x.Alarm.AlarmPath), StringComparer.Ordinal).Index())
            {
                text.Append(i == 0 ? ": " : "; ");
                if (paths.Key.Length > 0) text.Append(Plain(paths.Key)).Append('/');
                var leaves = paths.GroupBy(x => Leaf(x.Alarm.AlarmPath), StringComparer.Ordinal).Select(x => (Name: Plain(x.Key), Times: x.Sum(y => y.Times)));
                text.AppendJoin(", ", leaves.Select(x => x.Times == 1 ? x.Name : $"{x.Name} ×{x.Times}"));
            }
        }

        return text.ToString();
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
