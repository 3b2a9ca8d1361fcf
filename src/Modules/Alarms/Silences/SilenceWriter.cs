using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Silences;

/// <summary>The only writer of silences: one change at a time in the whole installation.</summary>
public sealed class SilenceWriter(IDocumentStore store, EventBatches batches, EventReader events, TimeProvider time)
{
    private const string Noun = "silence";

    /// <summary>Creates or changes a silence. With other matchers, or a start that can no longer be changed, a new silence replaces it.</summary>
    /// <param name="first">Identifies a request that the caller may repeat: a repeat returns the silence that the first one created.</param>
    /// <returns>The silence; if it replaces another, that one first.</returns>
    /// <exception cref="ProblemException">404: the silence to change does not exist, or the caller may not see it.</exception>
    public Task<IReadOnlyList<Silence>> SetAsync(
        SilenceDraft draft, AuditContext audit, CancellationToken cancellation, FirstRequest? first = null)
    {
        var made = first is null ? null : Ids.Of(Noun, first.Id);
        var limit = PathLimit.Current;
        var by = draft.By.Length > 0 ? draft.By : audit.Actor.Name;
        return ChangeAsync(draft.Id, audit, (current, now) =>
        {
            if (draft.Id is { } id && current?.IsSeenBy(limit) != true) throw ProblemException.NotFound(Noun, id);
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
            var isNew = (made ?? Ids.New(Noun, now), (object?)created);
            return current is null || current.StateAt(now) == SilenceState.Expired
                ? [isNew] : [(current.Id, new SilenceExpired(now, TimeIsUp: false)), isNew];
        }, cancellation, made);
    }

    /// <summary>Ends a silence now; one that has ended stays unchanged.</summary>
    /// <exception cref="ProblemException">404: the silence does not exist, or the caller may not see it.</exception>
    public async Task<Silence> ExpireAsync(string id, AuditContext audit, CancellationToken cancellation)
    {
        var limit = PathLimit.Current;
        return (await ChangeAsync(id, audit, (current, now) =>
            current?.IsSeenBy(limit) != true ? throw ProblemException.NotFound(Noun, id)
            : [(id, current.StateAt(now) == SilenceState.Expired ? null : new SilenceExpired(now, TimeIsUp: false))], cancellation))[0];
    }

    /// <summary>Records the end of a silence whose time is up.</summary>
    /// <returns>The silence afterwards; null: it does not exist.</returns>
    public async Task<Silence?> ElapseAsync(string id, AuditContext audit, CancellationToken cancellation) =>
        await ChangeAsync(id, audit, (current, now) =>
            current is null ? []
            : [(id, current.EndedAt is null && current.EndsAt <= now ? new SilenceExpired(current.EndsAt, TimeIsUp: true) : null)],
            cancellation) is [var silence, ..] ? silence : null;

    /// <param name="decide">Returns the ids of the silences concerned, each with the event to record; null: none.</param>
    /// <param name="made">The id of the silence that is created; if it exists, nothing is changed.</param>
    private async Task<IReadOnlyList<Silence>> ChangeAsync(
        string? id, AuditContext audit, Func<Silence?, DateTimeOffset, IReadOnlyList<(string Id, object? Event)>> decide,
        CancellationToken cancellation, string? made = null)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var connection = (NpgsqlConnection)session.Connection!;
        await SilenceTable.LockAsync(connection, cancellation);
        var current = id is null ? null : await SilenceTable.FindAsync(connection, events, id, cancellation);
        if (made is not null && await SilenceTable.FindAsync(connection, events, made, cancellation) is { } already)
            return current is null ? [already] : [current, already];
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
