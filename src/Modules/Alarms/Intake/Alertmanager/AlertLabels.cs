using Notify.Contracts.Alarms;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>The labels of an alarm as Alertmanager's API shows them: what a filter and a silence are compared with.</summary>
internal static class AlertLabels
{
    public static Dictionary<string, string> Of(AlarmFacts alarm)
    {
        var labels = new Dictionary<string, string>(alarm.Labels.Count + 3, StringComparer.Ordinal);
        foreach (var (name, value) in alarm.Labels)
            if (name != Alert.GeneratorUrl && !name.StartsWith(Alert.AnnotationPrefix, StringComparison.Ordinal)) labels[name] = value;
        // Alarms that came another way have no name among their labels.
        if (!labels.TryAdd("alertname", alarm.Name)) return labels;
        if (alarm.Path.Length > 0) labels.TryAdd("path", alarm.Path);
        labels.TryAdd("severity", alarm.Level.ToString().ToLowerInvariant());
        return labels;
    }
}
