using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Following;

/// <summary>
/// Reads the event store in sequence order, without skipping an event, and passes every event to each step. One node does so regularly, under a
/// lease; any node may do so at once for a reader that must see what was just committed (<see cref="CatchUpAsync"/>). The rows of the positions are
/// locked meanwhile, so that two nodes never process the same events.
/// </summary>
public sealed class EventFollower(
    NpgsqlDataSource database, IEnumerable<IEventStep> steps, ThisNode node, TimeProvider time, ILogger<EventFollower> logger) : BackgroundService
{
    public const int BatchSize = 4000;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    /// <summary>The interval between reads of a quiet store, and between batches while it is busy: fewer and larger batches cost alarms
    /// less.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    /// <summary>The largest lag, in events, that a reader waits for. Beyond it, the reader gets what there is.</summary>
    private const long MostToWaitFor = 5 * BatchSize;

    private static readonly byte[] tombstone = System.Text.Encoding.UTF8.GetBytes(EventTables.Tombstone);

    private readonly IEventStep[] steps = [.. steps];
    private readonly string[] names = [.. steps.Select(x => x.Name)];
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly FollowedEvents read = new();
    private SequenceGap? gap;

    /// <summary>Up to this number, gaps are final.</summary>
    private long settled;

    /// <summary>A monotonic timestamp, because the clock may be set.</summary>
    private long? renewedAt;

    private bool created;
    private long position;
    private volatile Failed? failed;

    /// <param name="After">The position after which this node could not continue.</param>
    private sealed record Failed(string Text, long After);

    /// <summary>The number of the last event that every step has processed, as far as this node knows.</summary>
    public long Position => Interlocked.Read(ref position);

    /// <summary>The error of this node's last attempt to process events; null: it succeeded, or another node has processed them since, as far as this
    /// node knows.</summary>
    public string? Fault => failed is { } x && Position <= x.After ? x.Text : null;

    /// <summary>How many numbers the steps are behind the newest event.</summary>
    public async Task<long> LagAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {EventTables.HighestNumber}, coalesce((select min(position) from {FollowerTables.Step}), 0)");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        Interlocked.Exchange(ref position, reader.GetInt64(1));
        return Math.Max(0, reader.GetInt64(0) - reader.GetInt64(1));
    }

    /// <summary>Processes everything that is committed now. Gives up after <paramref name="patience"/> without progress, or at once if the steps are
    /// far behind.</summary>
    /// <returns>Whether everything was processed.</returns>
    public async Task<bool> CatchUpAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var lag = await LagAsync(cancellation);
        if (lag == 0) return true;
        if (lag > MostToWaitFor) return false;
        var target = Position + lag;
        var started = time.GetTimestamp();
        while (Position < target)
        {
            try
            {
                if (await MoveAsync(cancellation) > 0)
                {
                    started = time.GetTimestamp();
                    continue;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException && !StoreFault.IsStoreDown(e))
            {
                // The reader gets what there is. The loop tries again and logs the error.
                return false;
            }

            if (time.GetElapsedTime(started) > patience) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(15), cancellation);
            await LagAsync(cancellation); // another node may be processing them
        }

        return true;
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var started = time.GetTimestamp();
                var moved = await HoldLeaseAsync(stoppingToken) && await IsThereMoreAsync(stoppingToken) ? await MoveAsync(stoppingToken) : 0;
                failures = 0;
                // When far behind, it pauses for as long as the batch took. Otherwise it rests longer, so that the next batch is larger.
                await Task.Delay(moved < BatchSize ? Rest : time.GetElapsedTime(started), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Nothing is skipped: a step that fails is tried again, with the same events.
                if (failures++ % 20 == 0) logger.LogError(e, "Following the events after {Position} failed; trying again", Position);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(10, failures)), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await ReleaseLeaseAsync();
    }

    /// <summary>Processes one batch, in one transaction with the positions.</summary>
    /// <returns>How many events it had; 0: there are none, or another node is processing them.</returns>
    private async Task<int> MoveAsync(CancellationToken cancellation)
    {
        if (steps.Length == 0) return 0;
        await turn.WaitAsync(cancellation);
        var from = Position;
        try
        {
            if (!created) await CreateStepsAsync(cancellation);
            created = true;
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            if (await LockPositionsAsync(connection, cancellation) is not { } positions) return 0;
            from = positions.Values.Min();
            var (batch, upTo) = await ReadAsync(connection, from, cancellation);
            if (upTo == from) return 0;
            foreach (var step in steps)
            {
                var events = positions[step.Name] == from ? batch : [.. batch.Where(x => x.Sequence > positions[step.Name])];
                if (events.Count > 0) await step.ApplyAsync(connection, events, cancellation);
            }

            await using var advance = new NpgsqlCommand(
                $"update {FollowerTables.Step} set position = $1 where position < $1 and step = any($2)", connection);
            advance.Parameters.AddWithValue(upTo);
            advance.Parameters.AddWithValue(names);
            await advance.ExecuteNonQueryAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            Interlocked.Exchange(ref position, upTo);
            failed = null;
            return Math.Max(1, batch.Count);
        }
        catch (Exception e) when (e is not OperationCanceledException && !StoreFault.IsStoreDown(e))
        {
            failed = new(e.GetBaseException().Message, from);
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <returns>Null: another node has locked them.</returns>
    private async Task<Dictionary<string, long>?> LockPositionsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select step, position from {FollowerTables.Step} where step = any($1) order by step for update skip locked", connection);
        command.Parameters.AddWithValue(names);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) positions[reader.GetString(0)] = reader.GetInt64(1);
        return positions.Count == steps.Length ? positions : null;
    }

    /// <summary>The next events, up to the first gap that is not final.</summary>
    private async Task<(List<EventRow> Events, long UpTo)> ReadAsync(NpgsqlConnection connection, long from, CancellationToken cancellation)
    {
        // Before the events are read, so that the read sees whatever filled the gap.
        if (gap is not null && await gap.IsSettledAsync(connection, cancellation))
        {
            settled = gap.Top;
            gap = null;
        }

        var (upTo, isGap) = (from, false);
        read.Clear();
        await using (var rows = await EventRows.OpenAsync(
            // A row with a number that was not given out would move the positions past all numbers to come.
            connection, string.Create(CultureInfo.InvariantCulture, $"seq_id > {from} and seq_id <= {EventTables.LastNumber}"), cancellation,
            BatchSize))
        {
            while (await rows.ReadAsync(cancellation))
            {
                var number = rows.Row.Sequence;
                // Events after a gap are read again when the gap is final.
                if (isGap |= number != upTo + 1 && number > settled) continue;
                upTo = number;
                if (!rows.Row.Type.Span.SequenceEqual(tombstone)) read.Add(rows.Row);
            }
        }

        if (isGap) gap ??= await SequenceGap.SeenAsync(connection, cancellation);
        return (read.Rows, upTo);
    }

    /// <summary>A step that is new to this store begins at its first event.</summary>
    private async Task CreateStepsAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"insert into {FollowerTables.Step} (step, position) select x, 0 from unnest($1) x on conflict (step) do nothing");
        command.Parameters.AddWithValue(names);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<bool> IsThereMoreAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {EventTables.LastNumber} > coalesce((select min(position) from {FollowerTables.Step}), 0)");
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>By the database's clock, so that the nodes' clocks need not agree.</summary>
    private async Task<bool> HoldLeaseAsync(CancellationToken cancellation)
    {
        if (renewedAt is { } last && time.GetElapsedTime(last) < Renewal) return true;
        var asked = time.GetTimestamp();
        await using var command = database.CreateCommand(
            $"""
            insert into {FollowerTables.Lease} as l (id, node, lease_until) values (true, $1, now() + $2)
            on conflict (id) do update set node = excluded.node, lease_until = excluded.lease_until where l.node = excluded.node or l.lease_until < now()
              -- No node takes a lease that long: somebody wrote it to stop the following.
              or l.lease_until > now() + 10 * $2
            """);
        command.Parameters.AddWithValue(node.Id);
        command.Parameters.AddWithValue(Lease);
        renewedAt = await command.ExecuteNonQueryAsync(cancellation) == 0 ? null : asked;
        return renewedAt is not null;
    }

    private async Task ReleaseLeaseAsync()
    {
        try
        {
            await using var command = database.CreateCommand($"delete from {FollowerTables.Lease} where node = $1");
            command.Parameters.AddWithValue(node.Id);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (StoreFault.IsStoreDown(e))
        {
            // The lease expires by itself.
        }
    }
}
