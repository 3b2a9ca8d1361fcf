using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Delivery.Lanes;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Notifications.Bulk;

/// <summary>Works off what was asked for in bulk, some hundreds in one transaction, and goes on after a restart or on another node.</summary>
public sealed class BulkWorker(
    NpgsqlDataSource database, IDocumentStore store, NotificationChange change, EventCatalog catalog, LaneDispatcher dispatcher, TimeProvider time, ILogger<BulkWorker> logger)
    : BackgroundService
{
    private const int Chunk = 200;

    /// <summary>Renewed with each chunk.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan idle = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim wake = new(0);

    /// <summary>There is something new to do.</summary>
    public void Wake()
    {
        if (wake.CurrentCount == 0) wake.Release();
    }

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await BulkTable.ClaimAsync(database, dispatcher.Node, lease, stoppingToken) is { } bulk) await WorkAsync(bulk, stoppingToken);
                else await wake.WaitAsync(idle, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (ProblemResponses.IsStoreDown(e)) logger.LogWarning("Bulk work waits for the database: {Fault}", e.Message);
                else logger.LogError(e, "Bulk work stumbled, and goes on");
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
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
        var events = new EventBatch(catalog, time);
        events.Append(bulk.Id, 2, new BulkCompleted(done.Outcomes), bulk.Audit);
        events.QueueTo(session);
        BulkTable.QueueCompleted(session, bulk.Id, time.GetUtcNow());
        await session.SaveChangesAsync(cancellation);
    }
}
