using Notify.Channels.Fields;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>Somebody whom channels can reach by what their record has.</summary>
/// <param name="Addresses">By the names of the fields that channels use (<see cref="PersonAddress.Field"/>).</param>
public sealed record Person(string Id, string Name, IReadOnlyDictionary<string, string> Addresses);

/// <summary>By what of a person's record a channel reaches them. Channels that use the same field mean the same by it.</summary>
/// <param name="Field">Of the record, such as an e-mail address; what it finds fault with is no address.</param>
/// <param name="Kind">The kind of receiver that is named by such an address.</param>
public sealed record PersonAddress(Field Field, ReceiverKind Kind)
{
    /// <param name="named">How a rule names the person: what it has beside its name goes on.</param>
    /// <returns>The receiver as which the channel reaches them; null: the person has no address for this way.</returns>
    public Receiver? Of(Person person, Receiver named) =>
        person.Addresses.TryGetValue(Field.Name, out var address) && address.Length > 0 && Field.Fault?.Invoke(address) is null
            ? Kind.Named(address) with { Fields = named.Fields }
            : null;
}

/// <summary>The kinds of receivers that a channel has beside its own, when it reaches people by their records.</summary>
public static class PeopleKinds
{
    public const string User = "user";
    public const string Group = "group";

    /// <param name="fields">Those of the channel's own kind.</param>
    public static IReadOnlyList<ReceiverKind> With(IReadOnlyList<Field> fields) =>
    [
        new(User, ReceiverField.Account, "person", "person's id", new("Person", "人员")) { Fields = fields },
        new(Group, ReceiverField.Account, "group", "group's id", new("Group of people", "人员组")) { Fields = fields },
    ];
}
