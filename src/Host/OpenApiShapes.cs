using System.Text.Json;
using System.Text.Json.Serialization;
using Notify.Alarms;
using Notify.Audit.Retention;
using Notify.Contracts.Rules;
using Notify.Delivery.Bulk;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules;
using Notify.Rules.Schedules;
using Notify.Services.WeCom;

namespace Notify.Host;

/// <summary>
/// Bodies as the contract shows them, for the OpenAPI document only: the endpoints read and write them node by node, so that no type of theirs says
/// what is in them. Where the real records are public, the document is made from those.
/// </summary>
internal static class OpenApiShapes
{
    public sealed record Problem(string Type, string Title, int Status, string? Detail, string TraceId, Dictionary<string, string[]>? Errors);

    public sealed record Draft(string Name, string? Description = null);

    public sealed record Resource(
        string Id, string Name, string Description, ResourceStatus Status, long Version, DateTimeOffset CreatedAt, Actor CreatedBy, DateTimeOffset UpdatedAt, Actor UpdatedBy);

    [JsonConverter(typeof(JsonStringEnumConverter<ResourceStatus>))]
    public enum ResourceStatus
    {
        [JsonStringEnumMemberName("enabled")] Enabled,
        [JsonStringEnumMemberName("disabled")] Disabled,
    }

    public sealed record ServiceInput(string Type, [property: JsonPropertyName("wecom")] WeComSettingsInput? WeCom);

    public sealed record ServiceView(string Type, [property: JsonPropertyName("wecom")] WeComView? WeCom);

    public sealed record WeComView(IReadOnlyList<string> SendTo, IReadOnlyList<BotView> Bots, AppView? App, IReadOnlyList<WeComAccount> Accounts);

    public sealed record BotView(string Alias, string WebhookUrl, string? Fingerprint);

    public sealed record AppView(string CorpId, long AgentId, SecretView Secret);

    public sealed record SecretView(bool Set, string? Fingerprint);

    public sealed record AlarmInput(
        string Name, string? Path = null, string? Type = null, Contracts.Alarms.AlarmLevel? Level = null, Contracts.Alarms.AlarmState? State = null, JsonElement? Value = null,
        DateTimeOffset? EventTime = null, string? Description = null, AcknowledgeMode? AckMode = null, string? AckUser = null, string? Rule = null,
        Dictionary<string, string>? Labels = null, string? SourceId = null);

    public sealed record AlarmBatch(IReadOnlyList<AlarmInput> Alarms);

    public sealed record AlarmAnswer(IReadOnlyList<AcceptedAlarm> Accepted, IReadOnlyList<RejectedAlarm> Rejected);

    public sealed record AcceptedAlarm(int Index, string AlarmId, string CorrelationId, Dictionary<string, string[]>? Warnings);

    public sealed record RejectedAlarm(int Index, Dictionary<string, string[]> Errors);

    public sealed record Acknowledgement(string? Note = null);

    public sealed record Shelving(DateTimeOffset? Until = null, int? Minutes = null, string? Reason = null);

    public sealed record Period(DateTimeOffset? From = null, DateTimeOffset? To = null);

    public sealed record ErasureOrder(string Subject, string Reason);

    public sealed record Acceptance(string Reason);

