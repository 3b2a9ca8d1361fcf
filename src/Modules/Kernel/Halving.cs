namespace Notify.Kernel;

/// <summary>Halves a failed batch until the faulty item is alone, so that the others do not fail with it.</summary>
public static class Halving
{
    /// <summary>Keeps the order; with an odd number the first half is smaller.</summary>
    public static (List<T> First, List<T> Second) Of<T>(IReadOnlyList<T> items) =>
        ([.. items.Take(items.Count / 2)], [.. items.Skip(items.Count / 2)]);

    /// <param name="work">Processes all items, in order; if it throws, it has processed none.</param>
    /// <param name="alone">Called with a faulty item and its exception.</param>
    /// <param name="isOfOne">
    /// Whether the exception may be due to one item; null: <see cref="StoreFault.IsOfOne"/>. Any other is rethrown; later items are not processed.
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

    /// <summary>Continues after the whole batch has been tried and failed with <paramref name="fault"/>.</summary>
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
