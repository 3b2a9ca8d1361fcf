using Npgsql;

namespace Notify.Kernel;

/// <summary>Remembers database faults that a health check does not notice: with a full disk, reads still work.</summary>
public sealed class StoreState(TimeProvider time)
{
    private Fault? last;

    /// <param name="At">By the clock that nobody sets.</param>
    private sealed record Fault(long At, string Description);

    public void Failed(Exception e)
    {
        if (e is PostgresException { SqlState: PostgresErrorCodes.DiskFull or ['5', '8', ..] or ['X', 'X', ..] }) Volatile.Write(
            ref last, new Fault(time.GetTimestamp(), Describe(e)));
        else if (e.InnerException is { } inner) Failed(inner);
    }

    /// <summary>The fault that prevented a write within this time, described for an operator; null: none.</summary>
    public string? WriteFaultWithin(TimeSpan period) =>
        Volatile.Read(ref last) is { } fault && time.GetElapsedTime(fault.At) < period ? fault.Description : null;

    /// <summary>One sentence, without addresses, names or statements.</summary>
    public static string Describe(Exception? e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "The database's disk is full.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => "The database accepts no more connections.",
        PostgresException { SqlState: PostgresErrorCodes.OutOfMemory } => "The database is out of memory.",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "The database is read-only; it may be a standby.",
        PostgresException { SqlState: ['2', '8', ..] } => "The database refuses Notify's credentials.",
        PostgresException { SqlState: ['5', '8', ..] } => "The database cannot read or write its files.",
        PostgresException { SqlState: ['X', 'X', ..] } => "The database reports an internal error.",
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } =>
            "The database stopped the statement: it took too long, or an operator cancelled it.",
        NpgsqlException { InnerException: TimeoutException } => "The database did not answer in time.",
        { InnerException: { } inner } => Describe(inner),
        _ => "The database cannot be reached.",
    };
}
