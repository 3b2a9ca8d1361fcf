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
internal static class RebuildTables
{
    private sealed record Answer(IReadOnlyList<RestoredRow> Restored);

    public static void Map(RouteGroupBuilder configuration) =>
        configuration.MapPost("/rebuild", async (HttpContext http, FoldedTables tables, IDocumentStore store, EventBatch events, ChangeTurns turns, TimeProvider time) =>
        {
            using var turn = await turns.TakeAsync(http.RequestAborted);
            await using var session = store.LightweightSession();
            await session.BeginTransactionAsync(http.RequestAborted);
            // No change of configuration comes between.
            await ConfigurationStamp.AdvanceAsync(session, http.RequestAborted);
            var restored = await tables.RestoreAsync(session, http.RequestAborted);
            if (restored.Count > 0)
            {
                events.Append(Ids.New("restore", time.GetUtcNow()), 1, new ReadModelsRestored(restored), http.Audit());
                events.QueueTo(session);
                await session.SaveChangesAsync(http.RequestAborted);
            }

            return new Answer(restored);
        }).Requires(Permission.OperationManage)
            .Document(
                "rebuildConfiguration", "Restore changed tables",
                "Rewrites rows of rules, services, messages, schedules and API keys from the events where they were changed outside Notify. "
                + "No decision was based on the changed rows.");
}
