using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Notify.Contracts.Alarms;
using Notify.Kernel.Texts;

namespace Notify.Rules.Messages;

/// <summary>The parameters that a message can use (docs/messages.md).</summary>
public static class TemplateParameters
{
    public const string LabelPrefix = "labels.";
    public const string UrlPath = "urlPath";

    private const string QuotedLabel = "labels[\"";

    private static readonly FrozenDictionary<string, Func<AlarmFacts, TemplateContext, string>> values =
        new Dictionary<string, Func<AlarmFacts, TemplateContext, string>>(StringComparer.Ordinal)
        {
            ["ackUser"] = (alarm, _) => alarm.AckUser,
            ["description"] = (alarm, _) => alarm.Description,
            ["duration"] = (alarm, context) => DurationOf(alarm, context.At) is { } time ? context.Words.Duration(time) : "",
            ["eventTime"] = (alarm, context) => LocalTimes.Text(LocalTimes.In(alarm.EventTime, context.Zone)),
            ["isAcked"] = (alarm, context) => context.Words.YesOrNo(alarm.State is AlarmState.ActiveAcked or AlarmState.ClearedAcked),
            ["isShelved"] = (alarm, context) => context.Words.YesOrNo(alarm.Shelved),
            ["level"] = (alarm, context) => context.Words.Of(alarm.Level),
            ["name"] = (alarm, _) => alarm.Name,
            ["path"] = (alarm, _) => alarm.Path,
            ["startTime"] = (alarm, context) => alarm.StartTime is { } start ? LocalTimes.Text(LocalTimes.In(start, context.Zone)) : "",
            ["state"] = (alarm, context) => context.Words.Of(alarm.State),
            ["type"] = (alarm, _) => alarm.Type,
            [UrlPath] = (_, context) => context.UrlPath,
            ["value"] = (alarm, _) => alarm.Value,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Func<AlarmFacts, DateTimeOffset?>> times =
        new Dictionary<string, Func<AlarmFacts, DateTimeOffset?>>(StringComparer.Ordinal)
        {
            ["eventTime"] = alarm => alarm.EventTime,
            ["startTime"] = alarm => alarm.StartTime,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All parameters except labels, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. values.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Finds the closing brace of a parameter; a quoted label may contain braces. -1: it is not on this line.</summary>
    /// <param name="content">The content after the opening brace.</param>
    internal static int EndOf(ReadOnlySpan<char> content)
    {
        var start = 0;
        if (content.StartsWith(QuotedLabel, StringComparison.Ordinal))
        {
            start = QuotedLabel.Length;
            while (start < content.Length && content[start] is not ('"' or '\r' or '\n')) start += content[start] == '\\' ? 2 : 1;
            if (start >= content.Length) return -1;
        }

        var length = content[start..].IndexOfAny("{}\r\n");
        return length < 0 || content[start + length] != '}' ? -1 : start + length;
    }

    /// <summary>Finds the function that returns the parameter's value for an alarm: empty for a label that the alarm does not have, and for an
    /// unknown value.</summary>
    /// <param name="fault">What is wrong with the parameter, without its position.</param>
    internal static bool TryFind(
        string parameter, [NotNullWhen(true)] out Func<AlarmFacts, TemplateContext, string>? value, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        if (values.TryGetValue(parameter, out value)) return true;
        if (LabelOf(parameter) is { } label)
        {
            value = (alarm, _) => alarm.Labels.GetValueOrDefault(label, "");
            return true;
        }

        if (parameter.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && times.TryGetValue(parameter[..colon], out var time))
        {
            if (TimeFormat.TryParse(parameter[(colon + 1)..], out var format, out var why))
            {
                value = (alarm, context) => time(alarm) is { } at ? format.Format(LocalTimes.In(at, context.Zone), context.Words) : "";
                return true;
            }

            fault = $"'{parameter}' has an invalid time format: {why}";
            return false;
        }

        fault = Unknown(parameter);
        return false;
    }

    /// <summary>How long the occurrence has lasted: until it was cleared, or until <paramref name="at"/> if it is active. Null when its start is
    /// unknown.</summary>
    private static TimeSpan? DurationOf(AlarmFacts alarm, DateTimeOffset? at)
    {
        var isActive = alarm.State is AlarmState.ActiveUnacked or AlarmState.ActiveAcked;
        return (isActive && at > alarm.EventTime ? at : alarm.EventTime) - alarm.StartTime;
    }

    /// <summary>Null when the parameter is not a label.</summary>
    private static string? LabelOf(string parameter)
    {
        if (parameter.StartsWith(LabelPrefix, StringComparison.Ordinal)) return IsPlain(parameter.AsSpan(LabelPrefix.Length))
            ? Kernel.Names.Readable(parameter[LabelPrefix.Length..], out _) : null;
        if (!parameter.StartsWith(QuotedLabel, StringComparison.Ordinal)) return null;
        var name = new StringBuilder();
        var i = QuotedLabel.Length;
        for (; i < parameter.Length && parameter[i] != '"'; i++)
        {
            if (parameter[i] == '\\' && (++i == parameter.Length || parameter[i] is not ('"' or '\\'))) return null;
            name.Append(parameter[i]);
        }

        if (name.Length == 0 || i == parameter.Length || !parameter.AsSpan(i).SequenceEqual("\"]")) return null;
        // The same normalization as at the intake.
        return Kernel.Names.Readable(name.ToString(), out _);
    }

    private static bool IsPlain(ReadOnlySpan<char> label)
    {
        foreach (var c in label)
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '-' or '.' or '/'))
                return false;
        return label.Length > 0;
    }

    private static string Unknown(string parameter)
    {
        var name = parameter.Trim();
        if (name.StartsWith("labels", StringComparison.OrdinalIgnoreCase) && name.Length > "labels.".Length)
            return $"Unknown parameter '{parameter}' (write a label whose name has other characters than letters, digits and _ - . / as {{labels[\"its name\"]}}, with \\ before a \" or \\ in it)";
        if (name.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && values.ContainsKey(name[..colon]))
            return $"Unknown parameter '{parameter}' ({name[..colon]} takes no format; {string.Join(" and ", times.Keys.Order(StringComparer.Ordinal))} do)";
        var meant = Names.FirstOrDefault(x => x.Equals(name, StringComparison.OrdinalIgnoreCase));
        return meant is null
            ? $"Unknown parameter '{parameter}' (known: {string.Join(", ", Names)} and labels.<name>)"
            : $"Unknown parameter '{parameter}' (did you mean '{meant}'?)";
    }
}
