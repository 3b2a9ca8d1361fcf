namespace Notify.Testing;

/// <summary>Waits for what the outside can only see by looking again. How long it may take says nothing: a busy machine takes long, and who waits for
/// what is there waits no longer.</summary>
public static class Eventually
{
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan first = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan longest = TimeSpan.FromMilliseconds(100);

    /// <returns>The first value that fits.</returns>
    /// <exception cref="TimeoutException">With the last value that did not.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T>> get, Func<T, bool> fits, TimeSpan? atMost = null)
    {
        var end = TimeProvider.System.GetUtcNow() + (atMost ?? patience);
        // What has taken long is looked at less often: looking takes the processor from what is waited for.
        var pause = first;
        while (true)
        {
            var value = await get();
            if (fits(value)) return value;
            if (TimeProvider.System.GetUtcNow() > end) throw new TimeoutException($"The condition did not come about. Last seen: {value}");
            await Task.Delay(pause);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 5 / 4, longest.Ticks));
        }
    }
}
