using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Retention;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <param name="Running">Null: none is running on this node.</param>
public sealed record VerificationState(VerificationProgress? Running, DateTimeOffset? LastAt, VerificationResult? Last);

public sealed record VerificationProgress(DateTimeOffset StartedAt, long Entries);

/// <summary>
/// Runs verifications one at a time, and a complete one automatically each day, on one node. Each is recorded; a bad one raises an alarm
/// (<see cref="LogIntegrity"/>).
/// </summary>
public sealed class Verifications(
    LogVerifier verifier, LogIntegrity integrity, Expiry expiry, EventFollower follower, CheckpointSigner signer, NpgsqlDataSource database,
    MasterKey key, Marks marks, IDocumentStore store, EventBatches batches,
    IConfiguration configuration, TimeProvider time, ILogger<Verifications> logger)
    : Worker("Daily verification", logger, startsAfter: Interval(configuration))
{
    /// <summary>The key of an advisory lock; its value has no meaning.</summary>
    public const long LockKey = 0x4E6F74696679_0002;

    private static TimeSpan Interval(IConfiguration configuration) =>
        configuration.GetValue("Notify:Audit:VerificationCheckInterval", TimeSpan.FromMinutes(10));

    private const long Everything = long.MaxValue;
    private readonly SemaphoreSlim turn = new(1, 1);
    private VerificationState state = new(null, null, null);
    private bool isWhole;

    public VerificationState State => state;

    /// <summary>The progress of a verification of the whole history on this node; null: none is running.</summary>
    public VerificationProgress? WholeUnderWay => isWhole ? state.Running : null;

    /// <summary>Verifies everything, or the events of a period.</summary>
    /// <exception cref="ProblemException">400: the period is invalid; 409: another verification is running on this node.</exception>
    public async Task<VerificationResult> VerifyAsync(DateTimeOffset? from, DateTimeOffset? to, AuditContext audit, CancellationToken cancellation)
    {
        if (from >= to) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        if (!await turn.WaitAsync(TimeSpan.FromSeconds(1), cancellation)) throw ProblemException.Conflict(
            "A verification is running; GET /audit/verify shows its progress.");
        try
        {
            return await VerifyAndRecordAsync(false, from, to, audit, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await VerifyDailyAsync(cancellation);
        return Interval(configuration);
    }

    /// <summary>
    /// Verifies on the first node that gets the lock; afterwards the mark of the day keeps others from repeating it. Somebody who can write to the
    /// database can remove the mark, which only causes one more verification, but cannot forge one.
    /// </summary>
    public async Task VerifyDailyAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await turn.WaitAsync(cancellation);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await using (var command = new NpgsqlCommand($"select pg_try_advisory_xact_lock({LockKey})", connection))
            {
                if (!(bool)(await command.ExecuteScalarAsync(cancellation))!) return;
            }

            if ((await marks.VerifiedAsync(connection, cancellation))?.DailyAt?.UtcDateTime.Date == now.UtcDateTime.Date) return;

            // Read before the verification, so that a hold that is removed from the history after it still takes effect.
            var holds = await HoldsAsync(cancellation);
            var result = await VerifyAndRecordAsync(
                true, null, null, AuditContext.OfSystem(Ids.NewGuid(now).ToString("N"), reason: "daily verification"), cancellation);
            // Nothing is archived from a history that fails verification: it may be needed to find out what happened.
            if (result.Valid) await ExpireAsync(holds, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.Log(StoreFault.IsStoreDown(e)
                ? LogLevel.Warning : LogLevel.Error, e, "The daily verification could not be done; trying again");
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task ExpireAsync(IReadOnlyList<LegalHold> holds, CancellationToken cancellation)
    {
        try
        {
            await expiry.ExpireAsync(cancellation, holds);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.Log(
                StoreFault.IsStoreDown(e) ? LogLevel.Warning : LogLevel.Error, e,
                "Events past their retention could not be removed; trying again after tomorrow's verification");
        }
    }

    private async Task<IReadOnlyList<LegalHold>> HoldsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await HoldsOnRecord.ReadAsync(connection, key, cancellation)).Open;
    }

    private async Task<VerificationResult> VerifyAndRecordAsync(
        bool daily, DateTimeOffset? from, DateTimeOffset? to, AuditContext audit, CancellationToken cancellation)
    {
        var started = time.GetUtcNow();
        isWhole = from is null && to is null;
        state = state with { Running = new(started, 0) };
        try
        {
            await follower.CatchUpAsync(TimeSpan.FromSeconds(5), cancellation);
            var (first, last) = isWhole ? (0, Everything) : await BoundsAsync(from, to, cancellation);
            var result = (await verifier.VerifyAsync(
                first, last, entries => state = state with { Running = new(started, entries) }, cancellation)) with
            { From = from, To = to };
            state = new(null, time.GetUtcNow(), result);
            var whole = first == 0 && last == Everything;
            if (!result.Valid || whole) await integrity.VerifiedAsync(result.FirstBad?.Explanation, cancellation);
            await RecordAsync(result, whole, daily, audit, cancellation);
            if (whole) await integrity.WatchedAsync(cancellation);
            if (result.Valid) await SignQuietlyAsync(cancellation);
            return result;
        }
        catch (Exception e) when (e is not (OperationCanceledException or ProblemException) && !StoreFault.IsStoreDown(e))
        {
            await integrity.UnwatchedAsync($"A verification of the history ended by an error: {e.GetBaseException().Message}", cancellation);
            throw;
        }
        finally
        {
            state = state with { Running = null };
        }
    }

    /// <summary>Signs the record of the verification soon, because it is itself part of the history.</summary>
    private async Task SignQuietlyAsync(CancellationToken cancellation)
    {
        try
        {
            await follower.CatchUpAsync(TimeSpan.FromSeconds(1), cancellation);
            await signer.SignAsync(cancellation);
        }
        catch (Log.LogDamagedException e)
        {
            await integrity.ReportAsync(e.Message, cancellation);
        }
    }

    /// <summary>Records the verification and its mark in one transaction: an unrecorded verification must not count.</summary>
    private async Task RecordAsync(VerificationResult result, bool whole, bool daily, AuditContext audit, CancellationToken cancellation)
    {
        var (now, before) = (time.GetUtcNow(), await VerifiedAsync(cancellation));
        await using var session = store.LightweightSession();
        var events = batches.New();
        var bad = result.FirstBad;
        events.Append(Ids.New("verification", now), 1,
            new HistoryVerified(result.Valid, result.Entries, result.Size, result.Signed, bad?.Kind, bad?.Explanation, bad?.Sequence, result.From,
            result.To, result.Found), audit);
        events.QueueTo(session);
        if (whole) session.QueueSqlCommand(Marks.UpsertSql, marks.RowOf(new VerifiedMark(now, daily ? now : before?.DailyAt)));
        await session.SaveChangesAsync(cancellation);
    }

    private async Task<VerifiedMark?> VerifiedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await marks.VerifiedAsync(connection, cancellation);
    }

    /// <summary>The bounds follow from the events around the period, so that events deleted within it are missed.</summary>
    private async Task<(long First, long Last)> BoundsAsync(DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var order = EventPeriod.OrderOf(connection);
        var first = from is { } start ? await order.BeforeAsync(start, cancellation) + 1 : 0;
        if (to is not { } end) return (first, Everything);
        await using var next = new NpgsqlCommand($"select min(seq_id) from {EventTables.Events} where seq_id > $1", connection);
        next.Parameters.AddWithValue(await order.UpToAsync(end, cancellation));
        return (first, await next.ExecuteScalarAsync(cancellation) is long after ? after - 1 : Everything);
    }
}
