using Notify.Kernel.Http;

namespace Notify.Kernel;

public static class StoreFault
{
    /// <summary>
    /// Whether an exception is the fault of the item being processed, which then fails alone. An unavailable database or a shutdown is not.
    /// </summary>
    public static bool IsOfOne(Exception e) => e is not OperationCanceledException && !ProblemResponses.IsStoreDown(e);
}
