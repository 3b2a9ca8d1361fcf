using Notify.Contracts.Delivery;
using Notify.Delivery.Notifications;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Reading;

/// <summary>Follows a notification back to the first that it repeats. What cannot be read ends the trace: it was put away, or somebody else has
/// written it.</summary>
public static class TraceNotificationHandler
{
    /// <summary>A repeat of a repeat of a repeat, and so on: one that goes further back was made up.</summary>
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
