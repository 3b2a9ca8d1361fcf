using Marten;
using Microsoft.Extensions.Logging;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Bulk;

/// <summary>Works off what was asked for in bulk, some hundreds in one transaction, and goes on after a restart or on another node.</summary>
public sealed class BulkWorker(
    NpgsqlDataSource database, IDocumentStore store, NotificationChange change, EventBatches batches, ThisNode node, TimeProvider time,
    ILogger<BulkWorker> logger)
    : Worker("Bulk changes", logger)
{
    private const int Chunk = 200;

    /// <summary>Renewed with each chunk.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan idle = TimeSpan.FromSeconds(10);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (await BulkTable.ClaimAsync(database, node.Id, lease, cancellation) is not { } bulk) return idle;
        if (bulk.Audit is { } audit) await WorkAsync(bulk, audit, cancellation);
        else
        {
            Logger.LogCritical("The record of the bulk operation {Bulk} cannot be read: somebody has changed it. It is not carried out", bulk.Id);
            await BulkTable.GiveUpAsync(database, bulk.Id, time.GetUtcNow(), cancellation);
        }

        return TimeSpan.Zero;
    }

    private async Task WorkAsync(OpenBulk bulk, AuditContext audit, CancellationToken cancellation)
    {
        var ids = await BulkTable.NextAsync(database, bulk.Id, Chunk, cancellation);
        if (ids.Count > 0)
        {
            await change.ApplyAsync(
                bulk.Verb, bulk.Reason, ids, audit, (session, outcomes) => BulkTable.QueueOutcomes(session, bulk.Id, outcomes), cancellation);
            return;
        }

        var done = (await BulkTable.ReadAsync(database, bulk.Id, cancellation))!;
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(bulk.Id, 2, new BulkCompleted(done.Outcomes), audit);
        var now = time.GetUtcNow();
        events.QueueTo(session, now);
        BulkTable.QueueCompleted(session, bulk.Id, now);
        await session.SaveChangesAsync(cancellation);
    }
}
