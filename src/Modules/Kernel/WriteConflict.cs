using JasperFx.Events;
using Npgsql;

namespace Notify.Kernel;

public static class WriteConflict
{
    /// <summary>
    /// Another writer was faster, and nothing of this transaction was kept. Marten turns a violation of the stream's versions into an exception of
    /// its own, and leaves those of other unique indexes and deadlocks as they are.
    /// </summary>
    public static bool Is(Exception e) => e switch
    {
        EventStreamUnexpectedMaxEventIdException or JasperFx.Events.ExistingStreamIdCollisionException
            or Marten.Exceptions.ExistingStreamIdCollisionException => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected } => true,
        _ => e.InnerException is { } inner && Is(inner),
    };
}
