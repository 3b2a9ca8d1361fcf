using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Replays.Review;

/// <summary>The alarms and notifications that a filter lets through.</summary>
public sealed record ReviewScope(HashSet<string> Alarms, HashSet<string> Notifications)
{
    /// <summary>Changes of the configuration belong to every review: they may be the reason.</summary>
    public bool Holds(ReviewEvent e) =>
        e.IsConfiguration
        || (e.IsAbout("alarm") ? Alarms.Contains(e.StreamId)
            : e.IsAbout("notification") ? Notifications.Contains(e.StreamId)
            : e.IsAbout("deadletter") ? e.Json.TryGetProperty("alarms", out var concerned) && concerned.EnumerateArray().Any(x => Alarms.Contains(x.GetProperty("alarmId").GetString()!))
            : e.IsAbout("decision") && Alarms.Contains(e.Text("alarmId") ?? ""));

    /// <param name="receiver">As in the filter; null: anybody.</param>
    public static bool Reaches(JsonElement request, string? receiver)
    {
        if (receiver is null) return true;
        foreach (var one in request.GetProperty("receivers").EnumerateArray())
        {
            var kind = one.GetProperty("kind").GetString()!;
            var name = one.GetProperty(kind == "bot" ? "alias" : "account").GetString()!;
            if (Names.Same(receiver, name) || Names.Same(receiver, $"{kind}:{name}")) return true;
        }

        return false;
    }

    /// <summary>What a notification has become by its last event: the status that the list of notifications shows.</summary>
    public static string StatusOf(string type, JsonElement data) => type switch
    {
        "delivery.notification_suppressed.v1" or "delivery.notification_cancelled.v1" or "delivery.notification_digested.v1" => "Suppressed",
        "delivery.attempt_started.v1" => "Pending",
        "delivery.attempt_succeeded.v1" => data.GetProperty("failedReceivers").GetArrayLength() == 0 ? "Delivered" : "PartlyDelivered",
        "delivery.attempt_failed.v1" or "delivery.attempt_outcome_unknown.v1" => data.TryGetProperty("retryAt", out _) ? "Scheduled" : "Failed",
        "delivery.notification_failed.v1" => "Failed",
        "delivery.notification_dismissed.v1" => "Dismissed",
        _ => "Scheduled",
    };
}
