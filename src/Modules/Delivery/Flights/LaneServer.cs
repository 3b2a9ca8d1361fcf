using Microsoft.Extensions.Logging;
using Notify.Delivery.Lanes;
using Notify.Delivery.Outcomes;
using Notify.Kernel;
using Npgsql;

namespace Notify.Delivery.Flights;

/// <summary>Serves lanes while the process runs: renews its claims, starts waiting work, and sleeps until more is due.</summary>
public sealed class LaneServer(
    LaneClaims claims, AbandonedAttempts abandoned, LaneDispatcher dispatcher, FlightRunner runner, HeldLanes lanes, LaneWaking waking,
    Gauges gauges, ILogger<LaneServer> logger)
    : Worker("Lanes", logger, waking.Signal)
{
    /// <summary>How long a stop waits for messages whose requests have not begun; on a slow platform there may be hundreds. A request in progress may
    /// take its full timeout.</summary>
    private static readonly TimeSpan grace = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        LaneGauges.Add(gauges, lanes);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await claims.RenewAsync(abandoned.SettleAsync, cancellation);
        return await dispatcher.DispatchAsync(cancellation);
    }

    /// <summary>Lets requests in progress end, then releases the lanes to other nodes.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        lanes.Close();
        try
        {
            var (began, renewed) = (lanes.Uptime, lanes.Uptime);
            while (runner.UnderWay > 0 && !cancellationToken.IsCancellationRequested)
            {
                await waking.Signal.WaitAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                if (lanes.Uptime - began >= grace) runner.TurnBack();
                if (lanes.Uptime - renewed < LaneClaims.Renewal) continue;
                // A slow platform may take longer than a lease. If it expired, another node would settle requests in progress as lost.
                await claims.KeepAsync(cancellationToken);
                renewed = lanes.Uptime;
            }

            await claims.ReleaseAllAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            Logger.LogWarning(
                "The lanes could not be released and become free in {Seconds} s. The outcome of {Count} messages in flight will be recorded as unknown",
                LaneClaims.Lease.TotalSeconds, runner.UnderWay);
        }
        finally
        {
            runner.TurnBack();
        }
    }
}
