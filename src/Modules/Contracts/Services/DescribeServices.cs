using System.Text.Json.Nodes;
using Wolverine.Attributes;

namespace Notify.Contracts.Services;

/// <summary>Asks the Services module which services exist and whom they can reach.</summary>
/// <param name="Id">The service to describe; null: all.</param>
[MessageIdentity("notify.services.describe-services.v1")]
public sealed record DescribeServices(string? Id = null) : BusMessage;

[MessageIdentity("notify.services.services-described.v1")]
public sealed record ServicesDescribed(IReadOnlyList<ServiceDescription> Services) : BusMessage;

/// <summary>A service. Each of its secrets is represented by its reference and fingerprint, never by its value.</summary>
/// <param name="Settings">In the form that its channel stores and reads.</param>
public sealed record ServiceDescription(
    string Id, long Version, string Name, bool Enabled, string Type, JsonObject Settings);
