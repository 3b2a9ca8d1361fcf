using System.Globalization;
using System.Text;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>
/// Lists several alarms in one text, for when more are waiting than the platform accepts one by one. Each alarm is named. What they share (level,
/// state, name, the beginning of the path) is written once, because the platform limits the bytes and an alarm flood must be reported within minutes.
/// If there is room, each alarm's value and time are added. The text has the language and time zone of the messages that it replaces, and mentions
/// the same people.
/// </summary>
public sealed class MergedText
{
    private readonly IReadOnlyList<INotice> alarms;
    private readonly IMessageFormat format;
    private readonly IChannelMessages channel;
    private readonly bool calls;
    private readonly MessageWords words;
    private readonly string? zone;

    /// <param name="calls">Whether the receiver is a group, in which people can be mentioned.</param>
    /// <param name="channel">The channel of the alarms' messages.</param>
    private MergedText(IReadOnlyList<INotice> alarms, IMessageFormat format, bool calls, IChannelMessages channel)
    {
        (this.alarms, this.format, this.calls, this.channel) = (alarms, format, calls, channel);
        words = MessageWords.Of(alarms.Select(x => x.Content.Language));
        // Times in one list are compared with each other, so all use one time zone.
        zone = alarms[0].Content.TimeZone;
    }

    /// <summary>What is written about each alarm besides its path.</summary>
    private enum Detail
    {
        None,
        Value,
        ValueAndTime,
    }

    /// <returns>
    /// The text, at most <paramref name="limitBytes"/> UTF-8 bytes long, and the number of alarms in it, counted from the first; at least two. Null
    /// if not even two fit: then each is better sent as its own message, which can be split.
    /// </returns>
    /// <inheritdoc cref="MergedText(IReadOnlyList{INotice}, IMessageFormat, bool, IChannelMessages)"/>
    public static (RenderedMessage Message, int Count)? Of(
        IReadOnlyList<INotice> alarms, IMessageFormat format, int limitBytes, bool calls, IChannelMessages channel)
    {
        // Details never displace an alarm: as many alarms are listed as fit without details.
        var merged = new MergedText(alarms, format, calls, channel);
        var count = merged.MostThatFit(limitBytes);
        return count < 2 ? null : (merged.Message(count, limitBytes), count);
    }

    /// <summary>Lists all of them, whatever the length, with as much detail as fits into <paramref name="limitBytes"/>.</summary>
    /// <inheritdoc cref="MergedText(IReadOnlyList{INotice}, IMessageFormat, bool, IChannelMessages)"/>
    public static RenderedMessage All(IReadOnlyList<INotice> alarms, IMessageFormat format, int limitBytes, bool calls, IChannelMessages channel) =>
        new MergedText(alarms, format, calls, channel).Message(alarms.Count, limitBytes);

    private RenderedMessage Message(int count, int limitBytes)
    {
        var told = alarms.Take(count).Select(x => x.Content).ToList();
        return new(format.Name, Text(count, limitBytes), calls
            ? new([.. told.SelectMany(x => x.Mentions.Accounts).Distinct(StringComparer.OrdinalIgnoreCase)],
                [.. told.SelectMany(x => x.Mentions.Mobiles).Distinct(StringComparer.Ordinal)])
            : Mentions.None)
        {
            Language = words.Language,
            TimeZone = zone,
        };
    }

    private string Text(int count, int limitBytes)
    {
        foreach (var detail in (Detail[])[Detail.ValueAndTime, Detail.Value])
            if (Write(count, detail) is var text && Fits(text, limitBytes)) return text;
        return Write(count, Detail.None);
    }

    /// <summary>More alarms hardly ever result in a shorter text, so a binary search finds the largest number that fits.</summary>
    private int MostThatFit(int limitBytes)
    {
        if (Fits(Write(alarms.Count, Detail.None), limitBytes)) return alarms.Count;
        var (fits, tooMany) = (1, alarms.Count);
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            if (Fits(Write(middle, Detail.None), limitBytes)) fits = middle;
            else tooMany = middle;
        }

