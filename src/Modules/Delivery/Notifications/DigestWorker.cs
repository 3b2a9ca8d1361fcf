using System.Text;
using System.Text.Json;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.WeCom;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Notifications;

/// <summary>
/// When a schedule opens, tells in one notification what it has held back from the same receivers by the same rule. The rows are the memory of it; whoever
/// locks them first does it.
/// </summary>
public sealed class DigestWorker(
    NpgsqlDataSource database, IDocumentStore store, IWolverineRuntime runtime, EventCatalog catalog, CurrentServices services, LaneDispatcher dispatcher, TimeProvider time,
    ILogger<DigestWorker> logger) : Worker("Digests", logger)
{
    /// <summary>What one message tells of at most.</summary>
    private const int MostInOne = 2000;

    private const string Heading = "Held back until the schedule opened / 日程开放前暂缓的通知\n";

    private static readonly TimeSpan longestSleep = TimeSpan.FromSeconds(5);
    private long followed;

    private sealed record Held(string Id, long Version, NotificationRequested Request, string CorrelationId);

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

    /// <summary>A changed schedule may open sooner, or later, than was thought when it held something back.</summary>
    private async Task FollowAsync(CancellationToken cancellation)
    {
        var schedules = new List<string>();
        await using (var command = database.CreateCommand(
            $"select distinct e.data->'schedule'->>'id' from {NotificationTable.Name} n join {Database.Schema}.mt_events e on e.stream_id = n.id and e.version = 1 where n.digest_at is not null"))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) schedules.Add(reader.GetString(0));
        }

        foreach (var schedule in schedules)
        {
            await using var command = database.CreateCommand(
                $"""
                update {NotificationTable.Name} n set digest_at = $2 from {Database.Schema}.mt_events e
                where e.stream_id = n.id and e.version = 1 and n.digest_at is not null and n.digest_at <> $2 and e.data->'schedule'->>'id' = $1
                """);
            command.Parameters.AddWithValue(schedule);
            command.Parameters.AddWithValue(await OpeningAsync(schedule, cancellation) ?? time.GetUtcNow());
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <returns>When it opens; null when it is open, or never opens again and so holds nothing back any more.</returns>
    private async Task<DateTimeOffset?> OpeningAsync(string schedule, CancellationToken cancellation)
    {
        var state = await new MessageBus(runtime).InvokeAsync<ScheduleAnswered>(new AskSchedule(schedule, time.GetUtcNow()), cancellation);
        return state.Open ? null : state.NextChange;
    }

    /// <returns>Whether there was something to tell, so that there may be more.</returns>
    private async Task<bool> TellAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var held = await LockAsync(session, now, cancellation);
        if (held.Count == 0) return false;
        var (events, rows) = (new EventBatch(catalog, time), new List<NotificationTable.NewRow>());
        var known = await services.GetAsync(cancellation);
        var openings = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        foreach (var id in held.Select(x => x.Request.Schedule.Id).Distinct(StringComparer.Ordinal)) openings[id] = await OpeningAsync(id, cancellation);
        foreach (var group in held.GroupBy(x => (x.Request.Rule.Id, x.Request.Service.Id, x.Request.Schedule.Id, string.Join('\n', x.Request.Receivers.Select(NotificationTable.KeyOf)))))
        {
            var (last, all) = (group.Last(), group.ToList());
            string[] ids = [.. all.Select(x => x.Id)];
            if (openings[last.Request.Schedule.Id] is { } later)
            {
                session.QueueSqlCommand($"update {NotificationTable.Name} set digest_at = ? where id = any(?)", later, ids);
                continue;
            }

            var id = Ids.New("notification", now);
            var limit = WeComFormats.LimitBytes(last.Request.Receivers[0].Kind == Receiver.Bot, WeComFormats.Text) - Encoding.UTF8.GetByteCount(Heading);
            var digest = last.Request with
            {
                AlarmId = Ids.New("digest", now),
                AlarmName = "Digest / 汇总",
                AlarmPath = "",
                AlarmValue = null,
                Level = all.Min(x => x.Request.Level),
                AlarmVersion = 0,
                Lane = CurrentServices.LaneOf(known.GetValueOrDefault(last.Request.Service.Id), last.Request.Receivers),
                Content = new RenderedMessage(WeComFormats.Text, Heading + MergedText.All([.. all.Select(x => x.Request)], limit), Mentions.None),
                DigestOf = ids,
            };
            events.Append(id, 1, digest, AuditContext.OfSystem(last.CorrelationId));
            rows.Add(new(id, digest, null));
            foreach (var x in all) events.Append(x.Id, x.Version + 1, new NotificationDigested(id), AuditContext.OfSystem(x.CorrelationId));
            session.QueueSqlCommand($"update {NotificationTable.Name} set digest_at = null, version = version + 1 where id = any(?)", new object[] { ids });
        }

        string[] lanes = [.. rows.Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal)];
        if (rows.Count > 0)
        {
            NotificationTable.QueueInsert(session, rows, now);
            LaneTable.QueueInsert(session, [.. lanes]);
        }

        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        dispatcher.Wake(lanes);
        return true;
    }

    /// <summary>Oldest first; what another node has locked is left to it.</summary>
    private static async Task<List<Held>> LockAsync(IDocumentSession session, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select n.id, n.version, e.data, e.correlation_id from {NotificationTable.Name} n
            join {Database.Schema}.mt_events e on e.stream_id = n.id and e.version = 1
            where n.digest_at <= $1 order by n.position limit {MostInOne} for update of n skip locked
            """);
        command.Parameters.AddWithValue(now);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var held = new List<Held>();
        while (await reader.ReadAsync(cancellation))
        {
            held.Add(new Held(
                reader.GetString(0), reader.GetInt64(1), JsonSerializer.Deserialize<NotificationRequested>(reader.GetString(2), NotifyJson.Options)!,
                reader.IsDBNull(3) ? "" : reader.GetString(3)));
        }

        return held;
    }
}
