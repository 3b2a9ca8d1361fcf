using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>The range of sequence numbers that contains a period's events, so that they are read without an index on time.</summary>
/// <param name="After">Exclusive lower bound.</param>
/// <param name="UpTo">Inclusive upper bound. Other events may lie between the bounds, so readers must also compare times.</param>
public sealed record EventPeriod(long After, long UpTo)
{
    /// <summary>SQL: the event <c>e</c> is in the period whose four bounds are the first parameters (<see cref="AddTo"/>).</summary>
    public const string Holds = "e.seq_id > $1 and e.seq_id <= $2 and e.timestamp >= $3 and e.timestamp < $4";

    /// <summary>SQL: the first event, as <c>v</c>, of each stream with an event of the types in <c>$5</c> in the period, ignoring archived
    /// events.</summary>
    public const string FirstOfChanged =
        $"""
        (select distinct e.stream_id from {EventTables.Events} e where {Holds} and not e.is_archived and e.type = any($5)) s
        cross join lateral {FirstNamed} v
        """;

    /// <summary>SQL: the event that says which alarm the stream <c>s.stream_id</c> is about: its first one, or, if that was archived, the first one
    /// after it that says so.</summary>
    public const string FirstNamed =
        $"""
        (select * from {EventTables.Events} x where x.stream_id = s.stream_id and not x.is_archived and x.data ?| array['name', 'alarmName']
         order by x.version limit 1)
        """;

    public static async Task<EventPeriod> FindAsync(NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var order = OrderOf(connection);
        return new(await order.BeforeAsync(from, cancellation), await order.UpToAsync(to, cancellation));
    }

    /// <summary>All events by their sequence numbers, which increase with time.</summary>
    public static TimeOrder OrderOf(NpgsqlConnection connection) => new(connection, EventTables.Events, "seq_id", "timestamp");

    public void AddTo(NpgsqlCommand command, DateTimeOffset from, DateTimeOffset to)
    {
        command.Parameters.AddWithValue(After);
        command.Parameters.AddWithValue(UpTo);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
    }
}
