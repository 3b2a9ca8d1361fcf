namespace Notify.Rules;

/// <summary>A compiled part of the configuration, or the reason why it could not be compiled. The reason is thrown only when the part is used, so an
/// unreadable part affects only what needs it.</summary>
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
