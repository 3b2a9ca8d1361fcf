using System.Text.Json;
using Notify.Kernel;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Notify.Operation.Rebuild;

/// <summary>The progress of the installation's rebuild, or the result of the last one: one row, which every node reads.</summary>
internal static class RebuildProgress
{
    /// <summary>The key of an advisory lock, which is held during a rebuild; its value has no meaning.</summary>
    private const long Lock = 0x6e6f74696679_05;

    private const string Name = $"{Database.Schema}.rebuild";

    public static readonly OwnedTable Owned = new("rebuild") { Texts = ["state"] };

    private static readonly RebuildState none = new(null, false, [], [], null, null, null);

    public static Table Table()
    {
        var table = Database.Table("rebuild");
        // The table has only one row.
        table.AddColumn<bool>("one").AsPrimaryKey();
        table.AddColumn("state", "jsonb").NotNull();
        return table;
    }

    /// <returns>False: another rebuild is running. True: this connection has the lock until it closes.</returns>
    public static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({Lock})", connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Necessary because a connection that returns to the pool keeps its locks until it is used again.</summary>
    public static async Task UnlockAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_unlock({Lock})", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public static async Task WriteAsync(NpgsqlConnection connection, RebuildState state, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"insert into {Name} (one, state) values (true, $1) on conflict (one) do update set state = excluded.state", connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = JsonSerializer.Serialize(state, NotifyJson.Options),
            NpgsqlDbType = NpgsqlDbType.Jsonb,
        });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A rebuild runs as long as the lock is held, whatever the row says: one whose node has ended has stopped, and the next can begin as
    /// soon as none is said to run.</summary>
    public static async Task<RebuildState> ReadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select state, exists (
              select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
                and (classid::bigint << 32) + objid::bigint = {Lock} and objsubid = 1 and granted)
            from {Name}
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return none;
        var state = JsonSerializer.Deserialize<RebuildState>(reader.GetString(0), NotifyJson.Options) ?? none;
        return reader.GetBoolean(1) ? state with { Running = true }
            : state.Running ? state with { Running = false, Waiting = [], Failure = "The node that ran the rebuild has ended; start it again." }
            : state;
    }
}
