using Notify.Kernel.Events;

namespace Notify.Delivery.Notifications;

/// <summary>Notifications as their events say.</summary>
internal static class NotificationReader
{
    /// <returns>By id; one that there is not, or whose events were put away, is left out.</returns>
    public static async Task<Dictionary<string, Notification>> LoadAsync(EventReader events, string[] ids, CancellationToken cancellation)
    {
        var loaded = new Dictionary<string, Notification>(StringComparer.Ordinal);
        if (!ids.All(x => x.StartsWith("notification-", StringComparison.Ordinal))) return loaded;
        foreach (var e in await events.ReadAsync(ids, cancellation))
            loaded[e.StreamId] = Notification.Apply(loaded.GetValueOrDefault(e.StreamId), e.StreamId, e.Data, e.At, e.CorrelationId);
        return loaded;
    }
}
