using Wolverine.Attributes;

namespace Notify.Contracts.People;

/// <summary>Asks the Access module for all versions of every person and group.</summary>
[MessageIdentity("notify.access.describe-people-history.v1")]
public sealed record DescribePeopleHistory : BusMessage;

/// <summary>In chronological order.</summary>
[MessageIdentity("notify.access.people-history-described.v1")]
public sealed record PeopleHistoryDescribed(IReadOnlyList<PersonAsOf> People, IReadOnlyList<GroupAsOf> Groups) : BusMessage;

/// <param name="ConfigurationVersion">The version of the configuration from which it applies.</param>
/// <param name="Person">Null: removed.</param>
public sealed record PersonAsOf(long ConfigurationVersion, string Id, PersonDescription? Person);

/// <param name="ConfigurationVersion">The version of the configuration from which it applies.</param>
/// <param name="Group">Null: removed.</param>
public sealed record GroupAsOf(long ConfigurationVersion, string Id, GroupDescription? Group);
