using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Silences;

/// <summary>The only writer of silences: one change at a time in the whole installation.</summary>
public sealed class SilenceWriter(IDocumentStore store, EventBatches batches, EventReader events, TimeProvider time)
{
    /// <summary>Creates a silence or changes one; with other matchers, or a start that cannot be changed any more, a new one takes its
    /// place.</summary>
    /// <returns>The silence, and before it the one whose place it takes.</returns>
    /// <exception cref="ProblemException">404: there is none to change.</exception>
    public Task<IReadOnlyList<Silence>> SetAsync(SilenceDraft draft, AuditContext audit, CancellationToken cancellation)
    {
        var limit = PathLimit.Current;
        var by = draft.By.Length > 0 ? draft.By : audit.Actor.Name;
        return ChangeAsync(draft.Id, audit, (current, now) =>
        {
            if (draft.Id is { } id && current?.IsSeenBy(limit) != true) throw ProblemException.NotFound("silence", id);
            if (current?.CanBecome(draft, now) == true)
            {
                var start = current.StateAt(now) == SilenceState.Active ? current.StartsAt : draft.StartsAt;
                return (start, draft.EndsAt, by, draft.Comment) == (current.StartsAt, current.EndsAt, current.By, current.Reason)
                    ? [(current.Id, null)]
                    : [(current.Id, new SilenceChanged(start, draft.EndsAt, by, draft.Comment))];
            }

            var created = new SilenceCreated(
                draft.Name, draft.Matchers, draft.StartsAt > now ? draft.StartsAt : now, draft.EndsAt, by, draft.Comment)
            {
                Paths = limit.IsNone ? null : limit.Texts,
                Replaces = current?.Id,
            };
            var isNew = (Ids.New("silence", now), (object?)created);
            return current is null || current.StateAt(now) == SilenceState.Expired
                ? [isNew] : [(current.Id, new SilenceExpired(now, TimeIsUp: false)), isNew];
        }, cancellation);
    }

    /// <summary>Ends it now. One that has ended stays as it is.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public async Task<Silence> ExpireAsync(string id, AuditContext audit, CancellationToken cancellation)
    {
        var limit = PathLimit.Current;
        return (await ChangeAsync(id, audit, (current, now) =>
            current?.IsSeenBy(limit) != true ? throw ProblemException.NotFound("silence", id)
            : [(id, current.StateAt(now) == SilenceState.Expired ? null : new SilenceExpired(now, TimeIsUp: false))], cancellation))[0];
    }

    /// <summary>Puts on record that its time is up.</summary>
    /// <returns>As it is then; null: there is none.</returns>
    public async Task<Silence?> ElapseAsync(string id, AuditContext audit, CancellationToken cancellation) =>
        await ChangeAsync(id, audit, (current, now) =>
            current is null ? []
            : [(id, current.EndedAt is null && current.EndsAt <= now ? new SilenceExpired(current.EndsAt, TimeIsUp: true) : null)],
            cancellation) is [var silence, ..] ? silence : null;

    /// <param name="decide">Which events each silence gets, by its id; null: none.</param>
    private async Task<IReadOnlyList<Silence>> ChangeAsync(
        string? id, AuditContext audit, Func<Silence?, DateTimeOffset, IReadOnlyList<(string Id, object? Event)>> decide,
        CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var connection = (NpgsqlConnection)session.Connection!;
        await SilenceTable.LockAsync(connection, cancellation);
        var current = id is null ? null : await SilenceTable.FindAsync(connection, events, id, cancellation);
        var now = Instants.Cut(time.GetUtcNow());
        var (batch, after, changed) = (batches.New(), new List<Silence>(), new List<Silence>());
        foreach (var (stream, fact) in decide(current, now))
        {
            var before = stream == current?.Id ? current : null;
            if (fact is null)
            {
                after.Add(before!);
                continue;
            }

            var silence = Silence.Apply(before, stream, fact, now);
            batch.Append(stream, silence.Version, fact, audit);
            changed.Add(silence);
            after.Add(silence);
        }

        if (changed.Count == 0) return after;
        batch.QueueTo(session, now, SilenceTable.Upsert(changed, now));
        await session.SaveChangesAsync(cancellation);
        return after;
    }
}
