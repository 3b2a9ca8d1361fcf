using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Rules.Drills;

/// <summary>Runs drills at their times, ends those that nobody confirms, and raises an alarm of Notify's own for each way that was not proven within
/// its interval. Every node does this: the id of a run is derived from its time, so only one node begins it; <see cref="OwnAlarms"/> explains why
/// several nodes may report the alarm.</summary>
public sealed class DrillWorker(
    IDocumentStore store, CurrentResources<Drill, DrillSettings> drills, DrillRuns runs, DrillSender sender, OwnAlarms alarms, TimeProvider time,
    ILogger<DrillWorker> logger) : Worker("Drills", logger)
{
    /// <summary>How many drills run in parallel; all may be planned for the same minute.</summary>
    private const int MostAtOnce = 4;

    private static readonly TimeSpan rest = TimeSpan.FromSeconds(3);

    private readonly Attention attention = new(time, absence: TimeSpan.FromMinutes(2));

    /// <summary>The ids of the drills of earlier rounds. Also one of which this node has reported nothing, since its proof is awaited, may have an
    /// active alarm.</summary>
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    /// <summary>Whether drills that were deleted before this node started have been looked for.</summary>
    private bool sought;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        var hasBegun = attention.HasBegun;
        attention.Look();
        if (!hasBegun) return rest;
        foreach (var id in await runs.DueAsync(cancellation))
            await GuardedAsync(id, () => runs.ChangeAsync(id, (run, now) => run.Expire(now), OfSystem()));
        var all = await AllAsync(cancellation);
        var records = await runs.ReadAsync([.. all.Keys], cancellation);
        var now = time.GetUtcNow();
        var due = all.Values.Select(x => (Drill: x, At: DrillState.DueOf(x, RecordOf(x), now))).Where(x => x.At is not null).ToList();
        if (due.Count > 0)
        {
            // Runs are completed even when the process stops.
            await Parallel.ForEachAsync(
                due, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce },
                async (x, _) => await GuardedAsync(x.Drill.Id, () => sender.RunAsync(x.Drill, x.At, OfSystem())));
            (all, records) = (await AllAsync(cancellation), await runs.ReadAsync([.. all.Keys], cancellation));
            now = time.GetUtcNow();
        }

        attention.Stay();
        foreach (var drill in all.Values) await GuardedAsync(drill.Id, () => TellAsync(drill, RecordOf(drill), now));
        await ForgetAsync(all, cancellation);
        return rest;

        DrillRecord RecordOf(Drill drill) => records.GetValueOrDefault(drill.Id, DrillRecord.None);
    }

    private async Task<Dictionary<string, Drill>> AllAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return (await drills.AllAsync(session, cancellation)).ToDictionary(x => x.Id, StringComparer.Ordinal);
    }

    private async Task TellAsync(Drill drill, DrillRecord record, DateTimeOffset now)
    {
        var state = DrillState.Of(drill, record, attention.Since, now);
        // An alarm raised earlier stays active. Another node that has been running longer may raise one.
        if (state.Proof == DrillProof.Awaited) alarms.Forget(DrillAlarm.SourceOf(drill.Id));
        else if (state.Proof == DrillProof.Overdue) await TellAsync(DrillAlarm.Raised(drill, state), $"{state.ProvenAt:O}");
        else await TellAsync(DrillAlarm.Cleared(drill.Id, drill.Name, state.Proof == DrillProof.Proven), null);
    }

    /// <summary>Clears the alarms of deleted drills, including those deleted before this node started.</summary>
    private async Task ForgetAsync(Dictionary<string, Drill> all, CancellationToken cancellation)
    {
        var gone = (sought ? seen : (IEnumerable<string>)await runs.DrillsAsync(cancellation)).Where(x => !all.ContainsKey(x)).ToList();
        foreach (var id in gone)
        {
            var name = (await runs.NewestAsync(id, 1, cancellation)) is [var last] ? last.Drill.Name : id;
            await TellAsync(DrillAlarm.Cleared(id, name, isProven: false), null);
            seen.Remove(id);
            alarms.Forget(DrillAlarm.SourceOf(id));
        }

        seen.UnionWith(all.Keys);
        sought = true;
    }

    /// <param name="unproven">The alarm is reported again when this changes; null: the alarm is over.</param>
    private async Task TellAsync(RaiseAlarm alarm, string? unproven) => await alarms.TellAsync(alarm.SourceId, unproven, alarm);

    /// <summary>A failure does not stop the other drills.</summary>
    private async Task GuardedAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!StoreFault.Passes(e))
        {
            Logger.LogError(e, "Drills: {What} failed; continuing with the others", what);
        }
    }

    private AuditContext OfSystem() => AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"));
}
