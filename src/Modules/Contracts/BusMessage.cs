namespace Notify.Contracts;

/// <summary>
/// A message between modules. The message library logs the ToString of a failing message, and that of a record would contain all its values: names,
/// phone numbers, texts. Therefore it returns only the type's name.
/// </summary>
public abstract record BusMessage
{
    public sealed override string ToString() => GetType().Name;
}
