using System.Collections.Frozen;
using NodaTime;
using NodaTime.Text;
using Notify.Contracts.Alarms;

namespace Notify.Rules.Messages;

/// <summary>
/// The parameters a message may use. Words of the system's own (<c>level</c>, <c>state</c>, <c>isAcked</c>, <c>isShelved</c>) are those of the
/// API whatever the reader's language: Critical, ActiveUnacked, Yes, No.
/// </summary>
public static class TemplateParameters
{
    public const string LabelPrefix = "labels.";
    public const string UrlPath = "urlPath";

    private static readonly LocalDateTimePattern timePattern = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss");

    // The calendar ends with the year 9999, also in zones that get there before UTC.
    private static readonly DateTimeOffset lastWithLocalTime = DateTimeOffset.MaxValue.AddDays(-1);

    private static readonly FrozenDictionary<string, Func<AlarmFacts, TemplateContext, string>> values =
        new Dictionary<string, Func<AlarmFacts, TemplateContext, string>>(StringComparer.Ordinal)
        {
            ["ackUser"] = (alarm, _) => alarm.AckUser,
            ["description"] = (alarm, _) => alarm.Description,
            ["eventTime"] = (alarm, context) => LocalTime(alarm.EventTime, context.Zone),
            ["isAcked"] = (alarm, _) => YesOrNo(alarm.State is AlarmState.ActiveAcked or AlarmState.ClearedAcked),
            ["isShelved"] = (alarm, _) => YesOrNo(alarm.Shelved),
            ["level"] = (alarm, _) => alarm.Level.ToString(),
            ["name"] = (alarm, _) => alarm.Name,
            ["path"] = (alarm, _) => alarm.Path,
            ["state"] = (alarm, _) => alarm.State.ToString(),
            ["type"] = (alarm, _) => alarm.Type,
            [UrlPath] = (_, context) => context.UrlPath,
            ["value"] = (alarm, _) => alarm.Value,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Without the labels, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. values.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Null when there is no such parameter. A label that the alarm doesn't have is empty.</summary>
    internal static Func<AlarmFacts, TemplateContext, string>? Find(string name)
    {
        if (values.TryGetValue(name, out var value)) return value;
        if (!name.StartsWith(LabelPrefix, StringComparison.Ordinal) || !IsLabel(name.AsSpan(LabelPrefix.Length))) return null;
        var label = name[LabelPrefix.Length..];
        return (alarm, _) => alarm.Labels.GetValueOrDefault(label, "");
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        foreach (var c in label)
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '-' or '.' or '/'))
                return false;
        return label.Length > 0;
    }

    private static string LocalTime(DateTimeOffset at, DateTimeZone zone) =>
        timePattern.Format(Instant.FromDateTimeOffset(at < lastWithLocalTime ? at : lastWithLocalTime).InZone(zone).LocalDateTime);

    private static string YesOrNo(bool value) => value ? "Yes" : "No";
}
