using Microsoft.Extensions.Logging;
using Notify.Access.People;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Access.ApiKeys;

/// <summary>
/// Raises an alarm of Notify's own for each key with which nothing has been reported for longer than its <c>expectEvery</c>, and ends it with the
/// next report. Every node looks: what is said twice changes nothing.
/// </summary>
public sealed class SenderSilenceWatch(
    PeopleCache people, ApiKeyUses uses, IWolverineRuntime wolverine, TimeProvider time, ILogger<SenderSilenceWatch> logger)
    : Worker("Silent senders", logger)
{
    private static readonly TimeSpan rest = TimeSpan.FromSeconds(3);

    /// <summary>Without a look for so long, Notify itself was away, or its database.</summary>
    private static readonly TimeSpan absence = TimeSpan.FromSeconds(30);

    /// <summary>By key: when and how its silence was last told; empty: that there is none.</summary>
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);
    private DateTimeOffset listening;
    private long? looked;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (looked is null)
        {
            // Not before the process has started: what is told by then may have to wait for the whole of a short life.
            (looked, listening) = (time.GetTimestamp(), time.GetUtcNow());
            return rest;
        }

        var keys = (await people.RecentAsync(cancellation)).Keys.Where(IsWatched).ToList();
        if (keys.Count > 0) await uses.WriteAsync();
        var used = keys.Count > 0 ? await uses.ReadAsync(cancellation) : [];
        var now = time.GetUtcNow();
        if (time.GetElapsedTime(looked.Value) > absence) listening = now;
        looked = time.GetTimestamp();
        foreach (var key in keys) await TellAsync(key, used.TryGetValue(key.Id, out var use) ? use.ReportedAt : null, now);
        return rest;
    }

    /// <summary>Reports are expected with it, or may have been.</summary>
    private bool IsWatched(ApiKey key) =>
        key.Settings.ExpectEvery is not null || (key.Version > 1 && told.GetValueOrDefault(key.Id) is not "");

    /// <summary>Once for each state, and again on each day on which a silence lasts.</summary>
    private async Task TellAsync(ApiKey key, DateTimeOffset? reported, DateTimeOffset now)
    {
        var state = SenderSilence.StateOf(key, reported, listening, now);
        if (state == SenderState.Awaited)
        {
            // An alarm of before stays. Another node, which has been there for longer, may raise one.
            told.Remove(key.Id);
            return;
        }

        var alarm = state == SenderState.Silent ? SenderSilence.Raised(key, reported) : SenderSilence.Cleared(key, state);
        var what = state == SenderState.Silent ? $"{alarm.Description} {now.UtcDateTime:yyyy-MM-dd}" : "";
        var before = told.GetValueOrDefault(key.Id);
        if (before == what) return;
        var bus = new MessageBus(wolverine);
        // Another node, or this one before its restart, may have raised what is over. A stop does not cut the question off: the bus would log that.
        if (what.Length > 0 || before is not null || (
            await bus.InvokeAsync<OwnAlarmAnswered>(new AskOwnAlarm(alarm.SourceId), CancellationToken.None)).IsActive)
            await bus.PublishAsync(alarm);
        told[key.Id] = what;
    }
}
