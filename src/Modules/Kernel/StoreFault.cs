using Notify.Kernel.Http;

namespace Notify.Kernel;

public static class StoreFault
{
    /// <summary>
    /// What was thrown is the fault of what was worked on: it fails, and its neighbours go on. A database that is away is nobody's fault and passes, and so does a stop.
    /// </summary>
    public static bool IsOfOne(Exception e) => e is not OperationCanceledException && !ProblemResponses.IsStoreDown(e);
}
