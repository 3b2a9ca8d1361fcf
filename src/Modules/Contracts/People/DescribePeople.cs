using Wolverine.Attributes;

namespace Notify.Contracts.People;

/// <summary>Asks the Access module for all people and groups, with what is needed to notify them.</summary>
[MessageIdentity("notify.access.describe-people.v1")]
public sealed record DescribePeople : BusMessage;

[MessageIdentity("notify.access.people-described.v1")]
public sealed record PeopleDescribed(IReadOnlyList<PersonDescription> People, IReadOnlyList<GroupDescription> Groups) : BusMessage;

/// <param name="UserName">Unique, ignoring case.</param>
/// <param name="Addresses">The addresses in the person's record, by field name, such as <c>mobile</c>.</param>
public sealed record PersonDescription(
    string Id, long Version, string UserName, string Name, bool Enabled, IReadOnlyDictionary<string, string> Addresses);

/// <param name="Members">Ids of people.</param>
public sealed record GroupDescription(string Id, long Version, string Name, bool Enabled, IReadOnlyList<string> Members);
