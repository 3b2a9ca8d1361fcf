using Microsoft.Extensions.Logging;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>An event with what a fold needs.</summary>
/// <param name="Sequence">Its sequence number among all events.</param>
public sealed record StoredEvent(string StreamId, long Version, Guid Id, object Data, DateTimeOffset At, string? CorrelationId, long Sequence);

/// <summary>An event with its actor and reason, to show to people.</summary>
/// <param name="Headers">The other headers; null if they were not read.</param>
public sealed record AttributedEvent(
    StoredEvent Event, Actor Actor, string? Reason, string? CausationId = null, IReadOnlyDictionary<string, string>? Headers = null)
{
    /// <summary>The context in which it was appended.</summary>
    public AuditContext Audit() => new(
        Actor, Event.CorrelationId ?? "", CausationId, Header(AuditContext.SourceIpHeader), Reason, Header(AuditContext.ClientHeader),
        Header(AuditContext.TraceParentHeader),
        Header(AuditContext.RequestCorrelationHeader), Header(AuditContext.AuthenticationHeader), Header(AuditContext.SessionHeader));

    private string? Header(string name) => Headers?.GetValueOrDefault(name);
}

/// <summary>Replaces an event that cannot be read because somebody has changed it.</summary>
/// <param name="Type">The type in its row.</param>
public sealed record UnreadableEvent(string Type);

/// <summary>Reads the events of many streams in one round trip.</summary>
public sealed class EventReader(NpgsqlDataSource database, EventCatalog catalog, ILogger<EventReader> logger)
{
    /// <summary>The highest sequence number; 0: there are no events.</summary>
    public async Task<long> LastSequenceAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {EventTables.HighestNumber}");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private const string Columns = "stream_id, version, id, type, data, timestamp, correlation_id, seq_id";

    /// <summary>
    /// In order within each stream. A stream with an unreadable event is omitted and logged, so that it does not prevent the others from being
    /// read.
    /// </summary>
    public async Task<List<StoredEvent>> ReadAsync(string[] streams, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {Columns} from {EventTables.Events} where stream_id = any($1) and not is_archived order by stream_id, version");
        command.Parameters.AddWithValue(streams);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<StoredEvent>();
        string? unreadable = null;
        while (await reader.ReadAsync(cancellation))
        {
            var stream = reader.GetString(0);
            if (stream == unreadable) continue;
            var data = Read(stream, reader.GetInt64(7), reader.GetString(3), reader.GetString(4));
            if (data is UnreadableEvent)
            {
                unreadable = stream;
                while (events is [.., var last] && last.StreamId == stream) events.RemoveAt(events.Count - 1);
                continue;
            }

            events.Add(With(data, reader));
        }

        return events;
    }

    /// <summary>Reads some events of one stream, however long it is; unreadable and archived ones are omitted.</summary>
    public async Task<List<StoredEvent>> ReadAsync(string stream, long[] versions, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {Columns} from {EventTables.Events} where stream_id = $1 and version = any($2) and not is_archived order by version");
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(versions);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellation))
            if (Read(stream, reader.GetInt64(7), reader.GetString(3), reader.GetString(4)) is var data and not UnreadableEvent)
                events.Add(With(data, reader));
        return events;
    }

    /// <summary>The last events of one stream, newest first; an <see cref="UnreadableEvent"/> replaces one that cannot be read.</summary>
    public async Task<List<AttributedEvent>> ReadNewestAsync(string stream, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select version, id, type, data, timestamp, correlation_id, user_name, headers->>'{AuditContext.ActorNameHeader}',
                   headers->>'{AuditContext.ActorKindHeader}', headers->>'{AuditContext.ReasonHeader}', seq_id
            from {EventTables.Events} where stream_id = $1 and not is_archived order by version desc limit $2
            """);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<AttributedEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            var data = Read(stream, reader.GetInt64(10), reader.GetString(2), reader.GetString(3));
            var stored = new StoredEvent(
                stream, reader.GetInt64(0), reader.GetGuid(1), data, reader.GetFieldValue<DateTimeOffset>(4), Text(reader, 5), reader.GetInt64(10));
            var actor = new Actor(Text(reader, 6) ?? Actor.System.Id, Text(reader, 7) ?? Actor.System.Name, Text(reader, 8) ?? Actor.SystemKind);
            events.Add(new AttributedEvent(stored, actor, Text(reader, 9)));
        }

        return events;
    }

    private static StoredEvent With(object data, NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetGuid(2), data, row.GetFieldValue<DateTimeOffset>(5), Text(row, 6), row.GetInt64(7));

    private object Read(string stream, long sequence, string type, string data)
    {
        try
        {
            return EventRecord.Deserialize(catalog, type, data);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            EventRecord.LogUnreadable(logger, e, sequence, stream);
            return new UnreadableEvent(type);
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
