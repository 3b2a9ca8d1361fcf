using System.Globalization;
using System.Text.Json;
using Notify.Alarms.Alarms;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary>
/// One alarm as a source reports it. Fields that are not known are passed over here, other than in configuration:
/// a source that says more than it must shall not lose its alarm.
/// </summary>
public static class AlarmReport
{
    private static readonly Dictionary<string, string> noLabels = new(StringComparer.Ordinal);

    /// <summary>Null when the report does not fit; <paramref name="errors"/> then says why.</summary>
    public static AlarmReported? Read(JsonElement item, DateTimeOffset now, Errors errors)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add("", "An alarm must be a JSON object.");
            return null;
        }

        var name = Text(item, "name", 200, errors);
        if (name.Length == 0) errors.Add("name", "A name is required.");
        var report = new AlarmReported(
            name,
            Text(item, "path", 500, errors).Trim('/'),
            Text(item, "type", 100, errors),
            OneOf(item, "level", AlarmLevel.Medium, errors),
            OneOf(item, "state", AlarmState.ActiveUnacked, errors),
            Value(item, errors),
            Time(item, now, errors),
            Text(item, "description", 4000, errors),
            AckMode(item, errors),
            Text(item, "ackUser", 200, errors),
            Text(item, "rule", 64, errors) is { Length: > 0 } rule ? rule : null,
            Labels(item, errors),
            Text(item, "sourceId", 300, errors) is { Length: > 0 } source ? source : null);
        return errors.Any ? null : report;
    }

    /// <summary>The same event (same identity, state and event time) told again changes nothing.</summary>
    public static AlarmCommand Command(AlarmReported report, AuditContext audit)
    {
        var id = Alarm.IdOf(report.SourceId, report.Path, report.Name);
        var eventId = Ids.DerivedGuid(string.Create(CultureInfo.InvariantCulture, $"{id}\n{report.State}\n{report.EventTime.UtcTicks}"));
        return new AlarmCommand(id, _ => report, audit, eventId);
    }

    private static string Text(JsonElement item, string field, int maxLength, Errors errors)
    {
        if (!item.TryGetProperty(field, out var element) || element.ValueKind == JsonValueKind.Null) return "";
        if (element.ValueKind != JsonValueKind.String)
        {
            errors.Add(field, "The value must be text.");
            return "";
        }

        return Checked(Unicode(element, field, errors).Trim(), field, maxLength, errors);
    }

    /// <summary>JSON can escape half of a surrogate pair, which is no character and cannot be stored.</summary>
    private static string Unicode(JsonElement element, string field, Errors errors)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            errors.Add(field, "The text is not valid Unicode.");
            return "";
        }
    }

    private static string Checked(string text, string field, int maxLength, Errors errors)
    {
        if (text.Length > maxLength) errors.Add(field, $"The text has at most {maxLength} characters.");
        if (!PlainText.IsStorable(text)) errors.Add(field, "The text may not contain U+0000.");
        return text;
    }

    /// <summary>A measured value comes as a number, a truth value or text; it is kept as it was written.</summary>
    private static string Value(JsonElement item, Errors errors)
    {
        if (!item.TryGetProperty("value", out var element)) return "";
        switch (element.ValueKind)
        {
            case JsonValueKind.String: return Checked(Unicode(element, "value", errors), "value", 500, errors);
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False: return Checked(element.GetRawText(), "value", 500, errors);
            case JsonValueKind.Null: return "";
            default: errors.Add("value", "The value must be text or a number."); return "";
        }
    }

    private static T OneOf<T>(JsonElement item, string field, T fallback, Errors errors)
        where T : struct, Enum
    {
        if (!item.TryGetProperty(field, out var element) || element.ValueKind == JsonValueKind.Null) return fallback;
        if (element.ValueKind == JsonValueKind.String)
        {
            var text = Unicode(element, field, errors);
            foreach (var value in Enum.GetValues<T>())
                if (text == value.ToString()) return value;
        }

        errors.Add(field, $"Give one of {string.Join(", ", Enum.GetNames<T>())}.");
        return fallback;
    }

    private static AcknowledgeMode AckMode(JsonElement item, Errors errors)
    {
        if (!item.TryGetProperty("ackMode", out var element) || element.ValueKind == JsonValueKind.Null) return AcknowledgeMode.Manual;
        switch (element.ValueKind == JsonValueKind.String ? Unicode(element, "ackMode", errors) : null)
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
        if (element.ValueKind == JsonValueKind.String && IntakeText.Instant(Unicode(element, "eventTime", errors)) is { } time) return time;
        errors.Add("eventTime", Instants.Wanted);
        return now;
    }

    private static Dictionary<string, string> Labels(JsonElement item, Errors errors)
    {
        if (!item.TryGetProperty("labels", out var element) || element.ValueKind == JsonValueKind.Null) return noLabels;
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add("labels", "Labels are an object of texts.");
            return noLabels;
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in element.EnumerateObject())
        {
            if (labels.Count == 64)
            {
                errors.Add("labels", "An alarm has at most 64 labels.");
                break;
            }

            if (IntakeText.NameOf(label) is not { Length: > 0 and <= 128 } name)
            {
                errors.Add("labels", "A label's name has 1 to 128 characters, is valid Unicode and does not contain U+0000.");
                continue;
            }

            var field = $"labels.{name}";
            var value = label.Value.ValueKind switch
            {
                JsonValueKind.String => Unicode(label.Value, field, errors),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => label.Value.GetRawText(),
                _ => null,
            };
            if (value is null) errors.Add(field, "A label's value must be text.");
            else labels[name] = Checked(value, field, 1000, errors);
        }

        return labels;
    }
}
