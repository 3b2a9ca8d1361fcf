using System.Text.Json.Nodes;
using Wolverine.Attributes;

namespace Notify.Contracts.Services;

/// <summary>Asked of the Services module: what would a service be after this event of its own?</summary>
[MessageIdentity("notify.services.describe-proposed-service.v1")]
public sealed record DescribeProposedService(string Id, string EventType, JsonObject EventData) : BusMessage;

/// <param name="Service">Null: it would be gone.</param>
[MessageIdentity("notify.services.proposed-service-described.v1")]
public sealed record ProposedServiceDescribed(ServiceDescription? Service) : BusMessage;
