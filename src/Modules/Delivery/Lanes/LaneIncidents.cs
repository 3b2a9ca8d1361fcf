using System.Text.Json;
using System.Text.Json.Serialization;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Notify.Delivery.Lanes;

/// <summary>Nothing can be sent on a lane because of a setting; its work is held. One event for each incident, however much is held. Stream
/// <c>lane-…</c>.</summary>
/// <param name="Name">The name of the service.</param>
/// <param name="Receiver">The receiver that has the lane for itself; null when several share it.</param>
/// <param name="Channel">The channel to which the code belongs; null in older events.</param>
public sealed record LaneBlocked(
    string Lane, string Name, VersionedRef Service, string? Receiver, [property: JsonConverter(typeof(NumberAsText))] string? PlatformCode,
    string? PlatformMessage,
    string? EgressIp, string? Advice, string? Channel = null)
{
    internal const string EventName = "delivery.lane_blocked.v1";
}

/// <summary>A blocked lane was tried again and refused for a reason other than the recorded one. Same stream.</summary>
public sealed record LaneBlockChanged(
    string Lane, VersionedRef Service, string? Receiver, string? PlatformCode, string? PlatformMessage, string? EgressIp, string? Advice,
    string Channel)
{
    internal const string EventName = "delivery.lane_block_changed.v1";
}

/// <summary>The lane continues with the held work.</summary>
/// <param name="By"><c>probe</c>, <c>testSend</c>, or <c>configuration</c> when the held work was moved to another lane.</param>
/// <param name="Service">The blocked service, with its name at that time; null in older events.</param>
/// <param name="Receiver">The receiver that has the lane for itself; null when several share it.</param>
public sealed record LaneMended(string Lane, string By, VersionedRef? Service = null, string? Receiver = null)
{
    internal const string EventName = "delivery.lane_mended.v1";
    internal const string ByProbe = "probe";
    internal const string ByTestSend = "testSend";
    internal const string ByConfiguration = "configuration";
}

