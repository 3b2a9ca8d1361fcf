using Microsoft.Extensions.Logging;
using Notify.Delivery.Lanes;
using Notify.Delivery.Outcomes;
using Notify.Kernel;
using Npgsql;

namespace Notify.Delivery.Flights;

/// <summary>Serves lanes for as long as the process runs: renews its claims, takes up what waits, and sleeps until there is more to do.</summary>
public sealed class LaneServer(
    LaneClaims claims, AbandonedAttempts abandoned, LaneDispatcher dispatcher, FlightRunner runner, HeldLanes lanes, LaneWaking waking,
    ILogger<LaneServer> logger)
    : Worker("Lanes", logger, waking.Signal)
{
    /// <summary>
    /// How long a stop waits for messages that have not begun to leave; with a slow platform hundreds may wait. A request under way may take its full
    /// timeout.
    /// </summary>
    private static readonly TimeSpan grace = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        LaneGauges.Observe(lanes);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await claims.RenewAsync(abandoned.SettleAsync, cancellation);
        return await dispatcher.DispatchAsync(cancellation);
    }

    /// <summary>Lets what is under way end, then releases the lanes to the next node.</summary>
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
                // A slow platform may take longer than a lease lasts; whoever took the lane over would take what is under way for lost.
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
