using Notify.Contracts.Delivery;
using Notify.Delivery.Notifications;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Reading;

/// <summary>Traces a notification back to the first that it resends or replays. The trace ends at one that cannot be read: it was archived, or its
/// events were forged.</summary>
public static class TraceNotificationHandler
{
    /// <summary>The maximum length of a trace; a longer chain must be forged.</summary>
    private const int MostRepeats = 100;

    public static async Task<NotificationTraced> Handle(
        TraceNotification query, NpgsqlDataSource database, EventCatalog catalog, CancellationToken cancellation)
    {
        var (chain, merged, replays) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var configuration = new HashSet<TracedVersion>();
        for (var next = query.NotificationId; next is not null && chain.Count <= MostRepeats && !chain.Contains(next, StringComparer.Ordinal);)
        {
            chain.Add(next);
            var events = (await StoredEvents.OfStreamAsync(database, next, cancellation)).ConvertAll(x => catalog.TryRead(x.Type, x.Data));
            merged.UnionWith(events.OfType<AttemptStarted>().Select(x => x.MergedInto).OfType<string>());
            var request = events.OfType<NotificationRequested>().FirstOrDefault();
            if (request?.ReplayId is { } replay) replays.Add(replay);
            if (request is not null) configuration.UnionWith(
                new[] { request.Rule, request.Service, request.Message, request.Schedule }.Select(x => new TracedVersion(x.Id, x.Version)));
            next = request?.ReplayOf;
        }

        return new(chain, [.. merged], [.. replays], [.. configuration]);
    }
}
