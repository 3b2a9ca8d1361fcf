namespace Notify.Rules;

/// <summary>
/// What was made of a part of the configuration; or why that did not work, which is thrown where the part is used. So a part that cannot be read is
/// at fault in whatever needs it, and in nothing else.
/// </summary>
internal readonly struct Made<T>
{
    private readonly T value;

    internal Made(T value, Exception? fault) => (this.value, Fault) = (value, fault);

    public Exception? Fault { get; }

    /// <exception cref="InvalidOperationException">It could not be made.</exception>
    public T Value => Fault is null ? value : throw new InvalidOperationException(Fault.Message, Fault);
}

internal static class Made
{
    public static Made<T> Of<T>(Func<T> make)
    {
        try
        {
            return new(make(), null);
        }
        catch (Exception e)
        {
            return new(default!, e);
        }
    }
}
