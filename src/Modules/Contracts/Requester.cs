namespace Notify.Contracts;

/// <summary>Who made a request, as it is recorded.</summary>
public sealed record Requester(string Id, string Name, string Kind, string CorrelationId, string? SourceIp, string? Reason, string? Client);
