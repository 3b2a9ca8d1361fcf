using System.Collections.Frozen;
using System.Text.Json;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>An event as a fold needs it.</summary>
public sealed record StoredEvent(string StreamId, long Version, Guid Id, object Data, DateTimeOffset At, string? CorrelationId);

/// <summary>Reads the events of many streams in one round trip.</summary>
public sealed class EventReader(NpgsqlDataSource database, EventCatalog catalog)
{
    private readonly FrozenDictionary<string, Type> types =
        catalog.Modules.SelectMany(x => x.Types).ToFrozenDictionary(x => x.Name, x => x.ClrType, StringComparer.Ordinal);

    /// <summary>In stream order within each stream.</summary>
    public async Task<List<StoredEvent>> ReadAsync(string[] streams, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select stream_id, version, id, type, data, timestamp, correlation_id from {Database.Schema}.mt_events where stream_id = any($1) order by stream_id, version");
        command.Parameters.AddWithValue(streams);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            var data = JsonSerializer.Deserialize(reader.GetString(4), types[reader.GetString(3)], NotifyJson.Options)!;
            events.Add(new StoredEvent(
                reader.GetString(0), reader.GetInt64(1), reader.GetGuid(2), data, reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return events;
    }
}
