using Microsoft.Extensions.Logging;
using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Kernel;
using Npgsql;

namespace Notify.Delivery.Outcomes;

/// <summary>Attempts that somebody started and nobody ended: their outcome is unknown, and recorded as such.</summary>
public sealed class AbandonedAttempts(NpgsqlDataSource database, HeldLanes lanes, OutcomeWriter outcomes, ILogger<AbandonedAttempts> logger)
{
    public async Task SettleAsync(string[] ofLanes, CancellationToken cancellation)
    {
        var abandoned = await Work.AbandonedAsync(database, ofLanes, lanes.InFlight(), cancellation);
        await Task.WhenAll(abandoned.Select(SettleAsync));
    }

    private async Task SettleAsync(Work work)
    {
        try
        {
            await outcomes.WriteAsync(new AttemptResult(
                work with { Version = work.Version - 1 }, work.Attempts, Started: true,
                new SendOutcome(OutcomeClass.Unknown) { PlatformMessage = "The process that sent it ended before the answer was recorded." },
                work.RequestsDone, RepeatIsSafe: work.Lane.StartsWith("wecom/app/", StringComparison.Ordinal)));
        }
        catch (Exception e) when (StoreFault.IsOfOne(e) && e is not ProblemException)
        {
            // Its lane continues without it.
            logger.LogError(e, "Recording the outcome of {Notification} failed", work.Id);
            lanes.Rest([work.Id]);
        }
    }
}
