using Microsoft.Extensions.Logging;
using Notify.Access.People;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Access.ApiKeys;

/// <summary>Raises one of Notify's own alarms for each key that has not reported for longer than its <c>expectEvery</c>, and clears it at the next
/// report. Every node does this; <see cref="OwnAlarms"/> says why that is harmless.</summary>
public sealed class SenderSilenceWatch(
    PeopleCache people, ApiKeyUses uses, OwnAlarms alarms, TimeProvider time, ILogger<SenderSilenceWatch> logger)
    : Worker("Silent senders", logger)
{
    private static readonly TimeSpan rest = TimeSpan.FromSeconds(3);

    private readonly Attention attention = new(time, absence: TimeSpan.FromSeconds(30));

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (!attention.HasBegun)
        {
            attention.Look();
            return rest;
        }

        var keys = (await people.RecentAsync(cancellation)).Keys.Where(IsWatched).ToList();
        if (keys.Count > 0) await uses.WriteAsync();
        var used = keys.Count > 0 ? await uses.ReadAsync(cancellation) : [];
        var now = time.GetUtcNow();
        attention.Look();
        foreach (var key in keys) await TellAsync(key, used.TryGetValue(key.Id, out var use) ? use.ReportedAt : null, now);
        return rest;
    }

    /// <summary>Whether the key is expected to report, or may have been before its last change.</summary>
    private bool IsWatched(ApiKey key) =>
        key.Settings.ExpectEvery is not null || (key.Version > 1 && !alarms.IsOver(SenderSilence.SourceOf(key)));

    private async Task TellAsync(ApiKey key, DateTimeOffset? reported, DateTimeOffset now)
    {
        var state = SenderSilence.StateOf(key, reported, attention.Since, now);
        if (state == ReportingState.Awaited)
        {
            // An existing alarm stays active. A node that has been running for longer may raise one.
            alarms.Forget(SenderSilence.SourceOf(key));
            return;
        }

        var alarm = state == ReportingState.Silent ? SenderSilence.Raised(key, reported) : SenderSilence.Cleared(key, state);
        await alarms.TellAsync(alarm.SourceId, state == ReportingState.Silent ? alarm.Description : null, alarm);
    }
}
