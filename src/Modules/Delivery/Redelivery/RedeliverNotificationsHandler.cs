using Marten;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Redelivery;

/// <summary>Sends past notifications again, a few at a time, on the same lanes and therefore at the same pace, after everything live. The text of
/// each says that it is a repeat, and of when. Its id is derived from the replay's and the original's, so nothing is repeated twice.</summary>
public static class RedeliverNotificationsHandler
{
    public static async Task<NotificationsRedelivered> Handle(
        RedeliverNotifications query, IDocumentStore store, NpgsqlDataSource database, EventReader reader, EventBatches batches,
        CurrentServices services, ChannelCatalog channels,
        LaneWaking waking, TimeProvider time, CancellationToken cancellation)
    {
        var ended = await EndedAsync(query.Open, database, cancellation);
        var room = query.MostOpen - (query.Open.Count - ended.Count);
        var (page, remaining) = await NextAsync(query, Math.Max(0, room), channels, database, cancellation);
        if (page.Count == 0) return new([], ended, query.After, remaining);

        var originals = await NotificationReader.LoadAsync(reader, [.. page.Select(x => x.Id)], cancellation);
        var known = await services.GetAsync(cancellation);
        var path = query.Filter.AlarmPath is { } pattern ? PathPattern.Parse(pattern) : null;
        var (taken, rows) = (new List<RedeliveredNotification>(), new List<NotificationTable.NewRow>());
        var by = query.By;
        var audit = new AuditContext(new Actor(by.Id, by.Name, by.Kind), by.CorrelationId, query.ReplayId, by.SourceIp, by.Reason, by.Client);
        foreach (var (id, _) in page)
        {
            if (!originals.TryGetValue(id, out var original)) continue; // its events were archived meanwhile
            if (path?.Matches(original.Request.AlarmPath) == false || original.Request.ReplayId is not null) continue;
            var (again, leftOut) = TryRepeat(original, query, known, channels);
            var repeat = leftOut is null ? Ids.Derived("notification", $"{query.ReplayId}\n{id}") : null;
            taken.Add(new(
                id, original.RequestedAt, original.Request.AlarmName, string.Join(", ", again.Receivers.Select(PeopleKinds.NameOf)),
                repeat, leftOut));
            if (repeat is not null) rows.Add(new(repeat, again, null));
        }

        var events = batches.New();
        await using var session = store.LightweightSession();
        var before = await NotificationTable.ReadKnownAsync(session, [.. rows.Select(x => x.Id)], [], [], cancellation);
        rows.RemoveAll(x => before.Requested.Contains(x.Id));
        if (rows.Count > 0)
        {
            string[] used = [.. rows.Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal)];
            foreach (var row in rows) events.Append(row.Id, 1, row.Request, audit.InTrailOf(originals[row.Request.ReplayOf!].CorrelationId));
            var now = time.GetUtcNow();
            events.QueueTo(session, now, NotificationTable.Insert(rows, now));
            LaneTable.QueueInsert(session, used);
            await session.SaveChangesAsync(cancellation);
            waking.Wake(used);
        }

        return new(taken, ended, page[^1].Position, remaining - page.Count);
    }

    private static (NotificationRequested Again, string? LeftOut) TryRepeat(
        Notification original, RedeliverNotifications query, Reachable known, ChannelCatalog channels)
    {
        try
        {
            return Repeat(original, query, known, channels);
        }
        catch (Exception e)
        {
            return (original.Request, FaultText.Of(e));
        }
    }

    private static (NotificationRequested Again, string? LeftOut) Repeat(
        Notification original, RedeliverNotifications query, Reachable known, ChannelCatalog channels)
    {
        // Whoever has it does not get it because others do not.
        var request = original.Status == NotificationStatus.Delivered ? original.Request : original.Request with { Receivers = original.Missed };
        var target = query.ServiceId ?? request.Service.Id;
        if (known.Find(target) is not { } service) return (request, "The service was removed.");
        if (!service.Enabled) return (request, "The service is disabled.");
        if (service.Type != request.ChannelType) return (request, "The service is of another type.");
        if (request.Receivers.Any(PeopleKinds.IsPeople)) return (request, "The people had no address.");
        var lane = CurrentServices.LaneOf(service, request.Receivers);
        if (lane.StartsWith(CurrentServices.Unreachable, StringComparison.Ordinal)) return (request, "The service does not have these receivers.");
        return (request with
        {
            Service = new VersionedRef(service.Id, service.Version, service.Name),
            Lane = lane,
            Content = OwnWords.AsRepeat(
                request.Content, original.RequestedAt, channels.Find(request.ChannelType)?.Messages.Find(request.Content.Format)),
            // It concerns the past: it neither overtakes live notifications nor is overtaken by them.
            AlarmVersion = 0,
            DigestOf = null,
            ReplayOf = original.Id,
            ReplayId = query.ReplayId,
        }, null);
    }

    private static async Task<List<EndedRepeat>> EndedAsync(IReadOnlyList<string> open, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var ended = new List<EndedRepeat>();
        if (open.Count == 0) return ended;
        await using var command = database.CreateCommand(
            $"select id, status, reason from {NotificationTable.Name} where id = any($1) and due_at is null");
        command.Parameters.AddWithValue(open.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) ended.Add(
            new(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        return ended;
    }

    /// <summary>Suppressed notifications are not sent, unless the filter asks for that status. What is still to be sent is not repeated, nor what was
    /// resent: that has a notification of its own.</summary>
    private static async Task<(List<(string Id, long Position)> Page, long Remaining)> NextAsync(
        RedeliverNotifications query, int limit, ChannelCatalog channels, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var filter = new NotificationFilter();
        filter.WhereSeen();
        filter.WhereAfter(query.After);
        await filter.WhereRequestedAsync(query.From, query.To, database, cancellation);
        filter.WhereRule(query.Filter.RuleId);
        filter.WhereService(query.Filter.ServiceId);
        if (query.Filter.Receiver is { } receiver) filter.WhereReceiver(channels.KeysOf(receiver));
        if (query.Filter.Status is { } status) filter.Where($"n.status = {filter.Add(status)}");
        else filter.Where("n.status <> 'Suppressed'");
        filter.Where("n.due_at is null and n.resent_as is null");
        await using var command = database.CreateCommand(
            $"select n.id, n.position, count(*) over () from {NotificationTable.Name} n where {filter} order by n.position limit {Math.Max(1, limit)}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (page, remaining) = (new List<(string, long)>(), 0L);
        while (await reader.ReadAsync(cancellation))
        {
            remaining = reader.GetInt64(2);
            if (limit > 0) page.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return (page, remaining);
    }
}
