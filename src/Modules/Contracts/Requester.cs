namespace Notify.Contracts;

/// <summary>The requester, as recorded.</summary>
public sealed record Requester(string Id, string Name, string Kind, string CorrelationId, string? SourceIp, string? Reason, string? Client);
