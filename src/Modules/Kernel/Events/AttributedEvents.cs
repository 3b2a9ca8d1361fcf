using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Reads the events of streams with their actors and all other metadata.</summary>
public static class AttributedEvents
{
    /// <returns>In order within each stream. Streams with an unreadable event are named; their other events are incomplete.</returns>
    public static async Task<(List<AttributedEvent> Events, HashSet<string> Unreadable)> ReadAsync(
        NpgsqlConnection connection, string[] streams, EventCatalog catalog, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select stream_id, version, id, type, data, timestamp, correlation_id, seq_id, user_name, causation_id, headers
            from {EventTables.Events} where stream_id = any($1) and not is_archived order by stream_id, version
            """, connection)
        { Parameters = { new() { Value = streams } } };
        var (events, unreadable) = (new List<AttributedEvent>(), new HashSet<string>(StringComparer.Ordinal));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var stream = reader.GetString(0);
            object data;
            try
            {
                data = EventRecord.Deserialize(catalog, reader.GetString(3), reader.GetString(4));
            }
            catch (Exception e) when (EventRecord.IsUnreadable(e))
            {
                unreadable.Add(stream);
                continue;
            }

            var headers = HeadersOf(Text(10));
            events.Add(new AttributedEvent(
                new StoredEvent(stream, reader.GetInt64(1), reader.GetGuid(2), data, reader.GetFieldValue<DateTimeOffset>(5), Text(6),
                reader.GetInt64(7)),
                new Actor(Text(8) ?? Actor.System.Id, headers.GetValueOrDefault(AuditContext.ActorNameHeader) ?? Actor.System.Name,
                headers.GetValueOrDefault(AuditContext.ActorKindHeader) ?? Actor.SystemKind),
                headers.GetValueOrDefault(AuditContext.ReasonHeader), Text(9), headers));
        }

        return (events, unreadable);

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static Dictionary<string, string> HeadersOf(string? json) =>
        json is null || JsonNode.Parse(json) is not JsonObject headers ? []
        : headers.Where(x => x.Value?.GetValueKind() == JsonValueKind.String)
            .ToDictionary(x => x.Key, x => x.Value!.GetValue<string>(), StringComparer.Ordinal);
}
