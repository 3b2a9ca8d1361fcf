using Marten;
using Microsoft.Extensions.Logging;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Bulk;

/// <summary>Works off what was asked for in bulk, some hundreds in one transaction, and goes on after a restart or on another node.</summary>
public sealed class BulkWorker(
    NpgsqlDataSource database, IDocumentStore store, NotificationChange change, EventBatches batches, ThisNode node, TimeProvider time, ILogger<BulkWorker> logger)
    : Worker("Bulk changes", logger)
{
    private const int Chunk = 200;

    /// <summary>Renewed with each chunk.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan idle = TimeSpan.FromSeconds(10);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (await BulkTable.ClaimAsync(database, node.Id, lease, cancellation) is not { } bulk) return idle;
        await WorkAsync(bulk, cancellation);
        return TimeSpan.Zero;
    }

    private async Task WorkAsync(OpenBulk bulk, CancellationToken cancellation)
    {
        var ids = await BulkTable.NextAsync(database, bulk.Id, Chunk, cancellation);
        if (ids.Count > 0)
        {
            await change.ApplyAsync(bulk.Verb, bulk.Reason, ids, bulk.Audit, (session, outcomes) => BulkTable.QueueOutcomes(session, bulk.Id, outcomes), cancellation);
            return;
        }

        var done = (await BulkTable.ReadAsync(database, bulk.Id, cancellation))!;
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(bulk.Id, 2, new BulkCompleted(done.Outcomes), bulk.Audit);
        events.QueueTo(session);
        BulkTable.QueueCompleted(session, bulk.Id, time.GetUtcNow());
        await session.SaveChangesAsync(cancellation);
    }
}
