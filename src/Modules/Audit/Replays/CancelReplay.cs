using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary><c>POST /replays/{id}/cancel</c>: the replay ends after its current chunk. The reason, if any, is in <c>X-Change-Reason</c>.</summary>
public sealed class CancelReplay(NpgsqlDataSource database, IDocumentStore store, EventBatches batches, TimeProvider time)
{
    /// <exception cref="ProblemException">404: there is no such replay; 409: it has already ended.</exception>
    public async Task<ReplayView> RunAsync(string id, AuditContext audit, CancellationToken cancellation) =>
        ReplayView.Of(await ReplayChange.RecordAsync(id, x => x.Cancel(audit.Reason), audit, database, store, batches, time, cancellation));

    public static void Map(RouteGroupBuilder replays) =>
        replays.MapPost("/{id}/cancel", (string id, HttpContext http, CancelReplay cancel) => cancel.RunAsync(id, http.Audit(), http.RequestAborted))
            .Idempotent().Requires(Permission.ReplaysRun).KeepsToPaths()
            .Document("cancelReplay", "Cancel a replay", "What it has already done remains, and is recorded.");
}
