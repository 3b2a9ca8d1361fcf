using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Following;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Resources;
using Notify.Kernel.Texts;

namespace Notify.Audit.History;

/// <summary>One event as an auditor reads it.</summary>
/// <param name="At">When it was recorded, by the clock of the node that did so.</param>
/// <param name="OccurredAt">When it happened according to its source; the same as <paramref name="At"/> if the source gave no time.</param>
/// <param name="AuthenticatedBy">How the actor was authenticated; null for Notify itself and for actors who were not.</param>
/// <param name="Session">The id of the session in which it was requested.</param>
/// <param name="Client">What the actor's program called itself.</param>
/// <param name="ApprovedBy">Who approved it and what was signed, if it needed a second person.</param>
public sealed record AuditEntry(
    long Sequence, Guid EventId, DateTimeOffset At, DateTimeOffset OccurredAt, string Module, string Type, AuditedResource Resource, Actor Actor,
    string? AuthenticatedBy, string? Session,
    string? SourceIp, string? Client, string? Reason, string? CorrelationId, string? CausationId, string Summary, BilingualText Summaries,
    IReadOnlyList<FieldChange> Changes,
    JsonNode Data, string Hash, Approver? ApprovedBy)
{
    /// <summary>The emergency in which it was done without approval.</summary>
    public string? Emergency { get; init; }
}

public sealed record AuditedResource(string Kind, string Id, string? Name, long Version);

/// <summary>Makes an entry of an event.</summary>
internal sealed class AuditEntryWriter(SummaryWriter summaries, EventCatalog catalog)
{
    /// <summary>One row with unexpected content must not prevent the other events from being read.</summary>
    public AuditEntry Write(AuditRow row, bool chinese)
    {
        try
        {
            return WriteRow(row, chinese);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return WriteRow(new AuditRow(row.Event, Unreadable(row.Event.Json), null) { Signatures = row.Signatures }, chinese);
        }
    }

    private AuditEntry WriteRow(AuditRow row, bool chinese)
    {
        var (e, data) = (row.Event, row.Data);
        var headers = e.Headers is null ? null : ObjectOf(e.Headers);
        var actor = new Actor(
            e.UserName ?? Actor.System.Id, Header(headers, AuditContext.ActorNameHeader) ?? Actor.System.Name,
            Header(headers, AuditContext.ActorKindHeader) ?? Actor.SystemKind);
        var end = e.StreamId.IndexOf('-', StringComparison.Ordinal);
        var name = NameIn(data) ?? NameIn(row.Before) ?? data["service"]?["name"];
        var text = summaries.Write(e.Type, data, row.Before, actor);
        return new AuditEntry(
            e.Sequence, e.Id, e.At, OccurredAt(e, data),
            e.Type.Split('.')[0], e.Type,
            new AuditedResource(end < 0 ? e.StreamId : e.StreamId[..end], e.StreamId, name?.ToString(), e.Version), actor,
            Header(headers, AuditContext.AuthenticationHeader) ?? (actor.Kind is Actor.SystemKind or Actor.AnonymousKind ? null : actor.Kind),
            Header(headers, AuditContext.SessionHeader), Header(headers, AuditContext.SourceIpHeader),
            Header(headers, AuditContext.ClientHeader), Header(headers, AuditContext.ReasonHeader), e.CorrelationId, e.CausationId, chinese
            ? text.Zh : text.En, text,
            ChangesOf(row), data, HashOf(row), ApproverOf(headers, row.Signatures))
        {
            Emergency = Header(headers, AuditContext.EmergencyHeader),
        };
    }

    private static Approver? ApproverOf(JsonObject? headers, IReadOnlyList<Signature> signatures)
    {
        return Header(headers, AuditContext.ProposalHeader) is { } proposal
            ? new(Text(AuditContext.ApprovedByHeader), Text(AuditContext.ApprovedByNameHeader), proposal, signatures) : null;

        string Text(string name) => Header(headers, name) ?? "";
    }

    /// <summary>The id of the proposal by which an event was approved; null: none.</summary>
    public static string? ProposalOf(StoredRow e) =>
        e.Headers?.Contains(AuditContext.ProposalHeader, StringComparison.Ordinal) == true
            ? Header(ObjectOf(e.Headers), AuditContext.ProposalHeader) : null;

    private static JsonNode? NameIn(JsonNode? data) => data?["name"] ?? data?["displayName"] ?? data?["alarmName"];

    /// <summary>Differs from the recording time only for types that declare a field for it: alarms, whose source gives the time, and refused
    /// requests, which are counted before they are recorded. Other events with such a field only quote it.</summary>
    private DateTimeOffset OccurredAt(StoredRow e, JsonNode data)
    {
        var moment = catalog.Find(e.Type)?.OccurredAt is { } field ? data[field] : null;
        return moment is not null && Instants.TryParseFine(moment.ToString(), out var at) ? at : e.At;
    }

    private static string? Header(JsonNode? headers, string name) =>
        headers?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>An event's data; for a row that is not an event of Notify's, its beginning as text, so that it does not prevent the others from being
    /// read.</summary>
    public static JsonObject ObjectOf(string json)
    {
        try
        {
            if (JsonNode.Parse(json) is JsonObject value) return value;
        }
        catch (JsonException)
        {
            // Malformed or nested too deeply.
        }

        return Unreadable(json);
    }

    private static JsonObject Unreadable(string json)
    {
        const int Shown = 200;
        return new JsonObject { ["unreadable"] = json.Length <= Shown ? json : json[..Shown] };
    }

    /// <summary>The fields that a configuration event changed. References to secrets are left out; a secret's fingerprint shows that it
    /// changed.</summary>
    private static IReadOnlyList<FieldChange> ChangesOf(AuditRow row)
    {
        if (row.Data["settings"] is not null)
            return [.. FieldChange.Between(row.Before ?? new JsonObject(), row.Data).Where(x => !x.Path.EndsWith(".ref", StringComparison.Ordinal))];
        if (row.Before?["settings"] is null) return [];
        return (row.Event.Type.Split('.') is [_, var name, ..] ? name : "") switch
        {
            var x when x.EndsWith("_enabled", StringComparison.Ordinal) => [new FieldChange("status", "disabled", "enabled")],
            var x when x.EndsWith("_disabled", StringComparison.Ordinal) => [new FieldChange("status", "enabled", "disabled")],
            var x when x.EndsWith("_deleted", StringComparison.Ordinal) =>
                [.. FieldChange.Between(row.Before, new JsonObject()).Where(x => !x.Path.EndsWith(".ref", StringComparison.Ordinal))],
            _ => [],
        };
    }

    /// <summary>SHA-256 over all that is stored of the event.</summary>
    private static string HashOf(AuditRow row)
    {
        var e = row.Event;
        var text = JsonSerializer.Serialize(
            new object?[] { e.Sequence, e.Id, e.StreamId, e.Version, e.Type, e.At.UtcDateTime, e.UserName, e.CorrelationId, e.CausationId, e.Headers,
            e.Json },
            NotifyJson.Options);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
