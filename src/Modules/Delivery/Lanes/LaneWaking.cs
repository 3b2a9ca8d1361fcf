using Microsoft.Extensions.Logging;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Announces work on a lane: to this node's own loop, and to the nodes that serve the lane.</summary>
public sealed class LaneWaking(NpgsqlDataSource database, HeldLanes lanes, TimeProvider time, ILogger<LaneWaking> logger)
    : IDisposable
{
    /// <summary>Wakes this node's loop.</summary>
    public WakeSignal Signal { get; } = new();

    /// <summary>There is new work on these lanes in the store; the nodes that serve them are told.</summary>
    public void Wake(IReadOnlyList<string> withWork)
    {
        var others = lanes.Queue(withWork);
        Signal.Set();
        if (others.Count > 0) _ = TellAsync(others);
    }

    /// <summary>
    /// A test has passed through the lane: if it waits because the platform had found it too fast again and again, it goes on, whichever node serves
    /// it.
    /// </summary>
    public Task EndWaitAsync(string lane) => lanes.Serves(lane) ? GoOnAsync(lane) : TellAsync([LaneNodes.Passed + lane]);

    /// <summary>
    /// Another node says that there is work on these lanes, or that a test has passed; nothing: that there are lanes to take, or anything else to
    /// look at.
    /// </summary>
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
            // What was refused was to be tried again when the wait would have ended.
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
            // Who serves them looks by itself in a few seconds.
        }
    }
}
