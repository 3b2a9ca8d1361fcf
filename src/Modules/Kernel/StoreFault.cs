using Notify.Kernel.Http;
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
    public static bool Passes(Exception e) => ProblemResponses.IsStoreDown(e) || IsCancelledStatement(e);

    /// <summary>The database is there and stopped this statement: an operator cancelled it, or it took longer than
    /// <c>statement_timeout</c>.</summary>
    public static bool IsCancelledStatement(Exception? e) => e switch
    {
        null => false,
        PostgresException p => p.SqlState == PostgresErrorCodes.QueryCanceled,
        AggregateException a => a.InnerExceptions.Any(IsCancelledStatement),
        _ => IsCancelledStatement(e.InnerException),
    };
}
