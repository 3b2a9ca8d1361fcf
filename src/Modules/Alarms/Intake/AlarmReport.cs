using System.Globalization;
using System.Text.Json;
using Notify.Alarms.Alarms;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>
/// One alarm as a source reports it. Fields that are not known are passed over here, other than in configuration: a source that says more than it
/// must shall not lose its alarm. Nor shall it lose it for an odd character: that is made readable, and the answer says so.
/// </summary>
public static class AlarmReport
{
    /// <summary>Null when the report does not fit; <paramref name="errors"/> then says why.</summary>
    /// <param name="warnings">What was taken otherwise than it was given.</param>
    public static AlarmReported? Read(JsonElement item, DateTimeOffset now, Errors errors, Errors? warnings = null)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add("", "An alarm must be a JSON object.");
            return null;
        }

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
        return errors.Any ? null : report;
    }

    /// <summary>The same event (same identity, state and event time) told again changes nothing.</summary>
    public static AlarmCommand Command(AlarmReported report, AuditContext audit)
    {
        var id = Alarm.IdOf(report.SourceId, report.Path, report.Name);
        var eventId = Ids.DerivedGuid(string.Create(CultureInfo.InvariantCulture, $"{id}\n{report.State}\n{report.EventTime.UtcTicks}"));
        return new AlarmCommand(id, _ => report, audit, eventId);
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
