using System.Text.Json;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Delivery.Flights;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Requests;

/// <summary>Records decided notifications and passes them to their lanes, all in one transaction. A fault in one does not affect the others: it is
/// recorded as failed, and the others are sent.</summary>
public sealed class NotificationRequests(
    IDocumentStore store, EventBatches batches, CurrentServices services, ChannelCatalog channels, DirectFlights direct, TimeProvider time,
    ILogger<NotificationRequests> logger)
{
    /// <param name="Lane">The unit to which the platform applies its limits.</param>
    /// <param name="Failure">The stage at which it failed, and why; null when it did not.</param>
    private readonly record struct Planned(string Lane, string? Suppressed, (string Stage, string Reason)? Failure);

    /// <param name="session">The caller's transaction, which is committed here; if that fails, the notifications are recorded in other transactions,
    /// as far as possible.</param>
    public async Task PutAsync(IReadOnlyList<DecidedNotification> decided, IDocumentSession session, CancellationToken cancellation)
    {
        try
        {
            await PutAsync(decided, null, session, cancellation);
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            session.EjectAllPendingChanges();
            if (await PutApartAsync(decided, e, cancellation) is { } fault)
                throw new InvalidOperationException($"A notification could not be recorded, not even as failed: {FaultText.Of(fault)}", fault);
        }
    }

    /// <summary>A batch that cannot be recorded is halved until the faulty notification is alone. That one is recorded as failed, without its text,
    /// which may be the cause.</summary>
    /// <returns>Why one of them could not be recorded at all; null when all could.</returns>
    private async Task<Exception?> PutApartAsync(IReadOnlyList<DecidedNotification> decided, Exception together, CancellationToken cancellation)
    {
        Exception? fault = null;
        await Halving.ApartAsync(decided, together, part => PutPartAsync(part, null, cancellation), PutFailedAsync);
        return fault;

        async Task PutFailedAsync(DecidedNotification one, Exception e)
        {
            if (WriteConflict.Is(e))
            {
                fault = e;
                return;
            }

            logger.LogError(e, "Recording {Notification} failed; recording it as failed", one.NotificationId);
            try
            {
                await PutPartAsync([Storable(one)], (FailureStage.Recording, FaultText.Of(e)), cancellation);
            }
            catch (Exception again) when (StoreFault.IsOfOne(again))
            {
                fault = again;
            }
        }
    }

    /// <summary>Records them in a transaction of their own.</summary>
    private async Task PutPartAsync(
        IReadOnlyList<DecidedNotification> decided, (string Stage, string Reason)? failure, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await PutAsync(decided, failure, session, cancellation);
    }

    private async Task PutAsync(
        IReadOnlyList<DecidedNotification> decided, (string Stage, string Reason)? failure, IDocumentSession session, CancellationToken cancellation)
    {
        var changes = decided.Select(x => (x.AlarmId, x.AlarmVersion)).Distinct().ToList();
        using var watch = direct.Watch(changes.Select(x => x.AlarmId));
        var known = await NotificationTable.ReadKnownAsync(
            session, [.. decided.Select(x => x.NotificationId)], [.. changes.Select(x => x.AlarmId)], [.. changes.Select(x => x.AlarmVersion)],
            cancellation);
        var reachable = await services.GetAsync(known.ConfigurationVersion, cancellation);
        var told = known.Overtaken.Length == 0 ? [] : await NotificationTable.ReadToldAsync(session, known.Overtaken, cancellation);
        var now = time.GetUtcNow();
        var events = batches.New();
        var rows = new List<NotificationTable.NewRow>(decided.Count);
        var toSend = new List<Work>(decided.Count);
        foreach (var x in decided.Where(x => !known.Requested.Contains(x.NotificationId)).SelectMany(x => InOrder(x, told)))
        {
            var (lane, suppressed, failed) = Plan(x, reachable);
            if (suppressed is null) failed = failure ?? failed;
            var request = new NotificationRequested(
                x.AlarmId, x.AlarmName, x.AlarmPath, x.Level, x.State, x.EventTime, x.Rule, x.Service, x.Message, x.Schedule, x.ChannelType, lane,
                x.Receivers, x.Content, AlarmVersion: x.AlarmVersion,
                AlarmValue: x.AlarmValue, Step: x.Step, StartTime: x.StartTime, Otherwise: x.Otherwise);
            var audit = AuditContext.OfSystem(x.CorrelationId, x.CausationId.ToString(), traceParent: x.TraceParent);
            var requested = events.Append(x.NotificationId, 1, request, audit).ToString();
            if (suppressed is not null) events.Append(
                x.NotificationId, 2, new NotificationSuppressed(suppressed, x.DigestAt), audit with { CausationId = requested });
            else if (failed is var (stage, reason)) events.Append(
                x.NotificationId, 2, new NotificationFailed(stage, reason), audit with { CausationId = requested });
            else toSend.Add(new Work(x.NotificationId, lane, 1, 0, 0, 0, request, now, x.CorrelationId, requested, x.TraceParent));
            rows.Add(new(x.NotificationId, request, suppressed, x.DigestAt, failed?.Reason));
        }

        if (rows.Count == 0) return;
        var flights = await direct.TakeAsync(toSend, reachable, watch, cancellation);
        try
        {
            var started = flights.Select(x => x.Works[0].Id).ToHashSet(StringComparer.Ordinal);
            List<Work> rest = [.. toSend.Where(x => !started.Contains(x.Id))];
            direct.Record(flights, events, session);
            events.QueueTo(session, now, NotificationTable.Insert(rows, now, started));
            // An alarm that was just raised has nothing waiting.
            NotificationUrgency.QueueRaise(
                session, [.. rest.Where(x => x.Request.AlarmVersion > 1).Select(x => x.Request.AlarmId), .. known.Overtaken]);
            string[] used = [.. toSend.Select(x => x.Lane).Distinct(StringComparer.Ordinal)];
            LaneTable.QueueInsert(session, direct.NotServed(used));
            await session.SaveChangesAsync(cancellation);
            direct.Launch(flights, rest, used);
        }
        catch
        {
            direct.PutBack(flights);
            throw;
        }
    }

    private static Planned Plan(DecidedNotification x, Reachable reachable)
    {
        var failure = x.Failure is { } reason
            ? (x.Receivers.All(PeopleKinds.IsPeople) ? FailureStage.Addressing : FailureStage.Rendering, reason) : ((string, string)?)null;
        try
        {
            return new(CurrentServices.LaneOf(reachable.Find(x.Service.Id), x.Receivers), x.Suppressed, failure);
        }
        catch (Exception e)
        {
            return new(CurrentServices.Unreachable, x.Suppressed, failure ?? (FailureStage.Planning, FaultText.Of(e)));
        }
    }

    /// <summary>A batch that was recovered after a kill, or decided on another node, may arrive after a later change of the same alarm. Receivers of
    /// the later one no longer get the earlier one; everybody else does, with a mark. If both are among its receivers, the first keep its
    /// id, by which it is known when it is delivered again.</summary>
    private IEnumerable<DecidedNotification> InOrder(
        DecidedNotification x, List<(string AlarmId, long Version, string ServiceId, string[] Receivers)> told)
    {
        var later = told.FindAll(y => IsLater(y, x));
        // One with a receiver that cannot be read is recorded as failed.
        if (later.Count == 0 || x.Suppressed is not null || x.Receivers.Any(r => r is not { Kind: not null })) return [x];
        var keys = later.Where(y => y.ServiceId == x.Service.Id).SelectMany(y => y.Receivers).ToHashSet(StringComparer.Ordinal);
        var parts = x.Receivers.ToLookup(r => LateNotification.IsTold(r, keys));
        var others = x with { Content = LateNotification.Marked(x.Content, x.ChannelType, channels) };
        if (!parts[true].Any()) return [others];
        var overtaken = x with { Suppressed = NotificationTable.Superseded };
        return !parts[false].Any() ? [overtaken] :
        [
            overtaken with { Receivers = [.. parts[true]] },
            others with { NotificationId = LateNotification.IdOfOthers(x.NotificationId), Receivers = [.. parts[false]] },
        ];
    }

    private static bool IsLater((string AlarmId, long Version, string ServiceId, string[] Receivers) told, DecidedNotification x) =>
        x.AlarmVersion > 0 && told.AlarmId == x.AlarmId && told.Version > x.AlarmVersion;

    /// <summary>PostgreSQL cannot store U+0000 anywhere, so it is replaced. The text is dropped, since it is not sent.</summary>
    private static DecidedNotification Storable(DecidedNotification x) => JsonSerializer.Deserialize<DecidedNotification>(
        JsonSerializer.Serialize(x with { Content = RenderedMessage.None }, NotifyJson.Options)
        .Replace("\\u0000", "\\ufffd", StringComparison.Ordinal),
        NotifyJson.Options)!;
}
