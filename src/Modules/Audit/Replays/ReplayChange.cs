using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary>Records an event of a replay and updates the replay's row, in one transaction and under the row's lock, so that it does not conflict with
/// what the runner saves.</summary>
internal static class ReplayChange
{
    /// <param name="decide">Decides on the current replay; may throw a <see cref="ProblemException"/>.</param>
    /// <returns>The replay after it.</returns>
    /// <exception cref="ProblemException">404: there is no such replay.</exception>
    public static async Task<Replay> RecordAsync(
        string id, Func<Replay, object> decide, AuditContext audit, NpgsqlDataSource database, IDocumentStore store, EventBatches batches,
        TimeProvider time, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var (found, _) = await ReplayTable.LockAsync(connection, id, cancellation);
        if (found is not { IsSeen: true }) throw ProblemException.NotFound("replay", id);
        var fact = decide(found);
        var replay = Replay.Apply(found, id, fact, time.GetUtcNow(), audit.Actor, found.CorrelationId);
        await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
        var events = batches.New();
        events.Append(id, replay.Version, fact, audit);
        events.QueueTo(session);
        ReplayTable.QueueUpdate(session, replay);
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return replay;
    }
}
