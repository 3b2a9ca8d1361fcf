using Microsoft.Extensions.Logging;
using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Outcomes;

/// <summary>Attempts that were started but have no outcome. A notification sent in one message with another gets that one's outcome if it is
/// recorded, since the process died between the two. The outcome of all others is unknown, and recorded as such.</summary>
public sealed class AbandonedAttempts(
    NpgsqlDataSource database, EventReader reader, HeldLanes lanes, OutcomeWriter outcomes, ILogger<AbandonedAttempts> logger)
{
    private static readonly SendOutcome unknown =
        new(OutcomeClass.Unknown) { PlatformMessage = "The process that sent it ended before the answer was recorded." };

    public async Task SettleAsync(string[] ofLanes, CancellationToken cancellation)
    {
        var abandoned = await Work.AbandonedAsync(database, ofLanes, lanes.InFlight(), cancellation);
        if (abandoned.Count == 0) return;
        var events = await reader.ReadAsync([.. abandoned.Select(x => x.Id)], cancellation);
        var started = events.GroupBy(x => x.StreamId, StringComparer.Ordinal).ToDictionary(x => x.Key, x => x.Last(), StringComparer.Ordinal);
        string[] leaders = [.. started.Values.Select(LeaderOf).OfType<string>().Distinct(StringComparer.Ordinal)];
        var told = (await reader.ReadAsync(leaders, cancellation)).ToLookup(x => x.StreamId, StringComparer.Ordinal);
        await Task.WhenAll(abandoned.Select(x => SettleAsync(x, KnownOf(x))));

        SendOutcome? KnownOf(Work work) =>
            started.TryGetValue(work.Id, out var start) && LeaderOf(start) is { } leader ? OutcomeOf(start, [.. told[leader]]) : null;
    }

    /// <summary>The notification in whose message it was sent; null: it was sent alone.</summary>
    private static string? LeaderOf(StoredEvent started) => (started.Data as AttemptStarted)?.MergedInto;

    /// <param name="started">The start of the attempt of the merged notification.</param>
    /// <param name="leader">The events of the notification whose attempt contains the message, in order.</param>
    /// <returns>The platform's answer to that message; null when it is not recorded, or another form of the message would be tried next.</returns>
    internal static SendOutcome? OutcomeOf(StoredEvent started, IReadOnlyList<StoredEvent> leader)
    {
        // Both were started in one transaction, so at the same instant.
        var start = leader.FirstOrDefault(x => x.Data is AttemptStarted { MergedInto: null } && x.At == started.At);
        return leader.FirstOrDefault(x => x.Version == start?.Version + 1)?.Data switch
        {
            AttemptSucceeded e => new(e.FailedReceivers.Count == 0 ? OutcomeClass.Ok : OutcomeClass.Partial)
            {
                PlatformCode = e.PlatformCode,
                PlatformMessage = e.PlatformMessage,
                RequestId = e.RequestId,
                Receivers = Failed(e.FailedReceivers),
            },
            AttemptAccepted e => new(OutcomeClass.Accepted)
            {
                PlatformCode = e.PlatformCode,
                PlatformMessage = e.PlatformMessage,
                RequestId = e.RequestId,
                Receivers = e.Judged ?? [],
            },
            AttemptFailed { NextForm: null } e => new(e.Class)
            {
                Call = e.Call,
                HttpStatus = e.HttpStatus,
                PlatformCode = e.PlatformCode,
                PlatformMessage = e.PlatformMessage,
                RequestId = e.RequestId,
                EgressIp = e.EgressIp,
                MayHaveArrived = e.MayHaveArrived,
                Receivers = e.Judged ?? Failed(e.FailedReceivers ?? []),
                IsJudgedByReceiver = e.FailedReceivers is not null,
            },
            _ => null,
        };
    }

    private static List<ReceiverOutcome> Failed(IEnumerable<FailedReceiver> receivers) =>
        [.. receivers.Select(x => x.AsOutcome())];

    private async Task SettleAsync(Work work, SendOutcome? known)
    {
        try
        {
            await outcomes.WriteAsync(new AttemptResult(
                work with { Version = work.Version - 1 }, work.Attempts, Started: true, known ?? unknown, work.RequestsDone,
                RepeatIsSafe: lanes.LimitsOf(work.Lane).RepeatIsSafe)
            { IsWhole = known is not null });
        }
        catch (Exception e) when (StoreFault.IsOfOne(e) && e is not ProblemException)
        {
            // The lane continues without it.
            logger.LogError(e, "Recording the outcome of {Notification} failed", work.Id);
            lanes.Rest([work.Id]);
        }
    }
}
