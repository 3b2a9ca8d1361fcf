using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Audit.Pages;

/// <summary>The kind of a moment: determines its colour, and one can jump to the next of the same kind.</summary>
public enum MomentKind
{
    Alarm,
    People,
    Decision,
    Sending,
    Failure,
    Configuration,
}

/// <summary>One entry of the report of a review, as the player needs it.</summary>
/// <param name="State">The alarm's state from then on; null: unchanged.</param>
public sealed record ReplayMoment(
    long Sequence, DateTimeOffset At, string Type, MomentKind Kind, string? AlarmId, string? AlarmName, string? AlarmPath, string? Level,
    string? State)
{
    private static readonly string[] configured = ["rule", "service", "message", "schedule", "drill", "source", "user", "group", "role", "apikey"];

    /// <summary>All moments of a report, in its order.</summary>
    public static List<ReplayMoment> ReadAll(JsonObject report) => [.. (report["timeline"] as JsonArray ?? []).OfType<JsonObject>().Select(Of)];

    private static ReplayMoment Of(JsonObject entry)
    {
        var type = entry["type"]!.GetValue<string>();
        var resource = entry["resource"]?.GetValue<string>() ?? "";
        var data = entry["data"] as JsonObject;
        return new(
            entry["sequence"]!.GetValue<long>(), entry["at"].Deserialize<DateTimeOffset>(), type, KindOf(type, resource),
            Text(entry["alarm"]?["id"]) ?? Text(data?["alarmId"]), Text(entry["alarm"]?["name"]) ?? Text(data?["alarmName"]) ?? Text(data?["name"]),
            Text(entry["alarm"]?["path"]) ?? Text(data?["alarmPath"]),
            type.StartsWith("alarms.", StringComparison.Ordinal) ? Text(data?["level"]) : null,
            type.StartsWith("alarms.alarm_reported.", StringComparison.Ordinal) ? Text(data?["state"])
            : type.StartsWith("alarms.alarm_acknowledged.", StringComparison.Ordinal) ? Acknowledged : null);
    }

    /// <summary>The state after an acknowledgement, whatever it was before.</summary>
    public const string Acknowledged = "acknowledged";

    private static MomentKind KindOf(string type, string resource)
    {
        if (configured.Contains(resource.Split('-')[0], StringComparer.Ordinal)) return MomentKind.Configuration;
        var (module, name) = type.Split('.') is [var first, var second, ..] ? (first, second) : (type, "");
        return module switch
        {
            "alarms" => name is "alarm_acknowledged" or "alarm_shelved" or "alarm_unshelved" ? MomentKind.People : MomentKind.Alarm,
            "delivery" => name is "attempt_failed" or "attempt_outcome_unknown" or "lane_blocked" or "notification_failed" or "notification_suppressed"
                or "notification_cancelled" ? MomentKind.Failure : MomentKind.Sending,
            "audit" => MomentKind.Failure,
            _ => MomentKind.Decision,
        };
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
