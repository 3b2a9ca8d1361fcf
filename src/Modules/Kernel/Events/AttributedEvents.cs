using System.Runtime.CompilerServices;
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
        var (events, unreadable) = (new List<AttributedEvent>(), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var (stream, e) in EachAsync(connection, streams, new long[streams.Length], catalog, cancellation))
        {
            if (e is null) unreadable.Add(stream);
            else events.Add(e);
        }

        return (events, unreadable);
    }

    /// <summary>One after the other, so that also a stream of millions needs no memory.</summary>
    /// <param name="after">For each stream, the version after which to begin.</param>
    /// <returns>In order within each stream; null for one that cannot be read.</returns>
    public static async IAsyncEnumerable<(string Stream, AttributedEvent? Event)> EachAsync(
        NpgsqlConnection connection, string[] streams, long[] after, EventCatalog catalog,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Stream by stream, in the order of the index: all of them could only be sorted after the last was read.
        await using var command = new NpgsqlCommand(
            $"""
            select e.* from unnest($1::text[], $2::bigint[]) as x(id, after), lateral (
              select stream_id, version, id, type, data, timestamp, correlation_id, seq_id, user_name, causation_id, headers
              from {EventTables.Events} where stream_id = x.id and version > x.after and not is_archived order by version) e
            """, connection)
        { CommandTimeout = 0, Parameters = { new() { Value = streams }, new() { Value = after } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) yield return (reader.GetString(0), TryRead(reader, catalog));
    }

    private static AttributedEvent? TryRead(NpgsqlDataReader reader, EventCatalog catalog)
    {
        object data;
        try
        {
            data = EventRecord.Deserialize(catalog, reader.GetString(3), reader.GetString(4));
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }

        var headers = HeadersOf(Text(10));
        return new AttributedEvent(
            new StoredEvent(reader.GetString(0), reader.GetInt64(1), reader.GetGuid(2), data, reader.GetFieldValue<DateTimeOffset>(5), Text(6),
                reader.GetInt64(7)),
            new Actor(Text(8) ?? Actor.System.Id, headers.GetValueOrDefault(AuditContext.ActorNameHeader) ?? Actor.System.Name,
                headers.GetValueOrDefault(AuditContext.ActorKindHeader) ?? Actor.SystemKind),
            headers.GetValueOrDefault(AuditContext.ReasonHeader), Text(9), headers);

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static Dictionary<string, string> HeadersOf(string? json) =>
        json is null || JsonNode.Parse(json) is not JsonObject headers ? []
        : headers.Where(x => x.Value?.GetValueKind() == JsonValueKind.String)
            .ToDictionary(x => x.Key, x => x.Value!.GetValue<string>(), StringComparer.Ordinal);
}
