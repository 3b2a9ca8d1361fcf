using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Where in the order of events a period lies, so that it is read by the order and needs no index on time.</summary>
/// <param name="After">The events of the period come after this one,</param>
/// <param name="UpTo">and not after this one. Others are between them too: who reads compares instants.</param>
public sealed record EventPeriod(long After, long UpTo)
{
    public static async Task<EventPeriod> FindAsync(NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var order = new TimeOrder(connection, $"{Database.Schema}.mt_events", "seq_id", "timestamp");
        return new(await order.BeforeAsync(from, cancellation), await order.UpToAsync(to, cancellation));
    }
}
