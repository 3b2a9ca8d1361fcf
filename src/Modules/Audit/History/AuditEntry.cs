using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Audit.History;

/// <summary>One event as an auditor reads it.</summary>
public sealed record AuditEntry(
    long Sequence, DateTimeOffset At, string Module, string Type, AuditedResource Resource, Actor Actor, string? SourceIp, string? Reason,
    string? CorrelationId, string? CausationId, string Summary, IReadOnlyList<FieldChange> Changes, JsonNode? Data, string Hash)
{
    public static AuditEntry Of(AuditRow row)
    {
        var module = row.Type[..row.Type.IndexOf('.', StringComparison.Ordinal)];
        var data = JsonNode.Parse(row.Data);
        var headers = row.Headers is null ? null : JsonNode.Parse(row.Headers);
        var kind = row.StreamId[..row.StreamId.IndexOf('-', StringComparison.Ordinal)];
        var name = (data?["name"] ?? data?["alarmName"] ?? row.Before?["name"])?.GetValue<string>();
        var actor = new Actor(
            row.UserName ?? Actor.System.Id, Header(headers, AuditContext.ActorNameHeader) ?? Actor.System.Name, Header(headers, AuditContext.ActorKindHeader) ?? Actor.SystemKind);
        var reason = Header(headers, AuditContext.ReasonHeader);
        return new AuditEntry(
            row.Sequence, row.At, module, row.Type, new AuditedResource(kind, row.StreamId, name), actor, Header(headers, AuditContext.SourceIpHeader), reason,
            row.CorrelationId, row.CausationId, Summarize(row.Type, name, data, actor), ChangesOf(row, data), data, HashOf(row));
    }

    private static string? Header(JsonNode? headers, string name) => headers?[name]?.GetValue<string>();

    /// <summary>"Rule changed: Line 1, by Ann".</summary>
    private static string Summarize(string type, string? name, JsonNode? data, Actor actor)
    {
        var words = type.Split('.')[1].Replace('_', ' ');
        var text = new StringBuilder().Append(char.ToUpperInvariant(words[0])).Append(words.AsSpan(1));
        if (name is not null) text.Append(": ").Append(name);
        if (data?["state"] is { } state) text.Append(CultureInfo.InvariantCulture, $" ({state})");
        if (data?["nobody"] is { } nobody) text.Append(CultureInfo.InvariantCulture, $", nobody to tell: {nobody}");
        if ((data?["platformMessage"] ?? data?["why"]) is { } words2) text.Append(CultureInfo.InvariantCulture, $": {words2}");
        if (actor.Kind != Actor.SystemKind) text.Append(", by ").Append(actor.Name);
        return text.ToString();
    }

    /// <summary>What a change of configuration changed; where a secret lies is nobody's business, that it changed is seen by its fingerprint.</summary>
    private static IReadOnlyList<FieldChange> ChangesOf(AuditRow row, JsonNode? data) =>
        data?["settings"] is null ? [] : [.. FieldChange.Between(row.Before ?? new JsonObject(), data).Where(x => !x.Path.EndsWith(".ref", StringComparison.Ordinal))];

    /// <summary>SHA-256 over all that is stored of the event.</summary>
    private static string HashOf(AuditRow row)
    {
        var text = JsonSerializer.Serialize(
            new object?[] { row.Sequence, row.Id, row.StreamId, row.Version, row.Type, row.At.UtcDateTime, row.UserName, row.CorrelationId, row.CausationId, row.Headers, row.Data },
            NotifyJson.Options);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}

public sealed record AuditedResource(string Kind, string Id, string? Name);

/// <param name="Before">For a change of configuration: the event before it that holds settings.</param>
public sealed record AuditRow(
    long Sequence, Guid Id, string StreamId, long Version, string Type, DateTimeOffset At, string? UserName, string? CorrelationId, string? CausationId,
    string? Headers, string Data, JsonNode? Before);
