using System.Data.Common;
using System.Text.Json;
using JasperFx.Events;
using Microsoft.Extensions.Logging;

namespace Notify.Kernel.Events;

/// <summary>A row of the events as what folds it needs: read in any connection or transaction, many at a time.</summary>
public static class EventRecord
{
    public const string Columns = "seq_id, stream_id, version, type, data, timestamp, user_name, headers";

    /// <param name="row">With <see cref="Columns"/>.</param>
    /// <returns>Null: it is no event of Notify's; somebody else has written it, and that is logged.</returns>
    public static IEvent? TryRead(DbDataReader row, EventCatalog catalog, ILogger logger)
    {
        try
        {
            return Read(row, catalog);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            logger.LogCritical(e, "Event {Sequence} of {Stream} cannot be read; it was changed by somebody and is ignored", row.GetInt64(0), row.GetString(1));
            return null;
        }
    }

    /// <summary>What reading a row throws that Notify did not write so.</summary>
    public static bool IsUnreadable(Exception e) =>
        e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException or InvalidCastException or NullReferenceException;

    private static IEvent Read(DbDataReader row, EventCatalog catalog)
    {
        var type = catalog.Find(row.GetString(3)) ?? throw new JsonException($"There is no event '{row.GetString(3)}'.");
        var data = JsonSerializer.Deserialize(row.GetString(4), type.ClrType, NotifyJson.Options) ?? throw new JsonException("The event is null.");
        var e = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(type.ClrType), data)!;
        (e.Sequence, e.StreamKey, e.Version) = (row.GetInt64(0), row.GetString(1), row.GetInt64(2));
        e.Timestamp = row.GetFieldValue<DateTimeOffset>(5);
        e.UserName = row.IsDBNull(6) ? null : row.GetString(6);
        e.Headers = row.IsDBNull(7) ? null : JsonSerializer.Deserialize<Dictionary<string, object>>(row.GetString(7), NotifyJson.Options);
        return e;
    }
}
