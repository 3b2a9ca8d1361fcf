using Notify.Contracts.Alarms;

namespace Notify.Alarms.Silences;

/// <summary>The labels of an alarm in Alertmanager's API, with which filters and silences are compared.</summary>
public static class AlertLabels
{
    /// <summary>The prefix of labels that hold an alert's annotations.</summary>
    public const string AnnotationPrefix = "annotations.";

    public const string GeneratorUrl = "generatorURL";

    public static Dictionary<string, string> Of(AlarmFacts alarm)
    {
        var labels = new Dictionary<string, string>(alarm.Labels.Count + 3, StringComparer.Ordinal);
        foreach (var (name, value) in alarm.Labels)
            if (name != GeneratorUrl && !name.StartsWith(AnnotationPrefix, StringComparison.Ordinal)) labels[name] = value;
        // Alarms from other sources have no alertname label.
        if (!labels.TryAdd("alertname", alarm.Name)) return labels;
        if (alarm.Path.Length > 0) labels.TryAdd("path", alarm.Path);
        labels.TryAdd("severity", alarm.Level.ToString().ToLowerInvariant());
        return labels;
    }
}
