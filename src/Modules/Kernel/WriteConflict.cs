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

    /// <summary>Reads and writes again while another writer was faster.</summary>
    /// <param name="attempts">How often at most; the last conflict is thrown.</param>
    public static async Task<T> RetryAsync<T>(int attempts, Func<Task<T>> act)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await act();
            }
            catch (Exception e) when (attempt < attempts && Is(e))
            {
                // again
            }
        }
    }

    /// <inheritdoc cref="RetryAsync{T}"/>
    public static Task RetryAsync(int attempts, Func<Task> act) => RetryAsync(attempts, async () =>
    {
        await act();
        return true;
    });
}
