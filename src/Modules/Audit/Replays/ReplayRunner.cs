using Marten;
using Marten.Services;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary>
/// Works on replays, chunk by chunk, one at a time on each node. A chunk's parts, its state and its events are one transaction: if its node fails, a
/// replay continues where it stopped, on any node, once the lease has run out.
/// </summary>
public sealed class ReplayRunner(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, ThisNode thisNode, IEnumerable<IReplayMode> modes, TimeProvider time,
    ILogger<ReplayRunner> logger)
    : Worker("Replays", logger)
{
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan idle = TimeSpan.FromSeconds(2);

    private readonly string node = thisNode.Id;
    private readonly Dictionary<ReplayMode, IReplayMode> byMode = modes.ToDictionary(x => x.Mode);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (await ReplayTable.ClaimAsync(database, node, lease, cancellation) is not { } claimed) return idle;
        if (claimed.Replay.IsUnreadable)
        {
            Logger.LogCritical("The record of replay {Replay} cannot be read: somebody has changed it. It is marked as failed", claimed.Replay.Id);
            await ReplayTable.GiveUpAsync(database, claimed.Replay.Id, cancellation);
            return TimeSpan.Zero;
        }

        await RunAsync(claimed.Replay, claimed.State, cancellation);
        return TimeSpan.Zero;
    }

    private async Task RunAsync(Replay replay, byte[]? state, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                ReplayChunk chunk;
                // Everything read or sent during a replay is limited to its author's paths.
                PathLimit.To(replay.Request.Paths ?? []).Apply();
                try
                {
                    chunk = await byMode[replay.Request.Mode].NextAsync(replay, state, stopping);
                }
                catch (Exception e) when (StoreFault.IsOfOne(e) && !WriteConflict.Is(e))
                {
                    Logger.LogError(e, "Replay {Replay} failed", replay.Id);
                    await FailAsync(replay, e, stopping);
                    return;
                }

                if (await SaveAsync(replay, chunk, stopping) is not { IsOpen: true } next) return;
                (replay, state) = (next, chunk.State);
                if (chunk.Wait > TimeSpan.Zero) await Task.Delay(chunk.Wait, time, stopping);
            }
        }
        finally
        {
            // So that another node need not wait for the lease to run out.
            await ReplayTable.ReleaseAsync(database, replay.Id, node, CancellationToken.None);
        }
    }

    /// <returns>The replay after the chunk; null: it was cancelled, or another node has taken it over.</returns>
    private async Task<Replay?> SaveAsync(Replay replay, ReplayChunk chunk, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await LockAsync(connection, replay.Id, cancellation) is not { } current) return null;
        await ReportStore.WriteAsync(connection, replay.Id, chunk.Parts, cancellation);
        object? fact = chunk.Result is { } result
            ? new ReplayCompleted(result, await ReportStore.FingerprintsAsync(connection, replay.Id, cancellation), chunk.Total)
            : Quarter(chunk.Done, chunk.Total) > Quarter(current.Done, current.Total) ? new ReplayProgressed(chunk.Done, chunk.Total)
            : null;
        var next = await RecordAsync(
            current with { Status = ReplayStatus.Running, Done = chunk.Done, Total = chunk.Total }, fact, transaction, cancellation);
        await using var command = new NpgsqlCommand(
            $"update {ReplayTable.Name} set state = $2, lease_until = now() + $3 where id = $1", connection, transaction);
        command.Parameters.AddWithValue(replay.Id);
        command.Parameters.AddWithValue(next.IsOpen ? chunk.State : DBNull.Value);
        command.Parameters.AddWithValue(lease);
        await command.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    private async Task FailAsync(Replay replay, Exception fault, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await LockAsync(connection, replay.Id, cancellation) is not { } current) return;
        // The log has the details; the exception's text may contain what not everybody may see.
        await RecordAsync(current,
            new ReplayFailed(fault is ProblemException ? fault.Message : $"An unexpected fault ({fault.GetType().Name}); the log says more."),
            transaction, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private async Task<Replay?> LockAsync(NpgsqlConnection connection, string id, CancellationToken cancellation)
    {
        var (current, holder) = await ReplayTable.LockAsync(connection, id, cancellation);
        return holder == node && current is { IsOpen: true } ? current : null;
    }

    private async Task<Replay> RecordAsync(Replay replay, object? fact, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        if (fact is not null)
        {
            var events = batches.New();
            var now = Instants.Cut(time.GetUtcNow());
            replay = Replay.Apply(replay, replay.Id, fact, now, Actor.System, replay.CorrelationId);
            events.Append(replay.Id, replay.Version, fact, AuditContext.OfSystem(replay.CorrelationId, reason: replay.Request.Reason));
            events.QueueTo(session, now);
        }

        ReplayTable.QueueUpdate(session, replay);
        await session.SaveChangesAsync(cancellation);
        return replay;
    }

    private static long Quarter(long done, long total) => total == 0 ? 0 : Math.Min(3, done * 4 / total);
}
