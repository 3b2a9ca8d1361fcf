using Wolverine.Attributes;

namespace Notify.Contracts.People;

/// <summary>Asks the Access module to whom a link in a message was sent.</summary>
/// <param name="Mark">The part of the link that identifies the person.</param>
[MessageIdentity("notify.access.find-linked-person.v1")]
public sealed record FindLinkedPerson(string Mark) : BusMessage;

/// <param name="Person">Null: the person does not exist, has been removed, or is disabled.</param>
[MessageIdentity("notify.access.linked-person-found.v1")]
public sealed record LinkedPersonFound(LinkedPerson? Person) : BusMessage;

/// <param name="Paths">Patterns of the alarms that the person may see; empty: all.</param>
public sealed record LinkedPerson(string Id, string Name, IReadOnlyList<string> Paths);
