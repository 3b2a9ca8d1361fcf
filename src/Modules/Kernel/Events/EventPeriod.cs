using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Where in the order of events a period lies, so that it is read by the order and needs no index on time.</summary>
/// <param name="After">The events of the period come after this one,</param>
/// <param name="UpTo">and not after this one. Others are between them too: who reads compares instants.</param>
public sealed record EventPeriod(long After, long UpTo)
{
    /// <summary>SQL: the event <c>e</c> lies in the period whose four bounds are the first parameters (<see cref="AddTo"/>).</summary>
    public const string Holds = "e.seq_id > $1 and e.seq_id <= $2 and e.timestamp >= $3 and e.timestamp < $4";

    /// <summary>SQL: the first event, as <c>v</c>, of each stream in which an event of the types in <c>$5</c> lies in the period; put away
    /// ones do not count.</summary>
    public const string FirstOfChanged =
        $"""
        (select distinct e.stream_id from {EventTables.Events} e where {Holds} and not e.is_archived and e.type = any($5)) s
        join {EventTables.Events} v on v.stream_id = s.stream_id and v.version = 1
        """;

    public static async Task<EventPeriod> FindAsync(NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var order = OrderOf(connection);
        return new(await order.BeforeAsync(from, cancellation), await order.UpToAsync(to, cancellation));
    }

    /// <summary>All events by their numbers, which rise with time.</summary>
    public static TimeOrder OrderOf(NpgsqlConnection connection) => new(connection, EventTables.Events, "seq_id", "timestamp");

    public void AddTo(NpgsqlCommand command, DateTimeOffset from, DateTimeOffset to)
    {
        command.Parameters.AddWithValue(After);
        command.Parameters.AddWithValue(UpTo);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
    }
}
