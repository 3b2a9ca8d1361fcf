using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>
/// Watches whether the history is still followed, signed and verified, independently of that work, so that whatever prevents it (a row, a lock, a
/// fault) is reported: when there was no complete verification for <see cref="MostBetween"/>, or when following or signing has stopped. It relies on
/// marks that only Notify can make, and on its own memory.
/// <para> A gap in the clock between two checks (the machine slept, or the clock was set) counts like a start: work that could not run meanwhile gets
/// as much time as after a start. A reported fault stays reported until it is seen to be over. A verification that makes progress, on any node, may
/// take any time.
/// </para>
/// </summary>
public sealed class VerificationWatch(
    Marks marks, LogIntegrity integrity, Verifications verifications, NpgsqlDataSource database, TimeProvider time,
    ILogger<VerificationWatch> logger) : Worker("Watch of the verifications", logger, startsAfter: interval)
{
    /// <summary>A day plus the time for one verification.</summary>
    public static readonly TimeSpan MostBetween = TimeSpan.FromHours(26);

    /// <summary>After a start, or a gap in the clock, the first verification gets this long to begin.</summary>
    private static readonly TimeSpan afterStart = TimeSpan.FromHours(1);

    private static readonly TimeSpan stall = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan interval = TimeSpan.FromMinutes(1);

    /// <summary>From the end of one check to the next, one interval passes, and a little more on a busy machine. A longer time is a gap.</summary>
    private static readonly TimeSpan gap = interval * 5;

    /// <summary>The start of this process, or the end of the last gap in the clock.</summary>
    private DateTimeOffset started = time.GetUtcNow();

    private DateTimeOffset lookedAt = time.GetUtcNow();
    private DateTimeOffset? gapAt;

    /// <summary>The last complete verification, as last read; used while the database does not answer.</summary>
    private DateTimeOffset? verifiedAt;

    /// <summary>When a verification of everything was last seen to make progress, here or on another node.</summary>
    private DateTimeOffset? progressAt;

    private VerificationProgress? seenHere;

    /// <summary>Whether this watch has reported a fault that is not over yet.</summary>
    private bool told;

    private Standing follower;
    private Standing leaves;
    private Standing signer;

    /// <summary>How far the log reaches, as last read; null: not read yet.</summary>
    private LogReach? reach;

    /// <summary>The position of unfinished work, and since when it has not moved.</summary>
    private record struct Standing(long At, DateTimeOffset? Since)
    {
        public Standing Seen(long at, bool hasMore, DateTimeOffset now) =>
            !hasMore ? new(at, null) : at == At && Since is not null ? this : new(at, now);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await WatchAsync(cancellation);
        return interval;
    }

    public async Task WatchAsync(CancellationToken cancellation)
    {
        StartAnewAfterGap();
        try
        {
            await LookAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What cannot be read does not count as done.
            if (!StoreFault.IsStoreDown(e)) Logger.LogError(e, "The marks of the verifications cannot be read");
        }

        try
        {
            if (Fault() is { } fault)
            {
                await integrity.UnwatchedAsync(fault, cancellation);
                told = true;
            }
            else if (IsOver())
            {
                await integrity.WatchedAsync(cancellation);
                told = false;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.LogError(e, "The alarm that the history is not verified could not be raised or cleared");
        }

        lookedAt = time.GetUtcNow();
    }

    private void StartAnewAfterGap()
    {
        var now = time.GetUtcNow();
        if (now - lookedAt <= gap && now >= lookedAt) return;
        (started, gapAt, progressAt, follower, leaves, signer) = (now, now, null, default, default, default);
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Before the first verification, the store's first start counts.
        var (log, verified, now) = (
            await marks.LogAsync(connection, cancellation), await marks.VerifiedAsync(connection, cancellation), time.GetUtcNow());
        verifiedAt = verified?.At ?? (log is { Size: 0 } ? log.At : null);
        await LookForProgressAsync(connection, now, cancellation);
        // The number of the newest event, not the last that was given out: what is rolled back keeps its number, and nothing follows it.
        await using var command = new NpgsqlCommand(
            $"select coalesce((select min(position) from {FollowerTables.Step}), 0), {EventTables.HighestNumber}", connection);
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            follower = follower.Seen(reader.GetInt64(0), reader.GetInt64(0) < reader.GetInt64(1), now);
        }

        // Whatever the positions say: an event without a leaf can be deleted without a trace.
        reach = await LogReach.ReadAsync(connection, cancellation);
        leaves = leaves.Seen(reach.Leaf, reach.Next is not null, now);
        var (size, signed) = (await LogReader.SizeAsync(connection, cancellation), log?.Size ?? 0);
        signer = signer.Seen(signed, size > signed, now);
    }

    /// <summary>A node that verifies writes a mark whenever it has made progress. An old mark that somebody restored is too old to count.</summary>
    private async Task LookForProgressAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        if (verifications.WholeUnderWay is { } here)
        {
            if (here == seenHere) return;
            await marks.WriteAsync(connection, new VerifyingMark(now), cancellation);
            (seenHere, progressAt) = (here, now);
        }
        else if (await marks.VerifyingAsync(connection, cancellation) is { } elsewhere && elsewhere.At <= now + stall
            && (progressAt is null || elsewhere.At > progressAt))
        {
            progressAt = elsewhere.At;
        }
    }

    private string? Fault()
    {
        var now = time.GetUtcNow();
        if (IsOverdue(now) && now - started > afterStart && !(now - progressAt <= stall))
            return verifiedAt is { } at
                ? $"The history was last verified whole at {at:u}." : $"The history was not verified whole since this node started at {started:u}.";
        if ((reach?.Fault ?? reach?.ForeignFault) is { } fault) return fault;
        foreach (var standing in (Standing[])[follower, leaves])
            if (now - standing.Since > stall) return $"Since {standing.Since:u} no event is taken into the audit history and its proofs any more; it stands at {standing.At}.";
        if (now - signer.Since > stall) return $"Since {signer.Since:u} no checkpoint was signed, though there is more to sign; the last has the size {signer.At}.";
        return null;
    }

    private bool IsOverdue(DateTimeOffset now) => now - (verifiedAt ?? started) > MostBetween;

    /// <summary>Whether the fault is over: fixed, or verified by another node meanwhile. Soon after a gap, seeing no fault does not mean that it is
    /// over.</summary>
    private bool IsOver()
    {
        var now = time.GetUtcNow();
        return (told && !IsOverdue(now) && !(now - gapAt <= afterStart)) || (integrity.WatchFault is not null && verifiedAt > integrity.WatchFaultAt);
    }
}
