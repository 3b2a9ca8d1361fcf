using Marten;
using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Delivery.Flights;

/// <summary>Records messages before they are sent: "attempt started" is committed before the request is made.</summary>
public sealed class FlightRecorder(IDocumentStore store, EventBatches batches, ChannelCatalog channels, ThisNode node, TimeProvider time)
{
    /// <summary>Records "attempt started", and the sends that count towards the pace, in the caller's transaction.</summary>
    public void Record(IReadOnlyList<Flight> flights, EventBatch events, IDocumentSession session)
    {
        foreach (var flight in flights.Where(x => x.Dispatch is not null))
        {
            foreach (var (i, work) in flight.Works.Index())
            {
                events.Append(
                    work.Id, work.Version + 1,
                    i == 0
                        ? new AttemptStarted(work.Attempts + 1, node.Id, flight.IsAskOnly ? [] : flight.Dispatch!.Requests)
                        : new AttemptStarted(work.Attempts + 1, node.Id, [], MergedInto: flight.Works[0].Id),
                    work.Audit);
            }
        }

        CountedSends.QueueInsert(session, [.. flights.SelectMany(x => x.Counted)]);
    }

    /// <summary>Records in one transaction the flights that start, and the notifications that are not sent because a later change of their alarm was
    /// already sent.</summary>
    public async Task SaveAsync(IReadOnlyList<Flight> flights, IReadOnlyList<Work> overtaken, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        var now = time.GetUtcNow();
        Record(flights, events, session);
        Supersede(overtaken, events, session, now);
        await session.SaveChangesAsync(cancellation);
    }

    /// <summary>Another node recorded the notification after a later one of its alarm was sent, or at the same time (docs/decisions/0013). The
    /// receivers who did not get the later one get a notification of their own, which waits for its turn.</summary>
    private void Supersede(IReadOnlyList<Work> overtaken, EventBatch events, IDocumentSession session, DateTimeOffset now)
    {
        const string reason = NotificationTable.Superseded;
        var others = new List<NotificationTable.NewRow>();
        foreach (var work in overtaken)
        {
            var suppressed = events.Append(work.Id, work.Version + 1, new NotificationSuppressed(reason), work.Audit);
            if (work.Untold is not { Count: > 0 } untold) continue;
            var (id, content) = (LateNotification.IdOfOthers(work.Id), work.Request.Content);
            var request = work.Request with
            {
                Lane = work.Lane,
                Receivers = untold,
                Content = LateNotification.Marked(content, work.Request.ChannelType, channels),
            };
            events.Append(id, 1, request, work.Audit with { CausationId = suppressed.ToString() });
            others.Add(new(id, request, null));
        }

        NotificationUpdates.QueueAttempts(session, [.. overtaken.Select(x => new NotificationUpdates.Change(
            x.Id, NotificationStatus.Suppressed, x.Version + 1, x.Attempts, x.Tries, x.RequestsDone, null, now, reason))]);
        events.QueueTo(session, now, NotificationTable.Insert(others, now));
        if (others.Count > 0) NotificationUrgency.QueueRaise(session, [.. others.Select(x => x.Request.AlarmId)]);
    }
}
