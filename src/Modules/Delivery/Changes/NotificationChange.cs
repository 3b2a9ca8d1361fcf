using System.Text.Json.Serialization;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Changes;

/// <summary>What people can do with notifications. No verb erases anything.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NotificationVerb>))]
public enum NotificationVerb
{
    /// <summary>A failed notification is sent again, to those whom it has not reached.</summary>
    [JsonStringEnumMemberName("resend")] Resend,

    /// <summary>A failed notification is removed from the list.</summary>
    [JsonStringEnumMemberName("dismiss")] Dismiss,

    /// <summary>A waiting notification is no longer sent.</summary>
    [JsonStringEnumMemberName("cancel")] Cancel,
}

/// <param name="Outcome"><c>resent</c> (<paramref name="NotificationId"/> is the new one), <c>dismissed</c>, <c>cancelled</c>; or why it was not
/// changed: <c>notFound</c>, <c>notFailed</c>, <c>notPending</c>, <c>noAddress</c> (its people still have no address for the channel),
/// <c>underWay</c> (it is being sent at this moment, or the platform has accepted it and is asked whether it arrived), <c>changedMeanwhile</c>,
/// <c>notRendered</c> (it has no text, and its message still cannot be rendered), <c>unreadable</c> (its stored events cannot be read, so there is
/// nothing to send or cancel), <c>undecided</c> (it stands for a dead letter with an undecided change of an alarm; replay that by <c>POST
/// /operation/dead-letters/replay</c>), <c>error</c> (an internal error; see the log).</param>
public sealed record NotificationChanged(string Id, string Outcome, string? NotificationId = null);

