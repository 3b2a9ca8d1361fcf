using Notify.Channels;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>Reads notifications from their events.</summary>
internal static class NotificationReader
{
    /// <summary>For display: notifications whose events cannot be read are filled from their rows.</summary>
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

    /// <returns>By id; without those that do not exist, were archived, or whose events cannot be read. Empty if any id is not one of a
    /// notification.</returns>
    public static async Task<Dictionary<string, Notification>> LoadAsync(EventReader events, string[] ids, CancellationToken cancellation)
    {
        var loaded = new Dictionary<string, Notification>(StringComparer.Ordinal);
        if (!ids.All(x => x.StartsWith("notification-", StringComparison.Ordinal))) return loaded;
        foreach (var stream in (await events.ReadAsync(ids, cancellation)).GroupBy(x => x.StreamId, StringComparer.Ordinal))
            if (TryFold(stream.Key, stream) is { } n) loaded[stream.Key] = n;
        return loaded;
    }

    /// <returns>Null: the events are not those of a notification; somebody has changed them.</returns>
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
