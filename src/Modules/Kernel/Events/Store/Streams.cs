using Marten;
using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>Marten's table of streams and their last versions. Streams whose events were archived are still in it.</summary>
public static class Streams
{
    private const string OfKind = $"{EventTables.Streams} where id >= $1 and id <= $2 and starts_with(id, $1)";

    /// <summary>SQL: the existing ids of a list, as an array.</summary>
    /// <param name="ids">SQL for an array of ids.</param>
    public static string Existing(string ids) => $"array(select id from {EventTables.Streams} where id = any({ids}))";

    public static async Task<bool> ExistsAsync(NpgsqlDataSource database, string id, CancellationToken cancellation) =>
        (await ExistingAsync(database, [id], cancellation)).Count > 0;

    public static async Task<HashSet<string>> ExistingAsync(NpgsqlDataSource database, string[] ids, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Existing("$1")}");
        command.Parameters.AddWithValue(ids);
        return new((string[])(await command.ExecuteScalarAsync(cancellation))!, StringComparer.Ordinal);
    }

    /// <summary>All streams of one kind, including those of deleted resources.</summary>
    public static async Task<List<string>> OfKindAsync(NpgsqlDataSource database, string kind, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id from {OfKind}");
        AddRange(command, kind);
        return await command.ReadTextsAsync(cancellation);
    }

    /// <summary>Whether there has ever been a stream of this kind.</summary>
    public static async Task<bool> AnyOfKindAsync(NpgsqlDataSource database, string kind, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select exists (select from {OfKind})");
        AddRange(command, kind);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Whether an id matches a regular expression (PostgreSQL syntax), ignoring case; reads all ids.</summary>
    public static async Task<bool> AnyMatchesAsync(NpgsqlConnection connection, string pattern, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select exists (select from {EventTables.Streams} where id ~* $1)", connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(pattern);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Makes writers to these streams wait until this connection's transaction ends.</summary>
    public static async Task HoldAsync(NpgsqlConnection connection, string[] ids, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select from {EventTables.Streams} where id = any($1) order by id collate \"C\" for update", connection);
        command.Parameters.AddWithValue(ids);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>0: there is no such stream.</returns>
    public static async Task<long> VersionAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select coalesce((select version from {EventTables.Streams} where id = $1), 0)");
        command.Parameters.AddWithValue(id);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <returns>Streams that do not exist are omitted.</returns>
    public static async Task<Dictionary<string, long>> VersionsAsync(IQuerySession session, string[] ids, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select id, version from {EventTables.Streams} where id = any($1)");
        command.Parameters.AddWithValue(ids);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

    /// <summary>The last versions of streams whose events are all archived; new events continue from these.</summary>
    public static async Task<Dictionary<string, long>> PutAwayAsync(NpgsqlDataSource database, string[] ids, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select s.id, s.version from {EventTables.Streams} s
            where s.id = any($1) and not exists (select from {EventTables.Events} e where e.stream_id = s.id and not e.is_archived)
            """);
        command.Parameters.AddWithValue(ids);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

    /// <summary>The last version of each stream, and the type of its last event.</summary>
    /// <returns>Streams that do not exist are omitted.</returns>
    public static async Task<Dictionary<string, (long Version, string? Type)>> LastAsync(
        NpgsqlDataSource database, string[] ids, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select s.id, s.version, e.type from {EventTables.Streams} s
            left join {EventTables.Events} e on e.stream_id = s.id and e.version = s.version where s.id = any($1)
            """);
        command.Parameters.AddWithValue(ids);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var last = new Dictionary<string, (long, string?)>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) last[reader.GetString(0)] = (
            reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        return last;
    }

    private static void AddRange(NpgsqlCommand command, string kind)
    {
        var (first, last) = Ids.Range(kind);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
    }
}