/// <summary>Applies one verb to many notifications in one transaction, with an outcome for each.</summary>
public sealed class NotificationChange(
    IDocumentStore store, NpgsqlDataSource database, EventReader events, EventBatches batches, CurrentServices services, LaneWaking waking,
    ChannelCatalog channels, IWolverineRuntime runtime, TimeProvider time, ILogger<NotificationChange> logger)
{
    private sealed record Planned(NotificationChanged Outcome, params IReadOnlyList<NotificationTable.NewRow> New);

    /// <summary>The ids within the caller's paths (<see cref="PathLimit"/>), in the same order.</summary>
    public async Task<IReadOnlyList<string>> AllowedAsync(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        if (PathLimit.Current.IsNone) return ids;
        var filter = NotificationFilter.Of(new NotificationQuery(), channels);
        filter.Where($"n.id = any({filter.Add(ids.ToArray())})");
        await using var command = database.CreateCommand($"select n.id from {NotificationTable.Name} n where {filter}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        var allowed = (await command.ReadTextsAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
        // What lies in a dead letter has no row.
        if (ids.Any(x => !allowed.Contains(x)))
            allowed.UnionWith((await PutAside.ReadAsync(new MessageBus(runtime), database, cancellation))
                .Where(x => PathLimit.Current.Allows(x.Request.AlarmPath)).Select(x => x.Id));
        return [.. ids.Where(allowed.Contains)];
    }

    /// <param name="also">Takes part in each transaction, with some of the outcomes in the order of their ids; called again if the transaction had to
    /// be repeated. The action that it returns is called when the transaction is committed.</param>
    public async Task<IReadOnlyList<NotificationChanged>> ApplyAsync(
        NotificationVerb verb, string? reason, IReadOnlyList<string> ids, AuditContext audit,
        Func<IDocumentSession, IReadOnlyList<NotificationChanged>, Action>? also,
        CancellationToken cancellation)
    {
        try
        {
            return await TryApplyAsync(verb, reason, ids, audit, also, cancellation);
        }
        catch (Exception e) when (StoreFault.IsOfOne(e) && e is not ProblemException)
        {
            if (ids.Count > 1)
            {
                // One that somebody else changes at this moment, or that cannot be changed, must not affect the others.
                var outcomes = new List<NotificationChanged>(ids.Count);
                foreach (var id in ids) outcomes.AddRange(await ApplyAsync(verb, reason, [id], audit, also, cancellation));
                return outcomes;
            }

            if (!WriteConflict.Is(e)) logger.LogError(e, "Changing {Notification} failed", ids[0]);
            NotificationChanged[] meanwhile = [new(ids[0], WriteConflict.Is(e) ? "changedMeanwhile" : "error")];
            await using var session = store.LightweightSession();
            var saved = also?.Invoke(session, meanwhile);
            await session.SaveChangesAsync(cancellation);
            saved?.Invoke();
            return meanwhile;
        }
    }

    private async Task<IReadOnlyList<NotificationChanged>> TryApplyAsync(
        NotificationVerb verb, string? reason, IReadOnlyList<string> ids, AuditContext audit,
        Func<IDocumentSession, IReadOnlyList<NotificationChanged>, Action>? also,
        CancellationToken cancellation)
    {
        var known = verb == NotificationVerb.Resend ? await services.GetAsync(cancellation) : null;
        var loaded = await NotificationReader.LoadShownAsync(
            database, events, channels, [.. ids.Where(x => x.StartsWith("notification-", StringComparison.Ordinal))], cancellation);
        var aside = await PutAsideAsync(ids, loaded, cancellation);
        var rendered = verb == NotificationVerb.Resend ? await RenderAsync(loaded.Values, cancellation) : [];
        await using var session = store.LightweightSession();
        var (batch, now) = (batches.New(), time.GetUtcNow());
        if (verb != NotificationVerb.Cancel) Record(aside, batches.New(), session, now);
        var planned = ids.Select(
            id => !loaded.TryGetValue(id, out var n) ? new Planned(new(id, PutAside.IsUndecided(id) ? "undecided" : "notFound")) : verb switch
            {
                _ when n.IsUnreadable && verb != NotificationVerb.Dismiss => new(new(id, "unreadable")),
                NotificationVerb.Cancel => Cancel(n, reason!, audit, batch, session, now),
                _ when !n.HasFailed => new(new(id, "notFailed")),
                NotificationVerb.Dismiss => Dismiss(n, reason!, audit, batch, session),
                _ when n.FailedAt is not null && Anew(n, rendered) is null => new(new(id, "notRendered")),
                _ => Resend(n, known!, Anew(n, rendered)!, audit, batch, session, now),
            }).ToList();
        var rows = planned.SelectMany(x => x.New).ToList();
        string[] lanes = [.. rows.Where(x => x.Failed is null).Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal)];
        batch.QueueTo(session, now, NotificationTable.Insert(rows, now));
        NotificationUrgency.QueueRaise(session, [.. rows.Select(x => x.Request.AlarmId)]);
        LaneTable.QueueInsert(session, [.. lanes]);

        var outcomes = planned.ConvertAll(x => x.Outcome);
        var saved = also?.Invoke(session, outcomes);
        await session.SaveChangesAsync(cancellation);
        saved?.Invoke();
        waking.Wake(lanes);
        return outcomes;
    }

    /// <summary>Those of the ids that exist only in dead letters, and have no stream of their own.</summary>
    private async Task<List<Notification>> PutAsideAsync(
        IReadOnlyList<string> ids, Dictionary<string, Notification> loaded, CancellationToken cancellation)
    {
        var missing = ids.Where(x => x.StartsWith("notification-", StringComparison.Ordinal) && !loaded.ContainsKey(x))
            .ToHashSet(StringComparer.Ordinal);
        if (missing.Count == 0) return [];
        var found = (await PutAside.ReadAsync(new MessageBus(runtime), database, cancellation)).FindAll(x => missing.Contains(x.Id));
        foreach (var n in found) loaded[n.Id] = n;
        return found;
    }

    /// <summary>Records notifications from dead letters as failed, so that what is done with them is recorded too and their message need not be
    /// handled for them again.</summary>
    private static void Record(List<Notification> aside, EventBatch batch, IDocumentSession session, DateTimeOffset now)
    {
        if (aside.Count == 0) return;
        foreach (var n in aside)
        {
            var system = AuditContext.OfSystem(n.CorrelationId);
            var requested = batch.Append(n.Id, 1, n.Request, system);
            batch.Append(n.Id, 2, new NotificationFailed(FailureStage.PutAside, n.Reason!), system with { CausationId = requested.ToString() });
        }

        batch.QueueTo(
            session, now,
            NotificationTable.Insert([.. aside.Select(x => new NotificationTable.NewRow(x.Id, x.Request, null, Failed: x.Reason))], now));
    }

    private static Planned Dismiss(Notification n, string reason, AuditContext audit, EventBatch batch, IDocumentSession session)
    {
        batch.Append(n.Id, n.Version + 1, new NotificationDismissed(reason), audit.InTrailOf(n.CorrelationId));
        NotificationUpdates.QueueDismissed(session, n.Id, n.Version + 1, reason);
        return new(new(n.Id, "dismissed"));
    }

    private static Planned Cancel(Notification n, string reason, AuditContext audit, EventBatch batch, IDocumentSession session, DateTimeOffset now)
    {
        if (n.Attempts is [.., { Outcome: AttemptOutcome.Started }]) return new(new(n.Id, "underWay"));
        if (n.Status is not (NotificationStatus.Pending or NotificationStatus.Scheduled)) return new(new(n.Id, "notPending"));
        // Nothing takes it back, and its result is still to be recorded.
        if (n.Earlier?.RequestId is not null) return new(new(n.Id, "underWay"));
        var cancelled = new NotificationCancelled(reason);
        batch.Append(n.Id, n.Version + 1, cancelled, audit.InTrailOf(n.CorrelationId));
        NotificationUpdates.QueueCancelled(session, n.Id, n.Version + 1, cancelled.StatusReason, now);
        return new(new(n.Id, "cancelled"));
    }

    /// <summary>Renders notifications that Notify itself failed to make, with the current messages; those that the platform refused are resent
    /// unchanged.</summary>
    private async Task<Dictionary<string, RenderedText>> RenderAsync(IEnumerable<Notification> loaded, CancellationToken cancellation)
    {
        var wanted = loaded.Where(x => x.HasFailed && x.FailedAt is not null)
            .Select(x => new RenderWanted(x.Id, x.Request.AlarmId, x.Request.AlarmVersion, x.Request.Message.Id, x.Request.Schedule.Id)).ToList();
        if (wanted.Count == 0) return [];
        var answer = await new MessageBus(runtime).InvokeAsync<RenderedAnew>(new RenderAnew(wanted), cancellation);
        return answer.Texts.ToDictionary(x => x.NotificationId, StringComparer.Ordinal);
    }

    /// <summary>Null when there is no text that could be sent.</summary>
    private static NotificationRequested? Anew(Notification n, Dictionary<string, RenderedText> rendered) =>
        n.FailedAt is null ? n.Request
        : rendered.TryGetValue(n.Id, out var text) ? n.Request with { Message = text.Message, Content = text.Content }
        : n.FailedAt != FailureStage.Rendering && n.Request.Content.Text.Length > 0 ? n.Request
        : null;

    /// <summary>Resends to those who were not reached. People who had no address get the one that they have now; those who still have none become a
    /// failed notification of their own.</summary>
    private Planned Resend(
        Notification n, Reachable known, NotificationRequested request, AuditContext audit, EventBatch batch, IDocumentSession session,
        DateTimeOffset now)
    {
        var channel = channels.Find(n.Request.ChannelType);
        var (receivers, missed) = Readdressed.Of(n.Missed, channel?.Person, known.People);
        if (receivers.Count == 0) return new(new(n.Id, missed.Count > 0 ? "noAddress" : "notFailed"));
        var lane = CurrentServices.LaneOf(known.Find(n.Request.Service.Id), receivers);
        var again = request with { ReplayOf = n.Id, Receivers = receivers, Lane = lane };
        var id = Ids.New("notification", now);
        var context = audit.InTrailOf(n.CorrelationId);
        var resent = batch.Append(n.Id, n.Version + 1, new NotificationResent(id), context);
        batch.Append(id, 1, again, context with { CausationId = resent.ToString() });
        NotificationUpdates.QueueResent(session, n.Id, n.Version + 1, id);
        NotificationTable.NewRow[] rest = missed.Count == 0 ? [] : [StillFailed(again with { Receivers = missed })];
        return new(new(n.Id, "resent", id), [new(id, again, null), .. rest]);

        NotificationTable.NewRow StillFailed(NotificationRequested still)
        {
            var other = Ids.New("notification", now);
            var requested = batch.Append(other, 1, still, context with { CausationId = resent.ToString() });
            var reason = LeftOut.NoAddressFor(channel!.Name.En, missed);
            batch.Append(other, 2, new NotificationFailed(FailureStage.Addressing, reason), context with { CausationId = requested.ToString() });
            return new(other, still, null, Failed: reason);
        }
    }
}
