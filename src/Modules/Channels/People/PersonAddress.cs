using Notify.Channels.Fields;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>The field of a person's record that a channel uses to reach them. Channels that use the same field share its meaning.</summary>
/// <param name="Field">The field, such as an e-mail address; a value that its check refuses is not used.</param>
/// <param name="Kind">The kind of receiver that such an address identifies.</param>
public sealed record PersonAddress(Field Field, ReceiverKind Kind)
{
    /// <param name="named">The receiver by which a rule names the person; its other fields are kept.</param>
    /// <returns>The receiver to send to; null: the person has no address for this channel.</returns>
    public Receiver? Of(PersonDescription person, Receiver named) =>
        person.Addresses.TryGetValue(Field.Name, out var address) && address.Length > 0 && Field.Fault?.Invoke(address) is null
            ? Kind.Named(address) with { Fields = named.Fields }
            : null;
}
