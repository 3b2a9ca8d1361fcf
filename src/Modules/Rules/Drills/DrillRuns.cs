using Marten;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Rules.Drills;

/// <summary>The recorded runs of a drill that determine its state.</summary>
/// <param name="Last">The latest run; null: none.</param>
/// <param name="LastPlanned">The latest planned time at which the drill ran; null: none.</param>
/// <param name="Proven">The latest run that proved the way; null: none.</param>
/// <param name="Open">Runs that have not ended.</param>
public sealed record DrillRecord(DrillRun? Last, DateTimeOffset? LastPlanned, DrillRun? Proven, IReadOnlyList<DrillRun> Open)
{
    public static readonly DrillRecord None = new(null, null, null, []);

    public static DrillRecord Of(IEnumerable<DrillRun> runs)
    {
        var all = runs.ToList();
        return new(
            all.MaxBy(x => (x.StartedAt, x.Id)), all.Max(x => x.PlannedAt), all.Where(x => x.ProvenAt is not null).MaxBy(x => x.ProvenAt),
            all.FindAll(x => x.DueAt is not null));
    }
}

/// <summary>Reads and writes the runs of drills.</summary>
public sealed class DrillRuns(
    NpgsqlDataSource database, IDocumentStore store, EventReader events, EventBatches batches, TimeProvider time)
{
    private const int Tries = 5;

    /// <summary>The records by drill id, without drills that never ran.</summary>
    public async Task<Dictionary<string, DrillRecord>> ReadAsync(string[] drills, CancellationToken cancellation)
    {
        if (drills.Length == 0) return [];
        var runs = await FoldAsync(await DrillRunTable.TellingAsync(database, drills, cancellation), cancellation);
        return runs.GroupBy(x => x.Drill.Id, StringComparer.Ordinal).ToDictionary(x => x.Key, DrillRecord.Of, StringComparer.Ordinal);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<DrillRun>> NewestAsync(string drill, int limit, CancellationToken cancellation) =>
        [.. (await FoldAsync(await DrillRunTable.NewestAsync(database, drill, limit, cancellation), cancellation))
            .OrderByDescending(x => x.StartedAt).ThenByDescending(x => x.Id, StringComparer.Ordinal)];

    /// <returns>Null: the run does not exist.</returns>
    public async Task<DrillRun?> FindAsync(string id, CancellationToken cancellation) => (await FoldAsync([id], cancellation)).SingleOrDefault();

    internal Task<string[]> DueAsync(CancellationToken cancellation) => DrillRunTable.DueAsync(database, time.GetUtcNow(), cancellation);

    internal Task<string[]> DrillsAsync(CancellationToken cancellation) => DrillRunTable.DrillsAsync(database, cancellation);

    /// <summary>Begins a run. The id of a planned run is derived from its time, so that only one node begins it, even after restarts.</summary>
    /// <returns>Null: another node has begun it.</returns>
    internal async Task<DrillRun?> StartAsync(Drill drill, DateTimeOffset? plannedAt, AuditContext audit)
    {
        var now = time.GetUtcNow();
        var id = plannedAt is { } at ? Ids.Derived("drillrun", $"{drill.Id}\n{at.UtcTicks}") : Ids.New("drillrun", now);
        var started = new DrillStarted(
            drill.Name, new VersionedRef(drill.Id, drill.Version, drill.Name), plannedAt, drill.Settings.ConfirmWithinMinutes,
            Ids.Derived("test", id));
        try
        {
            return await AppendAsync(null, id, started, audit, now);
        }
        catch (Exception e) when (plannedAt is not null && WriteConflict.Is(e))
        {
            return null;
        }
    }

    /// <param name="decide">Returns the event to record; null: none.</param>
    /// <returns>The run afterwards; null: it does not exist.</returns>
    /// <remarks>Decides again if another change was committed at the same moment, such as a confirmation.</remarks>
    internal Task<DrillRun?> ChangeAsync(string id, Func<DrillRun, DateTimeOffset, object?> decide, AuditContext audit) =>
        WriteConflict.RetryAsync(Tries, async () =>
        {
            var now = time.GetUtcNow();
            if (await FindAsync(id, CancellationToken.None) is not { } run) return null;
            return decide(run, now) is { } @event ? await AppendAsync(run, id, @event, audit, now) : run;
        });

    private async Task<DrillRun> AppendAsync(DrillRun? run, string id, object @event, AuditContext audit, DateTimeOffset now)
    {
        var next = DrillRun.Apply(run, id, @event, Instants.Cut(now));
        await using var session = store.LightweightSession();
        var batch = batches.New();
        batch.Append(id, next.Version, @event, audit);
        // The row is locked before the events are written, in the same order as when the rows are rebuilt.
        DrillRunTable.QueueUpsert(session, next);
        batch.QueueTo(session, now);
        await session.SaveChangesAsync(CancellationToken.None);
        return next;
    }

    private async Task<IEnumerable<DrillRun>> FoldAsync(string[] ids, CancellationToken cancellation) =>
        (await events.ReadAsync(ids, cancellation)).GroupBy(x => x.StreamId, StringComparer.Ordinal).Select(x => DrillRun.Fold(x))
            .OfType<DrillRun>();
}
