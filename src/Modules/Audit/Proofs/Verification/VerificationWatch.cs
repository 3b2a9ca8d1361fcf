using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Log;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>
/// Watches the guard itself, apart from its work, so that whatever keeps that from being done (a row, a lock, a fault) is told: when nothing was verified
/// whole for <see cref="MostBetween"/>, or when the history is not followed or signed on. It goes by marks that only Notify can make, and by its own memory.
/// </summary>
public sealed class VerificationWatch(
    Marks marks, LogIntegrity integrity, NpgsqlDataSource database, TimeProvider time, ILogger<VerificationWatch> logger) : BackgroundService
{
    /// <summary>A day, and the time that one verification takes.</summary>
    public static readonly TimeSpan MostBetween = TimeSpan.FromHours(26);

    /// <summary>After a start the first verification gets so long.</summary>
    private static readonly TimeSpan afterStart = TimeSpan.FromHours(1);

    private static readonly TimeSpan stall = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan interval = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset started = time.GetUtcNow();

    /// <summary>What this node has seen last, for when the database does not answer.</summary>
    private DateTimeOffset? verifiedAt;

    /// <summary>This has told of something that is not yet over.</summary>
    private bool told;

    private Standing follower;
    private Standing signer;

    /// <summary>Something that has more to do, and how far it was since when.</summary>
    private record struct Standing(long At, DateTimeOffset? Since)
    {
        public Standing Seen(long at, bool hasMore, DateTimeOffset now) => !hasMore ? new(at, null) : at == At && Since is not null ? this : new(at, now);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await WatchAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // stopping
        }
    }

    public async Task WatchAsync(CancellationToken cancellation)
    {
        try
        {
            await LookAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What cannot be read does not count as done.
            if (!ProblemResponses.IsStoreDown(e)) logger.LogError(e, "The marks of the verifications cannot be read");
        }

        try
        {
            if (Fault() is { } fault)
            {
                await integrity.UnwatchedAsync(fault, cancellation);
                told = true;
            }
            else if (told || (integrity.WatchFault is not null && verifiedAt > integrity.WatchFaultAt))
            {
                // Mended, or verified by another node meanwhile.
                await integrity.WatchedAsync(cancellation);
                told = false;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "Raising the alarm that the history is not verified failed");
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Since the store's first start, where nothing was verified yet.
        var (log, verified, now) = (await marks.LogAsync(connection, cancellation), await marks.VerifiedAsync(connection, cancellation), time.GetUtcNow());
        verifiedAt = verified?.At ?? (log is { Size: 0 } ? log.At : null);
        await using var command = new NpgsqlCommand(
            $"select coalesce((select min(position) from {FollowerTables.Step}), 0), {EventTables.LastNumber}", connection);
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            follower = follower.Seen(reader.GetInt64(0), reader.GetInt64(0) < reader.GetInt64(1), now);
        }

        var (size, signed) = (await LogReader.SizeAsync(connection, cancellation), log?.Size ?? 0);
        signer = signer.Seen(signed, size > signed, now);
    }

    private string? Fault()
    {
        var now = time.GetUtcNow();
        if (now - (verifiedAt ?? started) > MostBetween && now - started > afterStart)
            return verifiedAt is { } at ? $"The history was last verified whole at {at:u}." : $"The history was not verified whole since this node started at {started:u}.";
        if (now - follower.Since > stall) return $"Since {follower.Since:u} no event is taken into the audit history and its proofs any more; it stands at {follower.At}.";
        if (now - signer.Since > stall) return $"Since {signer.Since:u} no checkpoint was signed, though there is more to sign; the last has the size {signer.At}.";
        return null;
    }
}
