using Wolverine.Attributes;

namespace Notify.Contracts.Services;

/// <summary>Asks the Services module for all versions of every service.</summary>
[MessageIdentity("notify.services.describe-service-history.v1")]
public sealed record DescribeServiceHistory : BusMessage;

/// <summary>In chronological order.</summary>
[MessageIdentity("notify.services.service-history-described.v1")]
public sealed record ServiceHistoryDescribed(IReadOnlyList<ServiceAsOf> Steps) : BusMessage;

/// <param name="ConfigurationVersion">The version of the configuration from which it applies.</param>
/// <param name="Service">Null: removed.</param>
public sealed record ServiceAsOf(long ConfigurationVersion, string Id, ServiceDescription? Service);
