using System.Diagnostics.Metrics;
using Notify.Kernel;
using Npgsql;

namespace Notify.Host.Operating;

/// <summary>
/// What only the database knows: what waits and for how long, what failed, what was put aside. Asked when somebody collects, once a second at most, so
/// that a cluster of nodes and scrapers costs nothing else. While the database is unavailable the last figures stay, and <c>notify.database.up</c> is 0.
/// </summary>
internal sealed class StoreGauges : IDisposable
{
    /// <summary>Of hundreds of lanes those that are in trouble are shown; <c>GET /lanes</c> has all.</summary>
    public const int MostLanes = 50;

    private static readonly TimeSpan freshFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(2);

    private readonly NpgsqlDataSource database;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1);
    private volatile Figures figures = new(false, [], 0, 0, 0, 0, 0, DateTimeOffset.MinValue);

    private sealed record Lane(string Id, long Depth, double Age, bool Blocked);

    private sealed record Figures(bool Up, IReadOnlyList<Lane> Lanes, long Failed, long DeadLetters, long Inbox, long Outbox, long AuditLag, DateTimeOffset At);

    public StoreGauges(NpgsqlDataSource database, TimeProvider time)
    {
        (this.database, this.time) = (database, time);
        Telemetry.Gauge("notify.database.up", () => figures.Up ? 1 : 0, null, "1: the database answers this node.");
        Telemetry.Gauge("notify.lane.depth", () => OfLanes(x => x.Depth), "{notification}", "Notifications that wait on a lane, for their turn, room or a retry.");
        Telemetry.Gauge("notify.lane.age", () => OfLanes(x => x.Age), "s", "How long the oldest of them waits.");
        Telemetry.Gauge("notify.lane.blocked", () => OfLanes(x => x.Blocked ? 1 : 0), null, "1: nothing passes because of a setting, and what waits is held.");
        Telemetry.Gauge("notify.failed", () => figures.Failed, "{notification}", "The failed list of the last 7 days, without what blocked lanes hold.");
        Telemetry.Gauge("notify.dead_letters", () => figures.DeadLetters, "{message}", "Internal messages that were put aside because handling them failed.");
        Telemetry.Gauge("notify.inbox.depth", () => figures.Inbox, "{message}", "Internal messages that are stored and not handled yet.");
        Telemetry.Gauge("notify.outbox.depth", () => figures.Outbox, "{message}", "Internal messages that are stored and not sent yet.");
        Telemetry.Gauge("notify.audit.lag", () => figures.AuditLag, "{event}", "Events that the audit history and its proofs have not taken up yet.");
    }

    public void Dispose() => turn.Dispose();

    public long DeadLetters => figures.DeadLetters;

    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (time.GetUtcNow() - figures.At < freshFor) return;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(patience);
            figures = await ReadAsync(limit.Token);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            figures = figures with { Up = false, At = time.GetUtcNow() };
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Figures> ReadAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select l.id, count(n.id), coalesce(extract(epoch from now() - min(n.requested_at)), 0)::float8, l.blocked_at is not null
            from {Database.Schema}.lane l left join {Database.Schema}.notification n on n.lane = l.id and n.due_at is not null
            group by l.id;
            select (select count(*) from {Database.Schema}.notification
                    where status in ('Failed', 'PartlyDelivered') and resent_as is null and ended_at > now() - interval '7 days'),
                   (select count(*) from wolverine.wolverine_dead_letters),
                   (select count(*) from wolverine.wolverine_incoming_envelopes where status <> 'Handled'),
                   (select count(*) from wolverine.wolverine_outgoing_envelopes),
                   (select coalesce(max(seq_id), 0) from {Database.Schema}.mt_events) - (select coalesce(min(position), 0) from {Database.Schema}.follower_step)
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var lanes = new List<Lane>();
        while (await reader.ReadAsync(cancellation)) lanes.Add(new Lane(reader.GetString(0), reader.GetInt64(1), reader.GetDouble(2), reader.GetBoolean(3)));
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new Figures(true, lanes, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), time.GetUtcNow());
    }

    private IEnumerable<Measurement<T>> OfLanes<T>(Func<Lane, T> of)
        where T : struct =>
        figures.Lanes.OrderByDescending(x => x.Blocked).ThenByDescending(x => x.Age).ThenBy(x => x.Id, StringComparer.Ordinal).Take(MostLanes)
            .Select(x => new Measurement<T>(of(x), new KeyValuePair<string, object?>("lane", x.Id)));
}
