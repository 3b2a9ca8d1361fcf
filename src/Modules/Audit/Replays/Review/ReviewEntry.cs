using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;

namespace Notify.Audit.Replays.Review;

/// <summary>One line of the JSON report.</summary>
public static class ReviewEntry
{
    /// <param name="changes">The changed fields, if the event changed the configuration.</param>
    /// <param name="approver">Who approved it and what was signed, if it needed a second person.</param>
    public static void Write(
        Utf8JsonWriter json, ReviewEvent e, ReviewSubject? subject, IReadOnlyList<FieldChange>? changes, Approver? approver)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence"u8, e.Row.Sequence);
        json.WriteString("eventId"u8, e.Row.Id);
        json.WriteString("at"u8, e.Row.At.UtcDateTime);
        json.WriteString("type"u8, e.Row.Type);
        json.WriteString("resource"u8, e.Row.StreamId);
        json.WriteNumber("version"u8, e.Row.Version);
        if (subject is not null)
        {
            json.WriteStartObject("alarm"u8);
            json.WriteString("id"u8, subject.AlarmId);
            json.WriteString("name"u8, subject.AlarmName);
            json.WriteString("path"u8, subject.AlarmPath);
            json.WriteEndObject();
        }

        var actor = ActorOf(e.Row.UserName, e.Row.Headers);
        if (actor.Kind != Actor.SystemKind)
        {
            json.WriteStartObject("actor"u8);
            json.WriteString("id"u8, actor.Id);
            json.WriteString("name"u8, actor.Name);
            json.WriteString("kind"u8, actor.Kind);
            json.WriteEndObject();
            if (Header(e.Row.Headers, AuditContext.ReasonHeader) is { } reason) json.WriteString("reason"u8, reason);
            if (Header(e.Row.Headers, AuditContext.EmergencyHeader) is { } emergency) json.WriteString("emergency"u8, emergency);
        }

        if (approver is not null)
        {
            json.WritePropertyName("approvedBy"u8);
            JsonSerializer.Serialize(json, approver, NotifyJson.Options);
        }

        if (e.Row.CorrelationId is not null) json.WriteString("correlationId"u8, e.Row.CorrelationId);
        if (e.Row.CausationId is not null) json.WriteString("causationId"u8, e.Row.CausationId);
        json.WritePropertyName("data"u8);
        if (e.IsConfiguration) Shown(Encoding.UTF8.GetString(e.Row.Data)).WriteTo(json);
        else json.WriteRawValue(e.Row.Data, skipInputValidation: true);
        if (changes is { Count: > 0 })
        {
            json.WritePropertyName("changes"u8);
            JsonSerializer.Serialize(json, changes, NotifyJson.Options);
        }

        json.WriteEndObject();
    }

    public static Actor ActorOf(string? id, string? headers) =>
        id is null or "system"
            ? Actor.System : new(
            id, Header(headers, AuditContext.ActorNameHeader) ?? id, Header(headers, AuditContext.ActorKindHeader) ?? Actor.SystemKind);

    public static string? Header(string? headers, string name) => headers is null ? null : (string?)JsonNode.Parse(headers)?[name];

    /// <param name="signatures">By proposal.</param>
    /// <returns>Null: it needed no approval.</returns>
    public static Approver? ApproverOf(string? headers, ILookup<string, Signature> signatures) =>
        Header(headers, AuditContext.ProposalHeader) is { } proposal
            ? new(
            Header(headers, AuditContext.ApprovedByHeader) ?? "", Header(headers, AuditContext.ApprovedByNameHeader) ?? "", proposal,
            [.. signatures[proposal]]) : null;

    /// <summary>Configuration as people may see it, without references to secrets.</summary>
    public static JsonNode Shown(string data)
    {
        var node = JsonNode.Parse(data)!;
        Strip(node);
        return node;
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray items) foreach (var item in items) Strip(item);
        if (node is not JsonObject value) return;
        if (value.ContainsKey("fingerprint")) value.Remove("ref");
        foreach (var (_, child) in value) Strip(child);
    }
}
