using System.Data.Common;
using System.Text.Json;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Reads rows of the events table as Marten's events, on any connection or in any transaction, many at a time.</summary>
public static class EventRecord
{
    public const string Columns = "seq_id, stream_id, version, type, data, timestamp, user_name, headers, correlation_id";

    /// <param name="row">A row with <see cref="Columns"/>.</param>
    /// <returns>Null: it is not an event of Notify; it was written by something else, which is logged.</returns>
    public static IEvent? TryRead(DbDataReader row, EventCatalog catalog, ILogger logger)
    {
        try
        {
            return Read(row, catalog);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            LogUnreadable(logger, e, row.GetInt64(0), row.GetString(1));
            return null;
        }
    }

    /// <summary>All events of one kind of streams, in order, as this connection sees them.</summary>
    /// <returns>The event is null if it cannot be read because it was written by something else.</returns>
    public static Task<List<(string Stream, IEvent? Event)>> OfKindAsync(
        NpgsqlConnection connection, string kind, EventCatalog catalog, ILogger logger, CancellationToken cancellation) =>
        StoredEvents.OfKindAsync(connection, kind, Columns, row => (row.GetString(1), TryRead(row, catalog, logger)), cancellation);

    /// <summary>The events of each of these streams after a version, in order.</summary>
    /// <param name="after">The version for each stream, in the order of <paramref name="streams"/>.</param>
    /// <returns>The event is null if it cannot be read because it was written by something else.</returns>
    public static Task<List<(string Stream, IEvent? Event)>> AfterAsync(
        NpgsqlDataSource database, string[] streams, long[] after, EventCatalog catalog, ILogger logger, CancellationToken cancellation) =>
        StoredEvents.AfterAsync(database, streams, after, Columns, row => (row.GetString(1), TryRead(row, catalog, logger)), cancellation);

    /// <summary>Whether the exception comes from reading a row that Notify did not write in this form.</summary>
    public static bool IsUnreadable(Exception e) =>
        e is JsonException or NotSupportedException or ArgumentException or FormatException or OverflowException or InvalidOperationException
            or KeyNotFoundException or InvalidCastException or NullReferenceException;

    /// <summary>What <paramref name="read"/> reads; the default of its type if Notify did not write it in this form.</summary>
    public static T? ReadOrDefault<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return default;
        }
    }

    /// <exception cref="Exception">It cannot be read (<see cref="IsUnreadable"/>).</exception>
    internal static object Deserialize(EventCatalog catalog, string type, string data) =>
        JsonSerializer.Deserialize(data, (catalog.Find(type) ?? throw new JsonException($"There is no event '{type}'.")).ClrType, NotifyJson.Options)
        ?? throw new JsonException("The event is null.");

    public static void LogUnreadable(ILogger logger, Exception e, long sequence, string stream) =>
        logger.LogCritical(e, "Event {Sequence} of {Stream} cannot be read; it was changed by somebody and is ignored", sequence, stream);

    /// <summary>
    /// Like <see cref="TryRead"/>, but returns an <see cref="UnreadableEvent"/> instead of null, for readers that show every event.
    /// </summary>
    public static IEvent ReadAny(DbDataReader row, EventCatalog catalog, ILogger logger) =>
        TryRead(row, catalog, logger) ?? With(new Event<UnreadableEvent>(new UnreadableEvent(row.GetString(3))), row);

    /// <summary>Reads events that are not archived, as the session sees them.</summary>
    /// <param name="wanted">SQL after <c>where</c>, including the order.</param>
    /// <returns>An <see cref="UnreadableEvent"/> replaces one that cannot be read.</returns>
    public static async Task<List<IEvent>> ReadAsync(
        IQuerySession session, string wanted, object[] values, EventCatalog catalog, ILogger logger, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Columns} from {EventTables.Events} where not is_archived and {wanted}");
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var events = new List<IEvent>();
        while (await reader.ReadAsync(cancellation)) events.Add(ReadAny(reader, catalog, logger));
        return events;
    }

    private static IEvent Read(DbDataReader row, EventCatalog catalog)
    {
        var data = Deserialize(catalog, row.GetString(3), row.GetString(4));
        var e = With((IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!, row);
        e.Headers = row.IsDBNull(7) ? null : JsonSerializer.Deserialize<Dictionary<string, object>>(row.GetString(7), NotifyJson.Options);
        return e;
    }

    private static IEvent With(IEvent e, DbDataReader row)
    {
        (e.Sequence, e.StreamKey, e.Version) = (row.GetInt64(0), row.GetString(1), row.GetInt64(2));
        e.Timestamp = row.GetFieldValue<DateTimeOffset>(5);
        e.UserName = row.IsDBNull(6) ? null : row.GetString(6);
        e.CorrelationId = row.IsDBNull(8) ? null : row.GetString(8);
        e.EventTypeName = row.GetString(3);
        return e;
    }
}
