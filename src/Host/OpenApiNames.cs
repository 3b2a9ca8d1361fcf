namespace Notify.Host;

/// <summary>The <c>operationId</c> of each call: generated clients make methods of them, so they stay as they are.</summary>
internal static class OpenApiNames
{
    public static string Of(string call, string? kind, string? verb)
    {
        if (kind is not null && resources.TryGetValue($"{call[..call.IndexOf(' ', StringComparison.Ordinal)]} {verb}", out var pattern))
            return pattern.Replace("#", char.ToUpperInvariant(kind[0]) + kind[1..^1], StringComparison.Ordinal);
        return calls.TryGetValue(call, out var name) ? name : Derived(call);
    }

    /// <summary>Of a call that nobody has named yet: <c>getAuditSealings</c>.</summary>
    private static string Derived(string call)
    {
        var words = call.Replace("/api/v1", "", StringComparison.Ordinal).Split([' ', '/', '-', '{', '}'], StringSplitOptions.RemoveEmptyEntries);
        return words[0].ToLowerInvariant() + string.Concat(words[1..].Select(x => char.ToUpperInvariant(x[0]) + x[1..]));
    }

    private static readonly Dictionary<string, string> resources = new(StringComparer.Ordinal)
    {
        ["POST "] = "create#",
        ["GET "] = "list#s",
        ["GET /{id}"] = "get#",
        ["PUT /{id}"] = "replace#",
        ["DELETE /{id}"] = "delete#",
        ["POST /{id}/enable"] = "enable#",
        ["POST /{id}/disable"] = "disable#",
        ["GET /{id}/history"] = "get#History",
        ["GET /{id}/references"] = "get#References",
    };

    private static readonly Dictionary<string, string> calls = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/services/{id}/test"] = "testService",
        ["POST /api/v1/services/{id}/accounts/import"] = "importAccounts",
        ["POST /api/v1/messages/preview"] = "previewMessage",
        ["POST /api/v1/messages/{id}/test"] = "testMessage",
        ["GET /api/v1/schedules/{id}/calendar"] = "getScheduleCalendar",
        ["POST /api/v1/schedules/calendar"] = "previewCalendar",
        ["POST /api/v1/rules/explain"] = "explainRules",
        ["POST /api/v1/rules/{id}/explain"] = "explainRule",
        ["GET /api/v1/configuration/export"] = "exportConfiguration",
        ["POST /api/v1/configuration/import"] = "importConfiguration",
        ["GET /api/v1/configuration/recipient"] = "getRecipient",
        ["POST /api/v1/alarms"] = "reportAlarms",
        ["GET /api/v1/alarms"] = "listAlarms",
        ["GET /api/v1/alarms/{id}"] = "getAlarm",
        ["POST /api/v1/alarms/{id}/acknowledge"] = "acknowledgeAlarm",
        ["POST /api/v1/alarms/{id}/shelve"] = "shelveAlarm",
        ["POST /api/v1/alarms/{id}/unshelve"] = "unshelveAlarm",
        ["GET /api/v1/alarms/{id}/explain"] = "explainAlarm",
        ["GET /api/v1/explain"] = "explainPeriod",
        ["POST /api/v1/intake/alertmanager"] = "receiveAlertmanager",
        ["PUT /api/v1/intake/alertmanager"] = "receiveAlertmanagerByPut",
        ["POST /api/v1/intake/grafana"] = "receiveGrafana",
        ["PUT /api/v1/intake/grafana"] = "receiveGrafanaByPut",
        ["POST /api/v1/intake/cloudevents"] = "receiveCloudEvents",
        ["OPTIONS /api/v1/intake/cloudevents"] = "askToSendCloudEvents",
        ["GET /api/v1/notifications"] = "listNotifications",
        ["GET /api/v1/notifications/{id}"] = "getNotification",
        ["GET /api/v1/notifications/{id}/receipt"] = "getReceipt",
        ["GET /api/v1/audit/receipts/{id}"] = "getAuditReceipt",
        ["GET /api/v1/notifications/failed"] = "listFailedNotifications",
        ["GET /api/v1/notifications/failed/count"] = "countFailedNotifications",
        ["POST /api/v1/notifications/resend"] = "resendNotifications",
        ["POST /api/v1/notifications/dismiss"] = "dismissNotifications",
        ["POST /api/v1/notifications/cancel"] = "cancelNotifications",
        ["POST /api/v1/notifications/bulk"] = "changeNotifications",
        ["GET /api/v1/notifications/bulk/{id}"] = "getBulkOperation",
        ["GET /api/v1/notifications/bulk/{id}/items"] = "listBulkItems",
        ["GET /api/v1/lanes"] = "listLanes",
        ["POST /api/v1/replays"] = "createReplay",
        ["GET /api/v1/replays"] = "listReplays",
        ["GET /api/v1/replays/{id}"] = "getReplay",
        ["POST /api/v1/replays/{id}/cancel"] = "cancelReplay",
        ["GET /api/v1/replays/{id}/report"] = "getReplayReport",
        ["GET /api/v1/operation/dead-letters"] = "listDeadLetters",
        ["POST /api/v1/operation/dead-letters/replay"] = "replayDeadLetters",
        ["POST /api/v1/operation/dead-letters/discard"] = "discardDeadLetters",
        ["GET /api/v1/audit"] = "listAuditEntries",
        ["GET /api/v1/audit/correlations/{id}"] = "getCorrelation",
        ["POST /api/v1/audit/rebuild"] = "rebuildAuditIndex",
        ["GET /api/v1/audit/rebuild"] = "getAuditIndex",
        ["GET /api/v1/audit/checkpoints"] = "listCheckpoints",
        ["GET /api/v1/audit/checkpoint"] = "getCheckpoint",
        ["GET /api/v1/audit/proof/{sequence}"] = "getProof",
        ["GET /api/v1/audit/consistency"] = "getConsistencyProof",
        ["POST /api/v1/audit/verify"] = "verifyAudit",
        ["GET /api/v1/audit/verify"] = "getVerification",
        ["GET /api/v1/audit/keys"] = "listSigningKeys",
        ["POST /api/v1/audit/keys/rotate"] = "rotateSigningKey",
        ["POST /api/v1/audit/erasures"] = "erasePersonalData",
        ["GET /api/v1/audit/holds"] = "listHolds",
        ["POST /api/v1/audit/holds"] = "placeHold",
        ["DELETE /api/v1/audit/holds/{id}"] = "releaseHold",
        ["GET /api/v1/audit/export"] = "exportAudit",
        ["GET /api/v1/state"] = "getState",
        ["GET /api/v1/state/diff"] = "getStateDifference",
    };
}
