namespace Notify.Kernel;

/// <summary>What fails as a whole is halved until what is at fault is alone: the others must not suffer for it.</summary>
public static class Halving
{
    /// <summary>The same order; the first half is the smaller one.</summary>
    public static (List<T> First, List<T> Second) Of<T>(IReadOnlyList<T> items) =>
        ([.. items.Take(items.Count / 2)], [.. items.Skip(items.Count / 2)]);

    /// <param name="work">Does them all, in order; when it throws, it has done none of them.</param>
    /// <param name="alone">Is given what is at fault by itself, and why.</param>
    /// <param name="isOfOne">
    /// Whether one of them may be at fault; null: <see cref="StoreFault.IsOfOne"/>. Any other fault is thrown, and what comes later is not done.
    /// </param>
    public static async Task RunAsync<T>(
        IReadOnlyList<T> items, Func<IReadOnlyList<T>, Task> work, Func<T, Exception, Task> alone, Func<Exception, bool>? isOfOne = null)
    {
        Exception fault;
        try
        {
            await work(items);
            return;
        }
        catch (Exception e) when ((isOfOne ?? StoreFault.IsOfOne)(e))
        {
            fault = e;
        }

        await ApartAsync(items, fault, work, alone, isOfOne);
    }

    /// <summary>Where the whole was tried already, and failed because of <paramref name="fault"/>.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task ApartAsync<T>(
        IReadOnlyList<T> items, Exception fault, Func<IReadOnlyList<T>, Task> work, Func<T, Exception, Task> alone,
        Func<Exception, bool>? isOfOne = null)
    {
        if (items.Count == 1)
        {
            await alone(items[0], fault);
            return;
        }

        var (first, second) = Of(items);
        await RunAsync(first, work, alone, isOfOne);
        await RunAsync(second, work, alone, isOfOne);
    }
}
