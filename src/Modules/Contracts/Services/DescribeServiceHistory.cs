using Wolverine.Attributes;

namespace Notify.Contracts.Services;

/// <summary>Asked of the Services module: what has every service ever been?</summary>
[MessageIdentity("notify.services.describe-service-history.v1")]
public sealed record DescribeServiceHistory : BusMessage;

/// <summary>In the order in which it came about.</summary>
[MessageIdentity("notify.services.service-history-described.v1")]
public sealed record ServiceHistoryDescribed(IReadOnlyList<ServiceAsOf> Steps) : BusMessage;

/// <param name="ConfigurationVersion">The version of the configuration from which on it is so.</param>
/// <param name="Service">Null: it is gone.</param>
public sealed record ServiceAsOf(long ConfigurationVersion, string Id, ServiceDescription? Service);
