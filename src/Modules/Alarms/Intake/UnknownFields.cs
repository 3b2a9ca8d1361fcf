using System.Text.Json;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>Unknown fields of a reported alarm: a misspelt one must not go unnoticed, and an additional one must not lose the alarm. Therefore each
/// causes a warning, and is kept as the label <c>x_&lt;field&gt;</c>.</summary>
internal static class UnknownFields
{
    private const string Prefix = "x_";
    private const int MostLabels = 64;
    /// <summary>As many as may be kept; a name that stands beyond is counted.</summary>
    private const int MostNamed = MostLabels;

    private const int LongestName = 128;
    private const int LongestValue = 1000;

    /// <summary>The names that other systems use for the fields.</summary>
    private static readonly Dictionary<string, string> others = new(StringComparer.OrdinalIgnoreCase)
    {
        ["severity"] = "level",
        ["priority"] = "level",
        ["status"] = "state",
        ["time"] = "eventTime",
        ["timestamp"] = "eventTime",
        ["startsAt"] = "eventTime",
        ["message"] = "description",
        ["text"] = "description",
        ["summary"] = "description",
        ["tags"] = "labels",
        ["id"] = "sourceId",
        ["alarmId"] = "sourceId",
        ["title"] = "name",
        ["acknowledgedBy"] = "ackUser",
    };

    /// <summary>The labels of the report with those of unknown fields; null when there are none.</summary>
    /// <param name="labels">The labels in the report.</param>
    public static Dictionary<string, string>? Keep(JsonElement item, IReadOnlyDictionary<string, string> labels, Errors? warnings)
    {
        Dictionary<string, string>? kept = null;
        var unknown = 0;
        foreach (var field in item.EnumerateObject())
        {
            // An unreadable name is reported elsewhere.
            if (IntakeText.NameOf(field) is not { } name || AlarmReport.IsField(name)) continue;
            kept ??= labels.ToDictionary(StringComparer.Ordinal);
            var label = Fit(Prefix + Names.Readable(name, out _), LongestName);
            var value = field.Value.ValueKind == JsonValueKind.String ? IntakeText.Of(field.Value) : field.Value.GetRawText();
            var isKept = value is not null && (kept.Count < MostLabels || kept.ContainsKey(label));
            if (isKept) kept[label] = Fit(value!, LongestValue);
            if (++unknown > MostNamed) continue;
            warnings?.Add(name, isKept ? $"{Meant(name)} Its value is kept as the label '{label}'." : $"{Meant(name)} Its value is not kept.");
        }

        if (unknown > MostNamed) warnings?.Add("", $"There are {unknown} unknown fields; the first {MostNamed} are listed.");
        return kept;
    }

    /// <summary>For a report that is not recorded: each unknown field is a fault.</summary>
    public static void Refuse(IEnumerable<string> names, Errors errors)
    {
        foreach (var name in names.Where(x => !AlarmReport.IsField(x)).Take(MostNamed)) errors.Add(name, Meant(name));
    }

    private static string Meant(string name) =>
        others.TryGetValue(name, out var known)
            ? $"There is no field '{name}'. Did you mean '{known}'?" : Misspelling.Of("field", name, AlarmReport.Fields);

    /// <summary>Cuts the text to the given length, but not within a surrogate pair.</summary>
    private static string Fit(string text, int maxLength) =>
        text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}
