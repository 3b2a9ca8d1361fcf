using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Operation.Rebuild;

/// <summary>Rows of read models that somebody had changed were rewritten from their events. Stream <c>restore-…</c>.</summary>
public sealed record ReadModelsRestored(IReadOnlyList<RestoredRow> Rows);

/// <summary><c>POST /configuration/rebuild</c>: writes what lists show anew from the events, where somebody has changed it by SQL.</summary>
internal sealed class RebuildTables(FoldedTables tables, IDocumentStore store, EventBatches batches, ChangeTurns turns, TimeProvider time)
{
    public sealed record Answer(IReadOnlyList<RestoredRow> Restored);

    public async Task<Answer> RunAsync(AuditContext audit, CancellationToken cancellation)
    {
        using var turn = await turns.TakeAsync(cancellation);
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        // No change of configuration comes between.
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        var restored = await tables.RestoreAsync(session, cancellation);
        if (restored.Count > 0)
        {
            var events = batches.New();
            events.Append(Ids.New("restore", time.GetUtcNow()), 1, new ReadModelsRestored(restored), audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(cancellation);
        }

        return new Answer(restored);
    }

    public static void Map(RouteGroupBuilder configuration) =>
        configuration.MapPost("/rebuild", (HttpContext http, RebuildTables rebuild) => rebuild.RunAsync(http.Audit(), http.RequestAborted))
            .Requires(Permission.OperationManage)
            .Document(
                "rebuildConfiguration", "Restore changed tables",
                "Rewrites rows of rules, services, messages, schedules and API keys from the events where they were changed outside Notify. "
                + "No decision was based on the changed rows.");
}
