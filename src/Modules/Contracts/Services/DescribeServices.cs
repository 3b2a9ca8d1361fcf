using System.Text.Json.Nodes;
using Wolverine.Attributes;

namespace Notify.Contracts.Services;

/// <summary>Asked of the Services module: which services are there, and whom can they reach? <paramref name="Id"/> names one, null asks for
/// all.</summary>
[MessageIdentity("notify.services.describe-services.v1")]
public sealed record DescribeServices(string? Id = null) : BusMessage;

[MessageIdentity("notify.services.services-described.v1")]
public sealed record ServicesDescribed(IReadOnlyList<ServiceDescription> Services) : BusMessage;

/// <summary>A service without its secrets' values: each is named by the reference and fingerprint under which it lies sealed.</summary>
/// <param name="Settings">As its channel stores and reads them.</param>
public sealed record ServiceDescription(
    string Id, long Version, string Name, bool Enabled, string Type, JsonObject Settings);