        return fits;
    }

    private static bool Fits(string text, int limitBytes) => Encoding.UTF8.GetByteCount(text) <= limitBytes;

    private string Write(int count, Detail detail)
    {
        var told = alarms.Take(count).ToList();
        var (first, last) = (LocalTimes.In(told.Min(x => x.EventTime), zone), LocalTimes.In(told.Max(x => x.EventTime), zone));
        var (sameTime, sameDay, sameOffset) = (last - first < TimeSpan.FromSeconds(1), first.Date == last.Date, first.Offset == last.Offset);
        var offset = sameOffset ? "" : " zzz";
        var text = new StringBuilder();
        if (alarms[0].ReplayId is not null) text.Append(words.Repeat);
        var isAll = told.Select(MarkOf).Distinct(StringComparer.Ordinal).Count() == 1;
        if (isAll) text.Append(MarkOf(told[0]));
        text.Append(words.Alarms(count)).Append("  ").Append(first.ToString("yyyy-MM-dd HH:mm:ss" + offset, CultureInfo.InvariantCulture));
        if (!sameTime) text.Append(" ~ ").Append(last.ToString(sameDay ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        if (sameOffset || !sameTime) text.Append(last.ToString(" zzz", CultureInfo.InvariantCulture));
        var time = detail < Detail.ValueAndTime || sameTime ? null : (sameDay ? "HH:mm:ss" : "MM-dd HH:mm:ss") + offset;
        // An alarm that changed several times is listed once, in its last state.
        var changed = told.GroupBy(x => x.AlarmId, StringComparer.Ordinal).Select(x => (Alarm: x.Last(), Times: x.Count()));
        foreach (var group in changed.GroupBy(x => (x.Alarm.Level, x.Alarm.State, Name: Plain(x.Alarm.AlarmName), Mark: isAll ? "" : MarkOf(x.Alarm)))
            .OrderBy(x => x.Key.Level))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{group.Key.Mark}{words.Of(group.Key.Level)} {words.Of(group.Key.State)} {group.Key.Name}");
            if (Each(group.Where(x => x.Alarm.AlarmPath.Length == 0)) is { Length: > 0 } pathless) text.Append(' ').Append(pathless);
            foreach (var (i, paths) in group.Where(x => x.Alarm.AlarmPath.Length > 0).GroupBy(x => Parent(x.Alarm.AlarmPath), StringComparer.Ordinal)
                .Index())
            {
                text.Append(i == 0 ? ": " : "; ");
                if (paths.Key.Length > 0) text.Append(Plain(paths.Key)).Append('/');
                text.Append(Each(paths));
            }
        }

        if (calls && InlineCalls.Line(told.Select(x => x.Content), format, channel) is { Length: > 0 } line) text.Append('\n').Append(line);
        return text.ToString();

        string Each(IEnumerable<(INotice Alarm, int Times)> some)
        {
            var same = some.GroupBy(x => (Plain(Leaf(x.Alarm.AlarmPath)) + DetailOf(x.Alarm)).TrimStart(), StringComparer.Ordinal)
                .Select(x => (Words: x.Key, Times: x.Sum(y => y.Times))).ToList();
            // A single alarm without a path is identified by its name.
            return same is [("", 1)]
                ? "" : string.Join(", ", same.Select(x => x.Words.Length == 0 ? $"×{x.Times}" : x.Times == 1 ? x.Words : $"{x.Words} ×{x.Times}"));
        }

        // Begins with a space, since it follows a name.
        string DetailOf(INotice alarm)
        {
            var value = detail == Detail.None || alarm.AlarmValue is null ? "" : Plain(alarm.AlarmValue);
            var at = time is null ? "" : LocalTimes.In(alarm.EventTime, zone).ToString(time, CultureInfo.InvariantCulture);
            return value.Length + at.Length == 0 ? "" : value.Length == 0 || at.Length == 0 ? $" ({value}{at})" : $" ({value}, {at})";
        }
    }

    /// <summary>Distinguishes an escalation from a first notification; and keeps a platform that drops repeated texts from dropping a list of
    /// reminders.</summary>
    private string MarkOf(INotice alarm) => alarm.Step is { } step ? OwnWords.OfStep(step.Kind, step.Number, words) : "";

    private static string Parent(string path) => path.LastIndexOf('/') is var i && i < 0 ? "" : path[..i];

    private static string Leaf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Text from an alarm on one line, escaped as in its own message.</summary>
    private string Plain(string own)
    {
        var text = new StringBuilder(own.Length);
        format.Append(text, own, oneLine: true);
        return text.ToString();
    }
}
