using JasperFx.Events;
using Npgsql;

namespace Notify.Kernel;

public static class WriteConflict
{
    /// <summary>
    /// Whether another writer was faster, so that nothing of this transaction was stored. Marten wraps a violation of stream versions in its own
    /// exception, but not those of other unique indexes, or deadlocks.
    /// </summary>
    public static bool Is(Exception e) => e switch
    {
        EventStreamUnexpectedMaxEventIdException or JasperFx.Events.ExistingStreamIdCollisionException
            or Marten.Exceptions.ExistingStreamIdCollisionException => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected } => true,
        _ => e.InnerException is { } inner && Is(inner),
    };
}
