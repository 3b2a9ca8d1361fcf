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

    /// <returns>The text, at most <paramref name="limitBytes"/> long in UTF-8, and how many of the alarms it lists: the first so many, at least one.</returns>
    public static (string Text, int Count) Of(IReadOnlyList<NotificationRequested> alarms, int limitBytes)
    {
        // More alarms never make a shorter text, so the largest number that fits is found by halving.
        var (fits, tooMany) = (1, alarms.Count + 1);
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            if (Encoding.UTF8.GetByteCount(Write(alarms, middle)) <= limitBytes) fits = middle;
            else tooMany = middle;
        }

        return (Write(alarms, fits), fits);
    }

    private static string Write(IReadOnlyList<NotificationRequested> alarms, int count)
    {
        var some = alarms.Take(count).ToList();
        var (first, last) = (some.Min(x => x.EventTime), some.Max(x => x.EventTime));
        var text = new StringBuilder();
        if (some[0].ReplayId is not null) text.Append("【重发 Repeat】");
        text.Append(CultureInfo.InvariantCulture, $"{count} alarms / 条报警  {first:yyyy-MM-dd HH:mm:ss}");
        if (last - first >= TimeSpan.FromSeconds(1)) text.Append(CultureInfo.InvariantCulture, $" ~ {last:HH:mm:ss}");
        text.Append(" UTC");
        foreach (var group in some.GroupBy(x => (x.Level, x.State, Name: Plain(x.AlarmName))).OrderBy(x => x.Key.Level))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{group.Key.Level} {group.Key.State} {group.Key.Name}");
            var siblings = group.Where(x => x.AlarmPath.Length > 0).GroupBy(x => Parent(x.AlarmPath), StringComparer.Ordinal).ToList();
            if (siblings.Count == 0 && group.Count() > 1) text.Append(CultureInfo.InvariantCulture, $" ×{group.Count()}");
            foreach (var (i, paths) in siblings.Index())
            {
                text.Append(i == 0 ? ": " : "; ");
                if (paths.Key.Length > 0) text.Append(Plain(paths.Key)).Append('/');
                text.AppendJoin(", ", paths.CountBy(x => Leaf(x.AlarmPath), StringComparer.Ordinal).Select(x => x.Value == 1 ? Plain(x.Key) : $"{Plain(x.Key)} ×{x.Value}"));
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