/// <summary>Records once that a lane is blocked, and that it continues; every node and reader sees this in the lane's row. The same transaction
/// raises or clears one of Notify's own alarms.</summary>
public sealed class LaneIncidents(
    IDocumentStore store, IServiceProvider services, EventBatches batches, ChannelCatalog channels, TimeProvider time, ILogger<LaneIncidents> logger)
{
    /// <param name="Block">The block in the lane's row; null: the lane is open.</param>
    /// <param name="Version">The version of the lane's stream.</param>
    /// <param name="LastAt">The instant of its last event.</param>
    /// <param name="Last">The event that blocked the lane; null: according to its events the lane is open.</param>
    private sealed record Known(LaneBlock? Block, long Version, DateTimeOffset LastAt, LaneBlocked? Last);

    /// <returns>False when the block was recorded already.</returns>
    public async Task<bool> BlockAsync(Work work, LaneBlock block, string? advice)
    {
        var (service, alias) = (work.Request.Service, work.Request.Receivers[0].Alias);
        var blocked = new LaneBlocked(
            work.Lane, service.Name, service, alias, block.PlatformCode, block.PlatformMessage, block.EgressIp, advice, work.Request.ChannelType);
        await using var session = store.LightweightSession();
        if (await LockAsync(session, work.Lane) is not { Block: null } known) return false;
        var (at, audit) = Append(session, known, work.Lane, blocked, work.CorrelationId);
        LaneTable.QueueBlock(session, work.Lane, block with { Since = at });
        await SaveAsync(session, LaneAlarm.Raised(blocked, channels.OfLane(blocked.Lane), at, audit));
        logger.LogWarning(
            "Lane blocked: {Service} ({Lane}). Waiting notifications are held: {Cause}",
            alias is null ? service.Name : $"{service.Name} / {alias}", work.Lane, CauseOf(blocked));
        return true;
    }

    /// <summary>Code, message and advice, as far as they exist: if no platform was asked, there is no code.</summary>
    internal static string CauseOf(LaneBlocked blocked) =>
        string.Join(' ', new[] { blocked.PlatformCode, blocked.PlatformMessage, blocked.Advice }
            .Where(x => x is { Length: > 0 }));

    /// <summary>A trial failed: records the time of the next one, and the platform's new reason if it has changed, but no new incident.</summary>
    public async Task PostponeAsync(Work work, LaneBlock block, string? advice)
    {
        await using var session = store.LightweightSession();
        // A test send on another node may have mended the lane meanwhile.
        if (await LockAsync(session, work.Lane) is not { Block: { } recorded } known) return;
        if (block.HasCauseOf(recorded)) LaneTable.QueuePostpone(session, work.Lane, block.ProbeAt);
        else
        {
            var (service, alias) = (work.Request.Service, work.Request.Receivers[0].Alias);
            Append(session, known, work.Lane, new LaneBlockChanged(
                work.Lane, service, alias, block.PlatformCode, block.PlatformMessage, block.EgressIp, advice, work.Request.ChannelType),
                work.CorrelationId);
            LaneTable.QueueBlock(session, work.Lane, block with { Since = recorded.Since });
        }

        await session.SaveChangesAsync();
    }

    /// <returns>False when the lane was not blocked.</returns>
    public async Task<bool> MendAsync(string lane, string by, string? correlationId = null)
    {
        await using var session = store.LightweightSession();
        if (await LockAsync(session, lane) is not { Block: not null } known) return false;
        LaneTable.QueueMend(session, lane);
        var (at, audit) = Append(session, known, lane, new LaneMended(lane, by, known.Last?.Service, known.Last?.Receiver),
            correlationId ?? Ids.NewGuid(time.GetUtcNow()).ToString("N"));
        await SaveAsync(session, known.Last is { } blocked ? LaneAlarm.Cleared(blocked, channels.OfLane(blocked.Lane), by, at, audit) : null);
        logger.LogInformation("Lane resumed: {Lane}, by {By}. Held notifications are being sent", lane, by);
        return true;
    }

    /// <summary>Locks the lane's row, so that another node that blocks or mends it waits until this transaction ends, and reads its state.</summary>
    private static async Task<Known?> LockAsync(IDocumentSession session, string lane)
    {
        await session.BeginTransactionAsync(CancellationToken.None);
        await using (var turn = new NpgsqlCommand($"select from {LaneTable.Name} where id = $1 for update"))
        {
            turn.Parameters.AddWithValue(lane);
            await using var locked = await session.ExecuteReaderAsync(turn, CancellationToken.None);
        }

        await using var command = new NpgsqlCommand(
            $"""
            select s.version, s.timestamp, b.data, {LaneTable.BlockColumns}
            from {LaneTable.Name} l
            left join {EventTables.Streams} s on s.id = $2
            left join lateral (
              select e.type, e.data from {EventTables.Events} e
              where e.stream_id = s.id and e.type <> '{LaneBlockChanged.EventName}' order by e.version desc limit 1) b on b.type = '{LaneBlocked.EventName}'
            where l.id = $1
            """);
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(StreamOf(lane));
        await using var reader = await session.ExecuteReaderAsync(command, CancellationToken.None);
        if (!await reader.ReadAsync()) return null;
        var block = LaneTable.ReadBlock(reader, 3);
        if (reader.IsDBNull(0)) return new Known(block, 0, default, null);
        // A lane must block and mend whatever somebody did to its last event; without it, its own alarm is not cleared.
        var last = reader.IsDBNull(2) ? null
            : EventRecord.ReadOrDefault(() => JsonSerializer.Deserialize<LaneBlocked>(reader.GetString(2), NotifyJson.Options));
        return new Known(
            block, reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), last is { Lane: not null, Service: not null } ? last : null);
    }

    private (DateTimeOffset At, AuditContext Audit) Append(IDocumentSession session, Known known, string lane, object @event, string correlationId)
    {
        // Another node's clock may be ahead; the alarm's end must not appear older than its beginning.
        var now = time.GetUtcNow();
        var at = Instants.Cut(now > known.LastAt ? now : known.LastAt.AddMicroseconds(1));
        var audit = AuditContext.OfSystem(correlationId);
        var events = batches.New();
        var id = events.Append(StreamOf(lane), known.Version + 1, @event, audit);
        events.QueueTo(session, at);
        return (at, audit with { CausationId = id.ToString() });
    }

    private async Task SaveAsync(IDocumentSession session, RaiseAlarm? alarm)
    {
        if (alarm is not null) await new MartenOutbox(services.GetRequiredService<IWolverineRuntime>(), session).PublishAsync(alarm);
        await session.SaveChangesAsync();
    }

    internal static string StreamOf(string lane) => Ids.Derived("lane", lane);
}
