using Notify.Channels;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>Notifications as their events say.</summary>
internal static class NotificationReader
{
    /// <summary>To be shown: those whose events cannot be read, as their rows know them.</summary>
    public static async Task<Dictionary<string, Notification>> LoadShownAsync(
        NpgsqlDataSource database, EventReader events, ChannelCatalog channels, string[] ids, CancellationToken cancellation)
    {
        var loaded = await LoadAsync(events, ids, cancellation);
        string[] others = [.. ids.Where(x => !loaded.ContainsKey(x))];
        if (others.Length > 0)
            foreach (var x in await NotificationTable.ReadUnreadableAsync(database, channels, others, cancellation)) loaded[x.Id] = x;
        var instead = loaded.Values.Where(x => x.Request.Otherwise is not null && x.Status != NotificationStatus.Delivered)
            .ToDictionary(x => Notification.IdInsteadOf(x.Id), StringComparer.Ordinal);
        if (instead.Count > 0)
            foreach (var id in await Streams.ExistingAsync(database, [.. instead.Keys], cancellation))
                loaded[instead[id].Id] = instead[id] with { SentInstead = id };
        return loaded;
    }

    /// <returns>By id; one that there is not, whose events were put away, or whose events cannot be read is left out.</returns>
    public static async Task<Dictionary<string, Notification>> LoadAsync(EventReader events, string[] ids, CancellationToken cancellation)
    {
        var loaded = new Dictionary<string, Notification>(StringComparer.Ordinal);
        if (!ids.All(x => x.StartsWith("notification-", StringComparison.Ordinal))) return loaded;
        foreach (var stream in (await events.ReadAsync(ids, cancellation)).GroupBy(x => x.StreamId, StringComparer.Ordinal))
            if (TryFold(stream.Key, stream) is { } n) loaded[stream.Key] = n;
        return loaded;
    }

    /// <returns>Null: its events do not make a notification; somebody has changed them.</returns>
    private static Notification? TryFold(string id, IEnumerable<StoredEvent> events)
    {
        try
        {
            return events.Aggregate((Notification?)null, (n, e) => Notification.Apply(n, id, e.Data, e.At, e.CorrelationId));
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }
}
