using Marten;
using Microsoft.Extensions.Logging;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Bulk;

/// <summary>Performs bulk operations, a few hundred notifications in one transaction, and continues after a restart or on another node. What to do,
/// and on whose behalf, is read from the events.</summary>
public sealed class BulkWorker(
    NpgsqlDataSource database, IDocumentStore store, NotificationChange change, EventBatches batches, EventCatalog catalog, ThisNode node,
    TimeProvider time, ILogger<BulkWorker> logger)
    : Worker("Bulk changes", logger)
{
    private const int Chunk = 200;

    /// <summary>The lease is renewed with each chunk.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan idle = TimeSpan.FromSeconds(10);

    /// <summary>The operation in progress; read again after a failure, since another node may have continued it.</summary>
    private UnderWay? current;

    /// <param name="Waiting">The ids of the remaining notifications, in order.</param>
    private sealed record UnderWay(BulkOperation Bulk, Queue<string> Waiting)
    {
        /// <summary>The version of the operation's stream.</summary>
        public long Version { get; set; } = Bulk.Version;

        public Dictionary<string, int> Outcomes { get; } = new(Bulk.Outcomes, StringComparer.Ordinal);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (await BulkTable.ClaimAsync(database, node.Id, lease, cancellation) is not { } id) return idle;
        var bulk = current?.Bulk.Id == id ? current : await ReadAsync(id, cancellation);
        current = null;
        if (bulk is null)
        {
            Logger.LogCritical("The events of the bulk operation {Bulk} cannot be read: somebody has changed them. It is not carried out", id);
            await BulkTable.GiveUpAsync(database, id, time.GetUtcNow(), cancellation);
        }
        else if (bulk.Waiting.Count > 0)
        {
            await AdvanceAsync(bulk, cancellation);
            current = bulk;
        }
        else await CompleteAsync(bulk, cancellation);

        return TimeSpan.Zero;
    }

    private async Task<UnderWay?> ReadAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (events, unreadable) = await AttributedEvents.ReadAsync(connection, [id], catalog, cancellation);
        if (events.Count == 0 || unreadable.Count > 0) return null;
        try
        {
            var bulk = BulkOperation.Fold(events);
            return new UnderWay(bulk, new Queue<string>(bulk.Chosen.Where(x => x.Outcome is null).Select(x => x.Id)));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private async Task AdvanceAsync(UnderWay bulk, CancellationToken cancellation)
    {
        await change.ApplyAsync(
            bulk.Bulk.Request.Verb, bulk.Bulk.Request.Reason, [.. bulk.Waiting.Take(Chunk)], bulk.Bulk.Audit, Record, cancellation);

        Action Record(IDocumentSession session, IReadOnlyList<NotificationChanged> outcomes)
        {
            BulkTable.QueueHold(session, bulk.Bulk.Id);
            var events = batches.New();
            events.Append(bulk.Bulk.Id, bulk.Version + 1, new BulkAdvanced(outcomes), bulk.Bulk.Audit);
            events.QueueTo(session);
            BulkTable.QueueOutcomes(session, bulk.Bulk.Id, outcomes);
            return () =>
            {
                bulk.Version++;
                foreach (var x in outcomes)
                {
                    bulk.Waiting.Dequeue();
                    bulk.Outcomes[x.Outcome] = bulk.Outcomes.GetValueOrDefault(x.Outcome) + 1;
                }
            };
        }
    }

    private async Task CompleteAsync(UnderWay bulk, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var (events, now) = (batches.New(), time.GetUtcNow());
        BulkTable.QueueCompleted(session, bulk.Bulk.Id, now);
        if (bulk.Bulk.CompletedAt is null)
        {
            events.Append(bulk.Bulk.Id, bulk.Version + 1, new BulkCompleted(bulk.Outcomes), bulk.Bulk.Audit);
            events.QueueTo(session, now);
        }

        await session.SaveChangesAsync(cancellation);
    }
}
