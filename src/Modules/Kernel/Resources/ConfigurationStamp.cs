using Marten;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Resources;

/// <summary>
/// A counter that every change of configuration increments in its own transaction. Any node compares it to know whether its copy of the
/// configuration is current; and since incrementing it locks its row until the commit, changes happen one at a time.
/// </summary>
public static class ConfigurationStamp
{
    /// <summary>The event header with the version of the configuration that a change made, by which the configuration of any decision can be
    /// found.</summary>
    public const string Header = "configuration";

    public const string TableName = "configuration_stamp";

    private const string Select = $"select version from {Database.Schema}.configuration_stamp";

    public static Table Table()
    {
        var table = Database.Table("configuration_stamp");
        table.AddColumn<bool>("id").AsPrimaryKey().DefaultValueByExpression("true");
        table.AddColumn<long>("version").NotNull();
        return table;
    }

    public static async Task<long> AdvanceAsync(IDocumentSession session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"insert into {Database.Schema}.configuration_stamp as s (id, version) values (true, 1) on conflict (id) do update set version = s.version + 1 returning version");
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        await reader.ReadAsync(cancellation);
        var version = reader.GetInt64(0);
        session.SetHeader(Header, version);
        return version;
    }

    /// <summary>The stored number, and the highest number in an event of a resource, which it must not be below.</summary>
    public static async Task<(long Kept, long Recorded)> CompareAsync(
        NpgsqlConnection snapshot, IEnumerable<ConfiguredKind> kinds, CancellationToken cancellation)
    {
        await using var read = new NpgsqlCommand(Select, snapshot);
        var (kept, recorded) = (await read.ExecuteScalarAsync(cancellation) as long? ?? 0, 0L);
        foreach (var (first, last) in kinds.Select(x => Ids.Range(x.Noun)))
        {
            await using var command = new NpgsqlCommand(
                $"""
                select max((headers->>'{Header}')::bigint) from {EventTables.Events}
                where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1) and headers->>'{Header}' ~ '^[0-9]+$'
                """, snapshot)
            { Parameters = { new() { Value = first }, new() { Value = last } } };
            recorded = Math.Max(recorded, await command.ExecuteScalarAsync(cancellation) as long? ?? 0);
        }

        return (kept, recorded);
    }

    /// <summary>If somebody has lowered the number, sets it above the highest recorded one.</summary>
    public static async Task CatchUpAsync(IDocumentSession session, IEnumerable<ConfiguredKind> kinds, CancellationToken cancellation)
    {
        var (kept, recorded) = await CompareAsync(session.Connection!, kinds, cancellation);
        if (kept > recorded) return;
        await using var command = new NpgsqlCommand(
            $"update {Database.Schema}.{TableName} set version = $1", session.Connection)
        { Parameters = { new() { Value = recorded + 1 } } };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<long> ReadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Select);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    public static async Task<long> ReadAsync(IQuerySession session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Select);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        return await reader.ReadAsync(cancellation) ? reader.GetInt64(0) : 0;
    }
}
