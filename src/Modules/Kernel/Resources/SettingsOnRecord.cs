using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>Reads the settings of any resource from events, for code that need not know its kind.</summary>
public static class SettingsOnRecord
{
    private const string HasSettings = "e.data ? 'settings'";

    /// <returns>The events that contain the settings of these versions, in the same order; unrecorded versions are omitted.</returns>
    public static async Task<List<(string Id, long Version, StoredRow Event)>> ReadAsync(
        NpgsqlDataSource database, IReadOnlyCollection<(string Id, long Version)> versions, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select {StoredRow.Columns}, u.version from unnest($1::text[], $2::bigint[]) with ordinality as u(id, version, place)
            cross join lateral (
              select * from {EventTables.Events} e where e.stream_id = u.id and e.version <= u.version and {HasSettings} order by e.version desc limit 1) e
            order by u.place
            """);
        command.Parameters.AddWithValue(versions.Select(x => x.Id).ToArray());
        command.Parameters.AddWithValue(versions.Select(x => x.Version).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<(string, long, StoredRow)>();
        while (await reader.ReadAsync(cancellation))
        {
            var row = StoredRow.Read(reader);
            found.Add((row.StreamId, reader.GetInt64(reader.FieldCount - 1), row));
        }

        return found;
    }

    /// <returns>The data of the last event with settings before this version; null: there is none.</returns>
    public static async Task<string?> BeforeAsync(NpgsqlDataSource database, string stream, long version, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select e.data from {EventTables.Events} e where e.stream_id = $1 and e.version < $2 and {HasSettings} order by e.version desc limit 1");
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(version);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }
}
