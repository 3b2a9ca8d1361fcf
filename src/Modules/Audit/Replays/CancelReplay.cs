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
            var cancellation = http.RequestAborted;
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var (replay, _) = await ReplayTable.LockAsync(connection, id, cancellation);
            if (replay is null) throw ProblemException.NotFound("replay", id);
            var audit = http.Audit();
            var fact = replay.Cancel(audit.Reason);
            replay = Replay.Apply(replay, id, fact, time.GetUtcNow(), audit.Actor, replay.CorrelationId);
            await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
            events.Append(id, replay.Version, fact, audit);
            events.QueueTo(session);
            ReplayTable.QueueUpdate(session, replay);
            await session.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return ReplayView.Of(replay);
        }).Idempotent();
}
