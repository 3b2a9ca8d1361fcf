using Npgsql;

namespace Notify.Kernel;

public static class StoreFault
{
    /// <summary>
    /// Whether an exception is the fault of the item being processed, which then fails alone. An unavailable database, a cancelled statement or a
    /// shutdown is not.
    /// </summary>
    public static bool IsOfOne(Exception e) => e is not OperationCanceledException && !Passes(e);

    /// <summary>Whether the same may succeed later: the database is unavailable, or cancelled the statement.</summary>
    public static bool Passes(Exception e) => IsStoreDown(e) || IsCancelledStatement(e);

    /// <summary>Whether the database is available but cancelled this statement: by an operator, or because it took longer than
    /// <c>statement_timeout</c>.</summary>
    public static bool IsCancelledStatement(Exception? e) => e switch
    {
        null => false,
        PostgresException p => p.SqlState == PostgresErrorCodes.QueryCanceled,
        AggregateException a => a.InnerExceptions.Any(IsCancelledStatement),
        _ => IsCancelledStatement(e.InnerException),
    };

    /// <summary>
    /// Whether the database is unavailable, starting, stopping, full, out of connections, a standby, has an internal error (XX, also reported to new
    /// connections while the disk is full), or refuses the password: somebody has to fix it, and nothing was done in part. Codes:
    /// postgresql.org/docs/current/errcodes-appendix.html.
    /// </summary>
    public static bool IsStoreDown(Exception? e) => e switch
    {
        null => false,
        // Cancelled, or took too long: the database is available (StoreFault.IsCancelledStatement).
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => false,
        PostgresException p =>
        p.SqlState[..2] is "08" or "28" or "53" or "57" or "58" or "XX" || p.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException => true,
        System.Net.Sockets.SocketException or TimeoutException => true,
        AggregateException a => a.InnerExceptions.Any(IsStoreDown),
        _ => IsStoreDown(e.InnerException),
    };
}
