namespace Notify.Contracts;

/// <summary>
/// A message between modules. The message library logs a failing message by its ToString, and a record's would contain everything in it: names,
/// numbers, texts. So it returns the type's name only.
/// </summary>
public abstract record BusMessage
{
    public sealed override string ToString() => GetType().Name;
}
