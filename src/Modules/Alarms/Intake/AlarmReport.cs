using System.Globalization;
using System.Text.Json;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>Reads one alarm as a source reports it. Unlike in configuration, unknown fields are not refused but kept as labels (<see
/// cref="UnknownFields"/>): a source that sends additional fields must not lose its alarm. Nor must an invalid character lose it: that is replaced,
/// and the answer contains a warning.</summary>
public static class AlarmReport
{
    private static readonly Dictionary<string, ReportFields> fields = new(StringComparer.Ordinal)
    {
        ["name"] = ReportFields.None,
        ["path"] = ReportFields.Path,
        ["type"] = ReportFields.Type,
        ["level"] = ReportFields.Level,
        ["state"] = ReportFields.None,
        ["value"] = ReportFields.Value,
        ["eventTime"] = ReportFields.EventTime,
        ["description"] = ReportFields.Description,
        ["ackMode"] = ReportFields.AckMode,
        ["ackUser"] = ReportFields.AckUser,
        ["rule"] = ReportFields.Rule,
        ["labels"] = ReportFields.Labels,
        ["sourceId"] = ReportFields.None,
    };

    public static IReadOnlyCollection<string> Fields => fields.Keys;

    public static bool IsField(string name) => fields.ContainsKey(name);

    /// <summary>Null when the report is invalid; <paramref name="errors"/> then says why.</summary>
    /// <param name="warnings">Receives what was changed on acceptance, and the unknown fields.</param>
    public static SourceReport? Read(JsonElement item, DateTimeOffset now, Errors errors, Errors? warnings = null)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add("", "An alarm must be a JSON object.");
            return null;
        }

        now = Instants.Cut(now);
        var texts = new Texts(item, errors, warnings ?? new Errors());
        var name = texts.Name("name", 200);
        if (name.Length == 0) errors.Add("name", "A name is required.");
        var report = new AlarmReported(
            name,
            texts.Name("path", 500).Trim('/'),
            texts.Name("type", 100),
            OneOf(item, "level", AlarmLevel.Medium, errors),
            OneOf(item, "state", AlarmState.ActiveUnacked, errors),
            texts.Value(),
            Time(item, now, errors),
            texts.Text("description", 4000).Trim(),
            AckMode(item, errors),
            texts.Name("ackUser", 200),
            texts.Name("rule", 64) is { Length: > 0 } rule ? rule : null,
            texts.Labels(),
            texts.Id("sourceId", 300) is { Length: > 0 } source ? source : null);
        if (UnknownFields.Keep(item, report.Labels, warnings) is { } labels) report = report with { Labels = labels };
        return errors.Any ? null : SourceReport.Heard(report, Given(item), now);
    }

    /// <summary>The same event (same identity, state and event time) reported again is a repeat.</summary>
    public static AlarmCommand Command(SourceReport said, AuditContext audit)
    {
        var report = said.Report;
        var id = Alarm.IdOf(report.SourceId, report.Path, report.Name);
        return new AlarmCommand(id, said.Decide, audit, EventId(id, report.State, report.GivenEventTime ?? report.EventTime), said,
            report.Path);
    }

    public static Guid EventId(string alarmId, AlarmState state, DateTimeOffset eventTime) =>
        Ids.DerivedGuid(string.Create(CultureInfo.InvariantCulture, $"{alarmId}\n{state}\n{eventTime.UtcTicks}"));

    /// <summary>The fields that are present; null counts as absent.</summary>
    private static ReportFields Given(JsonElement item)
    {
        var given = ReportFields.None;
        foreach (var (field, flag) in fields)
            if (flag != ReportFields.None && item.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null) given |= flag;
        return given;
    }

    private static T OneOf<T>(JsonElement item, string field, T fallback, Errors errors)
        where T : struct, Enum
    {
        if (!item.TryGetProperty(field, out var element) || element.ValueKind == JsonValueKind.Null) return fallback;
        if (element.ValueKind == JsonValueKind.String)
        {
            var text = IntakeText.Of(element);
            foreach (var value in Enum.GetValues<T>())
                if (text == value.ToString()) return value;
        }

        errors.Add(field, $"Give one of {string.Join(", ", Enum.GetNames<T>())}.");
        return fallback;
    }

    private static AcknowledgeMode AckMode(JsonElement item, Errors errors)
    {
        if (!item.TryGetProperty("ackMode", out var element) || element.ValueKind == JsonValueKind.Null) return AcknowledgeMode.Manual;
        switch (element.ValueKind == JsonValueKind.String ? IntakeText.Of(element) : null)
        {
            case "automatic": return AcknowledgeMode.Automatic;
            case "manual": return AcknowledgeMode.Manual;
            case "manualWithNote": return AcknowledgeMode.ManualWithNote;
            default: errors.Add("ackMode", "Give one of automatic, manual, manualWithNote."); return AcknowledgeMode.Manual;
        }
    }

    private static DateTimeOffset Time(JsonElement item, DateTimeOffset now, Errors errors)
    {
        if (!item.TryGetProperty("eventTime", out var element) || element.ValueKind == JsonValueKind.Null) return now;
        if (element.ValueKind == JsonValueKind.String && IntakeText.Instant(IntakeText.Of(element) ?? "") is { } time) return time;
        errors.Add("eventTime", Instants.Wanted);
        return now;
    }
}
