using Npgsql;

namespace Notify.Kernel;

public static class StoreFault
{
    /// <summary>
    /// Whether an exception is the fault of the item being processed, which then fails alone. An unavailable database, a cancelled statement or a
    /// shutdown is not.
    /// </summary>
    public static bool IsOfOne(Exception e) => e is not OperationCanceledException && !Passes(e);

    /// <summary>The same may succeed in a while: the database is away, or stopped the statement.</summary>
    public static bool Passes(Exception e) => IsStoreDown(e) || IsCancelledStatement(e);

    /// <summary>The database is there and stopped this statement: an operator cancelled it, or it took longer than
    /// <c>statement_timeout</c>.</summary>
    public static bool IsCancelledStatement(Exception? e) => e switch
    {
        null => false,
        PostgresException p => p.SqlState == PostgresErrorCodes.QueryCanceled,
        AggregateException a => a.InnerExceptions.Any(IsCancelledStatement),
        _ => IsCancelledStatement(e.InnerException),
    };

    /// <summary>
    /// The database is unavailable, starting, stopping, full, out of connections, a standby, at fault itself (XX: also what a new connection is told
    /// while the disk is full), or refuses our password: somebody fixes it, and nothing was half done. Codes:
    /// postgresql.org/docs/current/errcodes-appendix.html.
    /// </summary>
    public static bool IsStoreDown(Exception? e) => e switch
    {
        null => false,
        // Somebody cancelled the statement, or it took too long: the database is there (StoreFault.IsCancelledStatement).
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => false,
        PostgresException p =>
        p.SqlState[..2] is "08" or "28" or "53" or "57" or "58" or "XX" || p.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException => true,
        System.Net.Sockets.SocketException or TimeoutException => true,
        AggregateException a => a.InnerExceptions.Any(IsStoreDown),
        _ => IsStoreDown(e.InnerException),
    };
}
