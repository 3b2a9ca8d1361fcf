using System.Text.Json;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Delivery.Lanes;

/// <summary>Rebuilds the table of lanes: a row for each lane that a notification uses or the configuration has, blocked if its events say so. Which
/// node serves a lane is working state and is kept; a missing lane is taken by the next node that looks. That node also decides when a blocked lane
/// is tried next.</summary>
public sealed class LaneRows(NpgsqlDataSource database, CurrentServices services, TimeProvider time) : IReadModel
{
    /// <summary>No channel waits longer before it tries a blocked lane again; a later instant in a row is invalid.</summary>
    private static readonly TimeSpan longestProbe = TimeSpan.FromDays(14);

    public string Name => "lanes";

    public IReadOnlyList<string> Tables => ["lane"];

    public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
    {
        string[] configured = [.. CurrentServices.LaneNames((await services.GetAsync(cancellation)).Services).Select(x => x.Key)];
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // There are some hundred lanes, so others who add, block or claim one wait only a moment.
        await using (var held = new NpgsqlCommand(
            $"lock table {LaneTable.Name} in share row exclusive mode", connection)) await held.ExecuteNonQueryAsync(cancellation);
        var blocked = await BlockedAsync(connection, cancellation);
        var now = time.GetUtcNow();
        await using var command = new NpgsqlCommand(
            $"""
            with b as (select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[]) as b(id, at, code, message, ip)),
            wanted as materialized (
              select w.id, b.at, b.code, b.message, b.ip
              from (select lane as id from {NotificationTable.Name} group by lane union select id from b union select unnest($6::text[])) w left join b on b.id = w.id),
            removed as (
              delete from {LaneTable.Name} l where not exists (select from wanted w where w.id = l.id) returning 1),
            changed as (
              update {LaneTable.Name} l set blocked_at = w.at, blocked_code = w.code, blocked_message = w.message, blocked_ip = w.ip,
                probe_at = case when w.at is null then null when l.probe_at > w.at and l.probe_at < $8 then l.probe_at else $7 end
              from wanted w where l.id = w.id
                and ((l.blocked_at, l.blocked_code, l.blocked_message, l.blocked_ip) is distinct from (w.at, w.code, w.message, w.ip)
                  or (w.at is null and l.probe_at is not null)
                  or (w.at is not null and (l.probe_at is null or l.probe_at <= w.at or l.probe_at >= $8))) returning 1),
            made as (
              insert into {LaneTable.Name} (id, lease_until, blocked_at, blocked_code, blocked_message, blocked_ip, probe_at)
              select w.id, '-infinity', w.at, w.code, w.message, w.ip, case when w.at is not null then $7 end from wanted w
              where not exists (select from {LaneTable.Name} l where l.id = w.id) returning 1)
            select (select count(*) from wanted), (select count(*) from changed) + (select count(*) from made), (select count(*) from removed)
            """, connection);
        command.Parameters.AddWithValue(blocked.Select(x => x.Lane).ToArray());
        command.Parameters.AddWithValue(blocked.Select(x => x.Block.Since.UtcDateTime).ToArray());
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = blocked.Select(x => x.Block.PlatformCode).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text
        });
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = blocked.Select(x => x.Block.PlatformMessage).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text
        });
        command.Parameters.Add(
            new NpgsqlParameter { Value = blocked.Select(x => x.Block.EgressIp).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.AddWithValue(configured);
        command.Parameters.AddWithValue(now.UtcDateTime);
        command.Parameters.AddWithValue((now + longestProbe).UtcDateTime);
        RebuiltRows rows;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            rows = new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        }

        await transaction.CommitAsync(cancellation);
        return rows;
    }

    /// <summary>The cause and the beginning of the block of each blocked lane.</summary>
    private static async Task<List<(string Lane, LaneBlock Block)>> BlockedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (first, last) = Ids.Range("lane");
        await using var command = new NpgsqlCommand(
            $"""
            select e.type, e.data, e.timestamp from (
              select stream_id, max(version) filter (where type = '{LaneBlocked.EventName}') as blocked,
                max(version) filter (where type = '{LaneMended.EventName}') as mended from {EventTables.Events}
              where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1) and not is_archived group by stream_id) s
            join {EventTables.Events} e on e.stream_id = s.stream_id and e.version >= s.blocked
            where s.blocked > coalesce(s.mended, 0) order by e.stream_id, e.version
            """, connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var blocked = new List<(string Lane, LaneBlock Block)>();
        while (await reader.ReadAsync(cancellation))
        {
            var at = reader.GetFieldValue<DateTimeOffset>(2);
            if (reader.GetString(0) == LaneBlocked.EventName)
            {
                // Without its event nothing says that a lane is blocked: it is tried, and blocked anew if the platform still refuses.
                if (Read<LaneBlocked>() is { Lane: not null } began)
                    blocked.Add((began.Lane, new(at, began.PlatformCode, began.PlatformMessage, began.EgressIp)));
            }
            else if (Read<LaneBlockChanged>() is { Lane: not null } changed && blocked.Count > 0 && blocked[^1].Lane == changed.Lane)
            {
                blocked[^1] = (changed.Lane, new(blocked[^1].Block.Since, changed.PlatformCode, changed.PlatformMessage, changed.EgressIp));
            }
        }

        return blocked;

        T? Read<T>() => EventRecord.ReadOrDefault(() => JsonSerializer.Deserialize<T>(reader.GetString(1), NotifyJson.Options));
    }
}
