using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>How an alert's labels and annotations become an alarm. Sections <c>Notify:Intake:Alertmanager</c> and <c>Notify:Intake:Grafana</c>. Each
/// is a pattern: text with <c>{label}</c>, <c>{annotations.name}</c>, or <c>{first|second}</c> for the first of these that the alert has.</summary>
public sealed class AlertMapping
{
    public string Name { get; set; } = "{alertname}";

    /// <summary>If it gives nothing, <see cref="PathOtherwise"/> is used. Empty segments are omitted.</summary>
    public string Path { get; set; } = "{path}";

    public string PathOtherwise { get; set; } = "{cluster}/{namespace}/{job}/{instance}";

    public string Type { get; set; } = "{type}";

    public string Value { get; set; } = "{value|annotations.value}";

    /// <summary>Empty lines are omitted.</summary>
    public string Description { get; set; } = "{annotations.summary}\n{annotations.description|annotations.message}";

    public string Level { get; set; } = "{severity|level|priority}";

    /// <summary>Words for levels in addition to the common ones, ignoring case: <c>p1</c> = <c>Critical</c>.</summary>
    public Dictionary<string, AlarmLevel> Levels { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>For an alert without a level, or with an unknown one.</summary>
    public AlarmLevel DefaultLevel { get; set; } = AlarmLevel.Medium;

    public AcknowledgeMode AckMode { get; set; } = AcknowledgeMode.Manual;

    /// <summary>How long an alert that gives no end is valid unless it is repeated. More than zero.</summary>
    public TimeSpan ResolveTimeout { get; set; } = TimeSpan.FromMinutes(5);

    public AlarmLevel LevelOf(Alert alert)
    {
        var word = alert.Fill(Level).Trim();
        if (Levels.Where(x => x.Key.Equals(word, StringComparison.OrdinalIgnoreCase)).Select(x => (AlarmLevel?)x.Value)
            .FirstOrDefault() is { } given) return given;
        return LevelWords.Of(word) ?? DefaultLevel;
    }

    public AlarmReported Report(Alert alert, AlarmState state, DateTimeOffset eventTime, DateTimeOffset? expiresAt = null)
    {
        var path = Segments(Filled(Path));
        var name = Fit(Filled(Name), 200);
        return new AlarmReported(
            name.Length > 0 ? name : "Alert",
            Fit(path.Length > 0 ? path : Segments(Filled(PathOtherwise)), 500).TrimEnd('/'),
            Fit(Filled(Type), 100),
            LevelOf(alert),
            state,
            Fit(alert.Fill(Value), 500),
            eventTime,
            Fit(string.Join('\n', alert.Fill(Description).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)), 4000),
            AckMode,
            "",
            null,
            Kept(alert),
            alert.Fingerprint,
            expiresAt)
        {
            Start = alert.StartsAt,
        };

        string Filled(string pattern) => Names.Readable(alert.Fill(pattern), out _);
    }

    /// <summary>Labels under their own names, and annotations and further fields that a message may show, such as the address of a runbook.</summary>
    private static Dictionary<string, string> Kept(Alert alert)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in alert.Labels) Keep(name, value);
        foreach (var (name, value) in alert.Annotations) Keep(AlertLabels.AnnotationPrefix + name, value);
        foreach (var (name, value) in alert.Extras) Keep(name, value);
        return kept;

        // A source with more labels than an alarm can have must not lose its alarm.
        void Keep(string name, string value)
        {
            name = Names.Readable(name, out _);
            if (kept.Count < 200 && name.Length is > 0 and <= 256) kept.TryAdd(name, Fit(value, 2000));
        }
    }

    private static string Segments(string path) =>
        string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Cuts the text to the given length, but not within a surrogate pair.</summary>
    private static string Fit(string text, int maxLength)
    {
        text = text.Trim();
        return text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
    }
}
