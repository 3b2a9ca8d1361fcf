using Marten;
using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Texts;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Digests;

/// <summary>When a schedule opens, sends one notification in place of those that it held back for the same receivers and rule. The table stores what
/// is held back; the first node that locks the rows sends it.</summary>
public sealed class DigestWorker(
    NpgsqlDataSource database, IDocumentStore store, IWolverineRuntime runtime, EventBatches batches, CurrentServices services,
    ChannelCatalog channels, LaneWaking waking, TimeProvider time,
    ILogger<DigestWorker> logger) : Worker("Digests", logger)
{
    /// <summary>How many notifications one digest lists at most.</summary>
    private const int MostInOne = 2000;

    private static readonly TimeSpan tryAgainAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan longestSleep = TimeSpan.FromSeconds(5);
    private long followed;

    private sealed record Held(string Id, long Version, NotificationRequested Request, string CorrelationId, Exception? Unreadable);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        var (configuration, next) = await LookAsync(cancellation);
        if (next is not null && configuration != followed) await FollowAsync(cancellation);
        followed = configuration;
        if (next > time.GetUtcNow()) return next - time.GetUtcNow() is { } wait && wait < longestSleep ? wait : longestSleep;
        if (next is null) return longestSleep;
        while (await TellAsync(cancellation)) { }
        return TimeSpan.Zero;
    }

    private async Task<(long ConfigurationVersion, DateTimeOffset? Next)> LookAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select coalesce((select version from {Database.Schema}.configuration_stamp), 0), (select min(digest_at) from {NotificationTable.Name} where digest_at is not null)");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }

    /// <summary>A changed schedule may open earlier or later than was expected when it held something back.</summary>
    private async Task FollowAsync(CancellationToken cancellation)
    {
        List<string> schedules;
        await using (var command = database.CreateCommand(
            $"select distinct e.data->'schedule'->>'id' from {NotificationTable.Name} n {EventTables.JoinFirst("n.id")} where n.digest_at is not null"))
        {
            schedules = await command.ReadTextsAsync(cancellation);
        }

        foreach (var schedule in schedules)
            await NotificationUpdates.SetOpeningAsync(
                database, schedule, await OpeningAsync(schedule, cancellation) ?? time.GetUtcNow(), cancellation);
    }

    /// <returns>When it opens; null when it is open, or will never open again and therefore holds nothing back.</returns>
    private async Task<DateTimeOffset?> OpeningAsync(string schedule, CancellationToken cancellation)
    {
        var state = await new MessageBus(runtime).InvokeAsync<ScheduleAnswered>(new AskSchedule(schedule, time.GetUtcNow()), cancellation);
        return state.Open ? null : state.NextChange;
    }

    /// <returns>Whether anything was sent; if so, there may be more.</returns>
    private async Task<bool> TellAsync(CancellationToken cancellation)
    {
        List<Held> held = [];
        try
        {
            held = await TellAsync(null, cancellation);
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            Logger.LogWarning("Sending the due digests together failed; sending them group by group: {Fault}", FaultText.Of(e));
            var all = await ReadAsync(cancellation);
            if (all.Count == 0) throw;
            foreach (var group in all.GroupBy(GroupOf)) await TellApartAsync([.. group.Select(x => x.Id)], cancellation);
            return true;
        }

        return held.Count > 0;
    }

    /// <summary>Sends one group alone. If that fails too, it is retried later and does not delay other groups.</summary>
    private async Task TellApartAsync(string[] ids, CancellationToken cancellation)
    {
        try
        {
            await TellAsync(ids, cancellation);
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            Logger.LogError(e, "Sending a digest of {Count} notifications, {Notification} among them, failed; trying again in {Minutes} min",
                ids.Length, ids[0], tryAgainAfter.TotalMinutes);
            await NotificationUpdates.PutOffDigestAsync(database, ids, time.GetUtcNow() + tryAgainAfter, cancellation);
        }
    }

    private static (string, string, string, string) GroupOf(Held x) =>
        (x.Request.Rule.Id, x.Request.Service.Id, x.Request.Schedule.Id, string.Join('\n', x.Request.Receivers.Select(ReceiverKey.Of)));

    /// <param name="ids">Null: all that are due.</param>
    private async Task<List<Held>> TellAsync(string[]? ids, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var held = await LockAsync(session, ids, now, cancellation);
        if (held.Count == 0) return held;
        var (events, rows) = (batches.New(), new List<NotificationTable.NewRow>());
        var known = await services.GetAsync(cancellation);
        var openings = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        foreach (var id in held.Select(x => x.Request.Schedule.Id).Distinct(StringComparer.Ordinal)) openings[id] = await OpeningAsync(
            id, cancellation);
        foreach (var group in held.GroupBy(GroupOf))
        {
            if (openings[group.First().Request.Schedule.Id] is { } later)
            {
                NotificationUpdates.QueueHeldUntil(session, [.. group.Select(x => x.Id)], later);
                continue;
            }

            List<Held> all = [.. group];
            if (Digest(all, events, session, known, now) is { } digest) rows.Add(digest);
        }

        string[] lanes = [.. rows.Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal)];
        events.QueueTo(session, now, NotificationTable.Insert(rows, now));
        LaneTable.QueueInsert(session, [.. lanes]);

        await session.SaveChangesAsync(cancellation);
        waking.Wake(lanes);
        return held;
    }

    /// <returns>One notification that lists them all, except those that cannot be listed, which fail; null when none can.</returns>
    private NotificationTable.NewRow? Digest(
        List<Held> all, EventBatch events, IDocumentSession session, Reachable known, DateTimeOffset now)
    {
        foreach (var x in all.ToList())
        {
            if (FaultOf(x) is not { } fault) continue;
            all.Remove(x);
            events.Append(x.Id, x.Version + 1, new NotificationFailed(FailureStage.Merging, fault), AuditContext.OfSystem(x.CorrelationId));
            NotificationUpdates.QueueFailedInDigest(session, x.Id, fault, now);
        }

        if (all.Count == 0) return null;
        var last = all[^1];
        string[] ids = [.. all.Select(x => x.Id)];
        var id = Ids.New("notification", now);
        var heading = MessageWords.Of(all.Select(x => x.Request.Content.Language)).HeldBack + "\n";
        var list = List(all, heading);
        var digest = last.Request with
        {
            AlarmId = Ids.New("digest", now),
            AlarmName = "Digest / 汇总",
            AlarmPath = "",
            AlarmValue = null,
            StartTime = null,
            Level = all.Min(x => x.Request.Level),
            AlarmVersion = 0,
            Lane = CurrentServices.LaneOf(known.Find(last.Request.Service.Id), last.Request.Receivers),
            Content = list with { Text = heading + list.Text },
            DigestOf = ids,
            Step = null,
        };
        events.Append(id, 1, digest, AuditContext.OfSystem(last.CorrelationId));
        foreach (var x in all) events.Append(x.Id, x.Version + 1, new NotificationDigested(id), AuditContext.OfSystem(x.CorrelationId));
        NotificationUpdates.QueueDigested(session, ids);
        return new(id, digest, null);
    }

    private RenderedMessage List(IReadOnlyList<Held> all, string heading) =>
        channels.Of(all[0].Request.ChannelType).Messages.List([.. all.Select(x => x.Request)], heading);

    /// <summary>Why the notification cannot be listed; null when it can.</summary>
    private string? FaultOf(Held x)
    {
        if (x.Unreadable is { } unreadable) return FaultText.Of(unreadable);
        try
        {
            List([x], "");
            return null;
        }
        catch (Exception e)
        {
            return FaultText.Of(e);
        }
    }

    /// <summary>Oldest first; rows locked by another node are skipped.</summary>
    private static async Task<List<Held>> LockAsync(IDocumentSession session, string[]? ids, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Select(ids, now, "for update of n skip locked");
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        return await ReadAsync(reader, cancellation);
    }

    private async Task<List<Held>> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Select(null, time.GetUtcNow(), "");
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await ReadAsync(reader, cancellation);
    }

    private static NpgsqlCommand Select(string[]? ids, DateTimeOffset now, string locking)
    {
        var command = new NpgsqlCommand(
            $"""
            select n.id, n.version, e.data, e.correlation_id from {NotificationTable.Name} n
            {EventTables.JoinFirst("n.id")}
            where n.digest_at <= $1 and ($2::text[] is null or n.id = any($2)) order by n.position limit {MostInOne} {locking}
            """);
        command.Parameters.AddWithValue(now);
        command.Parameters.Add(new NpgsqlParameter<string[]?> { TypedValue = ids });
        return command;
    }

    private static async Task<List<Held>> ReadAsync(System.Data.Common.DbDataReader reader, CancellationToken cancellation)
    {
        var held = new List<Held>();
        while (await reader.ReadAsync(cancellation))
        {
            var (request, unreadable) = Work.ReadRequest(reader.GetString(2));
            held.Add(new Held(reader.GetString(0), reader.GetInt64(1), request, reader.IsDBNull(3) ? "" : reader.GetString(3), unreadable));
        }

        return held;
    }
}
