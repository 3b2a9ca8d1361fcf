using System.Text.Json.Nodes;
using Wolverine.Attributes;

namespace Notify.Contracts.Services;

/// <summary>Asks the Services module what a service would look like after this event.</summary>
[MessageIdentity("notify.services.describe-proposed-service.v1")]
public sealed record DescribeProposedService(string Id, string EventType, JsonObject EventData) : BusMessage;

/// <param name="Service">Null: it would be removed.</param>
[MessageIdentity("notify.services.proposed-service-described.v1")]
public sealed record ProposedServiceDescribed(ServiceDescription? Service) : BusMessage;
