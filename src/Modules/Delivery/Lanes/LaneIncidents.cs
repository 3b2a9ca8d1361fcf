using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Nothing passes on a lane any more because of a setting; its work is held. One for each incident, however much is held. Stream <c>lane-…</c>.</summary>
/// <param name="Name">The service's.</param>
/// <param name="Receiver">The robot through which it goes; null for an app.</param>
public sealed record LaneBlocked(
    string Lane, string Name, VersionedRef Service, string? Receiver, int? PlatformCode, string? PlatformMessage, string? EgressIp, string? Advice);

/// <summary>The lane goes on with what it held.</summary>
/// <param name="By"><c>probe</c>, <c>testSend</c>, or <c>configuration</c> when what it held was given another way.</param>
public sealed record LaneMended(string Lane, string By);

/// <summary>Puts on record that a lane is blocked, once, and that it goes on; every node and every reader sees it in the lane's row.</summary>
public sealed class LaneIncidents(IDocumentStore store, IServiceProvider services, ILogger<LaneIncidents> logger)
{
    /// <returns>False when it was on record already.</returns>
    public async Task<bool> BlockAsync(Work work, LaneBlock block, string? advice)
    {
        var (service, robot) = (work.Request.Service, work.Request.Receivers[0].Alias);
        var isNew = await ChangeAsync(work.Lane, mustBeBlocked: false, work.CorrelationId, session =>
        {
            LaneTable.QueueBlock(session, work.Lane, block);
            return new LaneBlocked(work.Lane, service.Name, service, robot, block.PlatformCode, block.PlatformMessage, block.EgressIp, advice);
        });
        if (isNew)
        {
            logger.LogWarning(
                "Nothing passes through {Service} ({Lane}) any more, and what waits is held: {Code} {Message} {Advice}",
                robot is null ? service.Name : $"{service.Name} / {robot}", work.Lane, block.PlatformCode, block.PlatformMessage, advice);
        }

        return isNew;
    }

    /// <summary>It was tried again in vain: no new incident, but the latest word of the platform and the time of the next trial.</summary>
    public async Task PostponeAsync(string lane, LaneBlock block)
    {
        await using var session = store.LightweightSession();
        LaneTable.QueueBlock(session, lane, block);
        await session.SaveChangesAsync();
    }

    /// <returns>False when it was not blocked.</returns>
    public async Task<bool> MendAsync(string lane, string by, string? correlationId = null)
    {
        var isMended = await ChangeAsync(lane, mustBeBlocked: true, correlationId ?? Guid.CreateVersion7().ToString("N"), session =>
        {
            LaneTable.QueueMend(session, lane);
            return new LaneMended(lane, by);
        });
        if (isMended) logger.LogInformation("{Lane} goes on with what it held (by {By})", lane, by);
        return isMended;
    }

    private async Task<bool> ChangeAsync(string lane, bool mustBeBlocked, string correlationId, Func<IDocumentSession, object> change)
    {
        var stream = Ids.Derived("lane", lane);
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(CancellationToken.None);
        await using (var command = new NpgsqlCommand(
            $"select blocked_at is not null, coalesce((select version from {Database.Schema}.mt_streams where id = $2), 0) from {LaneTable.Name} where id = $1 for update"))
        {
            command.Parameters.AddWithValue(lane);
            command.Parameters.AddWithValue(stream);
            await using var reader = await session.ExecuteReaderAsync(command, CancellationToken.None);
            if (!await reader.ReadAsync() || reader.GetBoolean(0) != mustBeBlocked) return false;
            var version = reader.GetInt64(1);
            await reader.CloseAsync();
            var events = services.GetRequiredService<EventBatch>();
            events.Append(stream, version + 1, change(session), AuditContext.OfSystem(correlationId));
            events.QueueTo(session);
        }

        await session.SaveChangesAsync();
        return true;
    }
}
