namespace Notify.Contracts;

/// <summary>
/// What modules tell and ask each other. The message library logs a message that fails in the words of its ToString, and a record would say all it
/// holds: names, numbers, texts. It says its name only.
/// </summary>
public abstract record BusMessage
{
    public sealed override string ToString() => GetType().Name;
}
