using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary><c>POST /replays/{id}/cancel</c>: it ends after the step that is under way. The reason, if any, comes in <c>X-Change-Reason</c>.</summary>
public static class CancelReplay
{
    public static void Map(RouteGroupBuilder replays) =>
        replays.MapPost("/{id}/cancel", async (string id, HttpContext http, NpgsqlDataSource database, IDocumentStore store, EventBatch events, TimeProvider time) =>
        {
            var audit = http.Audit();
            return ReplayView.Of(await ReplayChange.RecordAsync(id, x => x.Cancel(audit.Reason), audit, database, store, events, time, http.RequestAborted));
        }).Idempotent().Requires(Permission.ReplaysRun)
            .Document("cancelReplay", "Cancel a replay", "What it has already done remains, and is recorded.");
}
