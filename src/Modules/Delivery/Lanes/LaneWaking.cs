using Microsoft.Extensions.Logging;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Announces work on a lane: to this node's own loop, and to the node that serves the lane.</summary>
public sealed class LaneWaking(NpgsqlDataSource database, HeldLanes lanes, TimeProvider time, ILogger<LaneWaking> logger)
    : IDisposable
{
    /// <summary>Wakes this node's loop.</summary>
    public WakeSignal Signal { get; } = new();

    /// <summary>There is new work on these lanes in the store; other nodes that serve them are notified.</summary>
    public void Wake(IReadOnlyList<string> withWork)
    {
        var others = lanes.Queue(withWork);
        Signal.Set();
        if (others.Count > 0) _ = TellAsync(others);
    }

    /// <summary>A test passed through the lane: if the lane waits because the platform refused repeatedly for its rate limit, it continues, whichever
    /// node serves it.</summary>
    public Task EndWaitAsync(string lane) => lanes.Serves(lane) ? GoOnAsync(lane) : TellAsync([LaneNodes.Passed + lane]);

    /// <summary>Handles a signal of another node: there is work on these lanes, or a test passed. An empty signal means that there are lanes to take,
    /// or something else to check.</summary>
    public void Hear(string[] signals)
    {
        var passed = signals.Where(x => x.StartsWith(LaneNodes.Passed, StringComparison.Ordinal)).ToList();
        foreach (var signal in passed) _ = GoOnAsync(signal[LaneNodes.Passed.Length..]);
        if (passed.Count > 0) return;
        if (signals.Length > 0) lanes.Queue(signals);
        else lanes.ClaimSoon();
        Signal.Set();
    }

    public void Dispose() => Signal.Dispose();

    private async Task GoOnAsync(string lane)
    {
        if (!lanes.EndWait(lane)) return;
        logger.LogInformation("{Lane} stops waiting: a test send passed", lane);
        try
        {
            // Refused notifications were to be retried at the end of the wait, which is now.
            await NotificationUpdates.DueNowAsync(database, lane, time.GetUtcNow(), CancellationToken.None);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Notifications refused on {Lane} could not be rescheduled and keep their times", lane);
        }

        Signal.Set();
    }

    private async Task TellAsync(List<string> others)
    {
        try
        {
            await LaneNodes.TellAsync(database, others, CancellationToken.None);
        }
        catch (Exception e) when (StoreFault.IsStoreDown(e))
        {
            // The node that serves the lanes checks by itself within seconds.
        }
    }
}