    public sealed record Hold(string Name, string Reason, string? Resource = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

    public sealed record ServiceTest(IReadOnlyList<Receiver> Receivers, string Text);

    public sealed record MessageTest(string ServiceId, IReadOnlyList<Receiver> Receivers, AlarmInput? Alarm = null);

    public sealed record Preview(string? Type, string? Format, string Content, Mentions? Mentions = null, string? TimeZone = null, string? Language = null, AlarmInput? Alarm = null);

    public sealed record Explain(AlarmInput? Alarm = null, string? AlarmId = null, DateTimeOffset? At = null, RuleSettings? Rule = null);

    public sealed record CalendarDraft(ScheduleSettings Schedule, string? From = null, string? To = null);

    public sealed record FailedCount(long Count);

    public sealed record Holds(IReadOnlyList<LegalHold> Items);

    public sealed record Proof(long Sequence, long Index, long Size, string LeafHash, IReadOnlyList<string> Path, string Checkpoint, Dictionary<string, JsonElement> Entry);

    public sealed record DeadLetterIds(IReadOnlyList<string> Ids, string Reason);

    public sealed record DeadLetterOutcomes(IReadOnlyList<DeadLetterOutcome> Items);

    /// <param name="Outcome"><c>replayed</c>, <c>discarded</c> or <c>notFound</c>.</param>
    public sealed record DeadLetterOutcome(string Id, string Outcome);

    public sealed record ReplayInput(
        Audit.Replays.ReplayMode Mode, DateTimeOffset From, DateTimeOffset To, Contracts.Replays.ReplayFilter? Filter = null, string? ServiceId = null,
        IReadOnlyList<Dictionary<string, JsonElement>>? Rules = null, string? Reason = null);

    public sealed record NotificationIds(IReadOnlyList<string> Ids, string? Reason = null);

    public sealed record NotificationOutcomes(IReadOnlyList<NotificationChanged> Items);

    public sealed record Bulk(NotificationVerb Verb, string? Reason = null, IReadOnlyList<string>? Ids = null, Dictionary<string, string>? Filter = null);

    /// <summary>The body of each address that has one, with an example.</summary>
    public static readonly IReadOnlyDictionary<string, (Type Type, string Example)> Requests = new Dictionary<string, (Type, string)>(StringComparer.Ordinal)
    {
        ["services"] = (typeof(ServiceInput), """
            { "type": "wecom", "name": "Plant WeCom", "description": "The robots and the app of the plant",
              "wecom": { "sendTo": ["bot", "account"],
                "bots": [ { "alias": "Line 1", "webhookUrl": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa-4bc4-97a0-0ec2fc6a5aaa" } ],
                "app": { "corpId": "ww1234567890abcdef", "agentId": 1000002, "secret": "the-secret-of-the-app" },
                "accounts": [ { "account": "zhangsan", "name": "张三" } ] } }
            """),
        ["messages"] = (typeof(MessageSettings), """
            { "type": "wecom", "name": "Alarm text", "description": "", "format": "text", "content": "{level} {name} {state} {path} {value}",
              "mentions": { "accounts": ["zhangsan"], "mobiles": [] } }
            """),
        ["schedules"] = (typeof(ScheduleSettings), """
            { "kind": "standard", "name": "Working hours", "description": "", "timeZone": "Asia/Shanghai", "ignoreHolidays": true,
              "weekly": { "monday": [ { "from": "08:00:00", "to": "17:30:00" } ], "friday": [ { "from": "08:00:00", "to": "16:00:00" } ] },
              "start": "2026-01-01", "end": null }
            """),
        ["rules"] = (typeof(RuleSettings), """
            { "name": "Line 1 critical", "description": "",
              "criteria": { "states": ["ActiveUnacked", "ClearedUnacked"], "shelved": false, "levels": ["Critical", "High"], "paths": ["Site1/Line1/**"],
                "labels": { "team": "ops" }, "matchAll": true },
              "actions": [ { "type": "wecom", "serviceId": "service-…", "messageId": "message-…", "scheduleId": "schedule-…",
                "receivers": [ { "kind": "bot", "alias": "Line 1" }, { "kind": "account", "account": "zhangsan" } ] } ] }
            """),
        ["POST /api/v1/alarms"] = (typeof(AlarmBatch), """
            { "alarms": [ { "name": "Motor too hot", "path": "Site1/Line1/Motor", "type": "temperature", "level": "Critical", "state": "ActiveUnacked", "value": 98.5,
              "eventTime": "2026-01-31T08:00:00Z", "description": "Above 90 degrees", "ackMode": "manual", "labels": { "team": "ops" } } ] }
            """),
        ["POST /api/v1/alarms/{id}/acknowledge"] = (typeof(Acknowledgement), """{ "note": "Fan replaced" }"""),
        ["POST /api/v1/alarms/{id}/shelve"] = (typeof(Shelving), """{ "minutes": 60, "reason": "Maintenance" }"""),
        ["POST /api/v1/services/{id}/test"] = (typeof(ServiceTest), """{ "receivers": [ { "kind": "bot", "alias": "Line 1" } ], "text": "A test of Notify" }"""),
        ["POST /api/v1/messages/{id}/test"] = (typeof(MessageTest), """{ "serviceId": "service-…", "receivers": [ { "kind": "bot", "alias": "Line 1" } ] }"""),
        ["POST /api/v1/messages/preview"] = (typeof(Preview), """{ "type": "wecom", "format": "text", "content": "{level} {name}", "alarm": { "name": "Motor too hot" } }"""),
        ["POST /api/v1/rules/explain"] = (typeof(Explain), """{ "alarm": { "name": "Motor too hot", "level": "Critical" }, "at": "2026-01-31T08:00:00Z" }"""),
        ["POST /api/v1/rules/{id}/explain"] = (typeof(Explain), """{ "alarm": { "name": "Motor too hot", "level": "Critical" }, "at": "2026-01-31T08:00:00Z" }"""),
        ["POST /api/v1/replays"] = (typeof(ReplayInput), """
            { "mode": "review", "from": "2026-01-31T03:00:00Z", "to": "2026-01-31T04:00:00Z", "filter": { "alarmPath": "Site1/Line1/**" }, "reason": "Incident 4711" }
            """),
        ["POST /api/v1/audit/verify"] = (typeof(Period), """{ "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z" }"""),
        ["POST /api/v1/audit/erasures"] = (typeof(ErasureOrder), """{ "subject": "zhangsan", "reason": "Left the company and asked for it" }"""),
        ["POST /api/v1/audit/checkpoints/accept"] = (typeof(Acceptance), """{ "reason": "Restored from the backup of Sunday" }"""),
        ["POST /api/v1/audit/holds"] = (typeof(Hold), """{ "name": "Case 4711", "reason": "Asked for by the authority", "resource": "notification" }"""),
        ["POST /api/v1/notifications/resend"] = (typeof(NotificationIds), """{ "ids": ["notification-…"] }"""),
        ["POST /api/v1/notifications/dismiss"] = (typeof(NotificationIds), """{ "ids": ["notification-…"], "reason": "Told by phone" }"""),
        ["POST /api/v1/notifications/cancel"] = (typeof(NotificationIds), """{ "ids": ["notification-…"], "reason": "A test of the plant" }"""),
        ["POST /api/v1/notifications/bulk"] = (typeof(Bulk), """{ "verb": "resend", "reason": "The robot was removed", "filter": { "serviceId": "service-…", "from": "2026-01-31T00:00:00Z" } }"""),
        ["POST /api/v1/operation/dead-letters/replay"] = (typeof(DeadLetterIds), """{ "ids": ["0199c1de-6f1a-7cc0-a8f5-0c7ad3cf2a11"], "reason": "The disk has room again" }"""),
        ["POST /api/v1/operation/dead-letters/discard"] = (typeof(DeadLetterIds), """{ "ids": ["0199c1de-6f1a-7cc0-a8f5-0c7ad3cf2a11"], "reason": "Nobody waits for it" }"""),
        ["POST /api/v1/schedules/calendar"] = (typeof(CalendarDraft), """
            { "schedule": { "kind": "holiday", "timeZone": "Asia/Shanghai", "from": "2026-10-01", "to": "2026-10-07" }, "from": "2026-10-01", "to": "2026-10-31" }
            """),
    };

    /// <summary>A document as it is imported.</summary>
    public const string JsonDocument = """
        { "notify": 1, "messages": [ { "name": "Alarm text", "status": "enabled", "type": "wecom", "format": "text", "content": "{level} {name}" } ] }
        """;

    public const string YamlDocument = """
        notify: 1
        messages:
          - name: Alarm text
            status: enabled
            type: wecom
            format: text
            content: '{level} {name}'

        """;

    /// <summary>What is answered where the endpoint's own type does not say it.</summary>
    public static readonly IReadOnlyDictionary<string, Type> Answers = new Dictionary<string, Type>(StringComparer.Ordinal)
    {
        ["services"] = typeof(ServiceView),
        ["messages"] = typeof(MessageSettings),
        ["schedules"] = typeof(ScheduleSettings),
        ["rules"] = typeof(RuleSettings),
        ["POST /api/v1/alarms"] = typeof(AlarmAnswer),
        ["POST /api/v1/alarms/{id}/acknowledge"] = typeof(AlarmView),
        ["POST /api/v1/alarms/{id}/shelve"] = typeof(AlarmView),
        ["POST /api/v1/alarms/{id}/unshelve"] = typeof(AlarmView),
        ["POST /api/v1/notifications/resend"] = typeof(NotificationOutcomes),
        ["POST /api/v1/notifications/dismiss"] = typeof(NotificationOutcomes),
        ["POST /api/v1/notifications/cancel"] = typeof(NotificationOutcomes),
        ["POST /api/v1/notifications/bulk"] = typeof(BulkView),
        ["POST /api/v1/intake/cloudevents"] = typeof(AlarmAnswer),
        ["POST /api/v1/intake/alertmanager"] = typeof(AlarmAnswer),
        ["POST /api/v1/intake/grafana"] = typeof(AlarmAnswer),
        ["PUT /api/v1/intake/alertmanager"] = typeof(AlarmAnswer),
        ["PUT /api/v1/intake/grafana"] = typeof(AlarmAnswer),
        ["GET /api/v1/notifications/failed/count"] = typeof(FailedCount),
        ["GET /api/v1/audit/holds"] = typeof(Holds),
        ["GET /api/v1/audit/proof/{sequence}"] = typeof(Proof),
        ["POST /api/v1/operation/dead-letters/replay"] = typeof(DeadLetterOutcomes),
        ["POST /api/v1/operation/dead-letters/discard"] = typeof(DeadLetterOutcomes),
        ["POST /api/v1/audit/holds"] = typeof(LegalHold),
    };

    /// <summary>What exists when it is answered, and is no configuration resource.</summary>
    public static readonly IReadOnlyCollection<string> Created = ["POST /api/v1/audit/holds"];

    /// <summary>Posts that say all in their address.</summary>
    public static readonly IReadOnlyCollection<string> WithoutBody =
    [
        "POST /api/v1/alarms/{id}/unshelve", "POST /api/v1/replays/{id}/cancel", "POST /api/v1/audit/rebuild", "POST /api/v1/audit/keys/rotate",
    ];

    /// <summary>What is no JSON.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Texts = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["GET /api/v1/audit/checkpoint"] = ["text/plain"],
        ["GET /api/v1/audit/export"] = ["application/x-ndjson", "text/csv"],
        ["GET /api/v1/audit/receipts/{id}"] = ["application/x-ndjson"],
        ["GET /api/v1/notifications/{id}/receipt"] = ["application/x-ndjson"],
    };

    /// <summary>Without these a call is refused.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> RequiredQueries = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["GET /api/v1/alarms/{id}/explain"] = ["receiver"],
        ["GET /api/v1/explain"] = ["receiver", "from", "to"],
        ["GET /api/v1/state/diff"] = ["from"],
        ["GET /api/v1/audit/consistency"] = ["first"],
        ["POST /api/v1/services/{id}/accounts/import"] = ["mode"],
    };

    /// <summary>What is begun when it is answered, and goes on.</summary>
    public static readonly IReadOnlyCollection<string> Later = ["POST /api/v1/notifications/bulk", "POST /api/v1/audit/rebuild"];
}
