using Notify.Channels.Fields;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>Which field of a person's record a channel uses to reach them. Channels that use the same field mean the same by it.</summary>
/// <param name="Field">Of the record, such as an e-mail address; what it finds fault with is no address.</param>
/// <param name="Kind">The kind of receiver that is named by such an address.</param>
public sealed record PersonAddress(Field Field, ReceiverKind Kind)
{
    /// <param name="named">How a rule names the person: what it has beside its name goes on.</param>
    /// <returns>The receiver as which the channel reaches them; null: the person has no address for this way.</returns>
    public Receiver? Of(PersonDescription person, Receiver named) =>
        person.Addresses.TryGetValue(Field.Name, out var address) && address.Length > 0 && Field.Fault?.Invoke(address) is null
            ? Kind.Named(address) with { Fields = named.Fields }
            : null;
}
