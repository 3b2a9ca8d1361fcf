namespace Notify.Host;

/// <summary>What each call is for, in one line and in a few. A call of a kind of configuration resource is named without its kind.</summary>
internal static class OpenApiTexts
{
    private const string Change = "Needs If-Match with the version that was read. Everything is on record, with who, when, from where and why.";

    public static (string Summary, string Description)? Of(string call, string? kind, string? verb) =>
        kind is not null && resources.TryGetValue($"{call[..call.IndexOf(' ', StringComparison.Ordinal)]} {verb}", out var text)
            ? (text.Summary.Replace("#", kind[..^1], StringComparison.Ordinal), text.Description.Replace("#", kind[..^1], StringComparison.Ordinal))
            : calls.TryGetValue(call, out var own) ? own : null;

    /// <summary>Null for one that nobody has described.</summary>
    public static string? TagOf(string tag) => tags.GetValueOrDefault(tag);

    private static readonly Dictionary<string, string> tags = new(StringComparer.Ordinal)
    {
        ["services"] = "The configured ways out.",
        ["messages"] = "Text templates.",
        ["schedules"] = "When notifications may go out.",
        ["rules"] = "Whom to tell of which alarms.",
        ["configuration"] = "All of the configuration as one document.",
        ["alarms"] = "What sources report, and what operators do with it.",
        ["intake"] = "Other systems' own formats.",
        ["notifications"] = "What was sent, and what failed.",
        ["replays"] = "A period seen again, tried with other rules, or sent again.",
        ["audit"] = "The history and its proofs.",
        ["operation"] = "What keeps Notify running.",
    };

    private static readonly Dictionary<string, (string Summary, string Description)> resources = new(StringComparer.Ordinal)
    {
        ["POST "] = ("Create a #", "The name must be free, whatever the case. With an Idempotency-Key a repeat gets the first answer and creates nothing twice."),
        ["GET "] = ("List the #s", "Searched in name and description, sorted, page by page; newest first unless asked otherwise."),
        ["GET /{id}"] = ("Read a #", "As it is, or as it was at a version or an instant. Secrets show as fingerprints only."),
        ["PUT /{id}"] = ("Replace the settings of a #", $"All settings are given; a secret that is left out, or sent back as it was read, is kept. What an enabled rule needs cannot be taken away. {Change}"),
        ["DELETE /{id}"] = ("Delete a #", $"Refused while something enabled refers to it. Its history stays. {Change}"),
        ["POST /{id}/enable"] = ("Switch a # on", $"What it refers to must exist, fit and be enabled. {Change}"),
        ["POST /{id}/disable"] = ("Switch a # off", $"What refers to it stays as it is. {Change}"),
        ["GET /{id}/history"] = ("Every change of a #", "Newest first, each with who, when, from where, why, and each field before and after. Of a deleted one too."),
        ["GET /{id}/references"] = ("Who uses a #, and what it uses", "Both with their names and whether they are enabled."),
    };

    private static readonly Dictionary<string, (string Summary, string Description)> calls = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/services/{id}/test"] = ("Send a test", "Sends a text at once to chosen receivers, also of a disabled service, and gives for each the platform's own code and message, what it means and what to do. It is on record."),
        ["POST /api/v1/services/{id}/accounts/import"] = ("Import accounts", "From the .xlsx or .csv that WeCom's admin console exports. preview says what merge would do; merge adds and renames; replace also takes out who is not in the file. Each skipped row is given with its number and reason."),
        ["POST /api/v1/messages/preview"] = ("Preview a message", "The text as it would be read, its size in bytes, the limit, and how it is split and whom it mentions for each kind of receiver. Nothing is sent or kept."),
        ["POST /api/v1/messages/{id}/test"] = ("Send a message as a test", "Fills it with an alarm that is given, or an example, and sends it at once to chosen receivers of a service. It is on record."),
        ["GET /api/v1/schedules/{id}/calendar"] = ("Calendar of a schedule", "When it is open, when a holiday pauses it, and the holidays, for at most two years; the next 31 days unless asked otherwise."),
        ["POST /api/v1/schedules/calendar"] = ("Calendar of a draft", "The same for a schedule that is not kept."),
        ["POST /api/v1/rules/explain"] = ("Explain all rules, or a draft", "What each rule would do with an alarm at a moment, and why: each condition's outcome, the schedule's state, the receivers and the text. Nothing is sent."),
        ["POST /api/v1/rules/{id}/explain"] = ("Explain a rule", "What it, or a draft in its place, would do with an alarm at a moment, and why. Nothing is sent."),
        ["GET /api/v1/configuration/export"] = ("Export the configuration", "All services, messages, schedules and rules as one document that refers by name. Secrets are left out, or sealed for one recipient that the settings of this installation name."),
        ["POST /api/v1/configuration/rebuild"] = ("Write changed tables anew", "Where somebody has written into the tables of rules, services, messages, schedules or API keys beside Notify, the rows are made again from the events. Nothing was decided by them."),
        ["POST /api/v1/configuration/import"] = ("Apply a document", "All of it in one change, or nothing. dryRun says what would differ. A resource is found by its id where one is given, else by its name; prune deletes what the document lacks in the kinds that it lists. The same document again changes nothing."),
        ["GET /api/v1/configuration/recipient"] = ("The key for sealed secrets", "The public key for which another installation can seal the secrets of its export, so that only this one can open them."),
        ["POST /api/v1/alarms"] = ("Report alarms", "1 to 1000 in a request. 202 means that those accepted are on durable storage. The same event sent again notifies nobody twice."),
        ["GET /api/v1/alarms"] = ("List alarms", "The latest first, page by page."),
        ["GET /api/v1/alarms/{id}"] = ("Read an alarm", "With its timeline: each change of state, each notification, each acknowledgement."),
        ["POST /api/v1/alarms/{id}/acknowledge"] = ("Acknowledge an alarm", "Some alarms ask for a note."),
        ["POST /api/v1/alarms/{id}/shelve"] = ("Shelve an alarm", "For a number of minutes or until an instant; rules that do not take shelved alarms stay quiet meanwhile."),
        ["POST /api/v1/alarms/{id}/unshelve"] = ("Take an alarm off the shelf", "It counts again before its time."),
        ["POST /api/v1/intake/alertmanager"] = ("Webhook for Prometheus Alertmanager", "Version 4 of its webhook."),
        ["PUT /api/v1/intake/alertmanager"] = ("Webhook for Prometheus Alertmanager", "As with POST, for senders that put."),
        ["POST /api/v1/intake/grafana"] = ("Webhook for Grafana", "Grafana's alerting webhook, unified or legacy."),
        ["PUT /api/v1/intake/grafana"] = ("Webhook for Grafana", "As with POST, for senders that put."),
        ["POST /api/v1/intake/cloudevents"] = ("Alarms as CloudEvents", "In binary, structured and batch mode."),
        ["OPTIONS /api/v1/intake/cloudevents"] = ("Ask whether events may be sent", "The handshake of web hooks for CloudEvents: the sender that asks, and its rate, are allowed. It needs no key; events do."),
        ["GET /api/v1/notifications"] = ("List notifications", "The latest first, page by page."),
        ["GET /api/v1/notifications/{id}"] = ("Read a notification", "With its text as it was sent, each attempt and the platform's answers."),
        ["GET /api/v1/notifications/failed"] = ("The failed list", "What could not be delivered and was neither sent again nor dismissed; the last seven days unless asked otherwise."),
        ["GET /api/v1/notifications/failed/count"] = ("How many have failed", "The number in the failed list."),
        ["POST /api/v1/notifications/resend"] = ("Send failed notifications again", "An outcome for each id: resent, with the id of the new notification, notFound or notFailed."),
        ["POST /api/v1/notifications/dismiss"] = ("Dismiss failed notifications", "They leave the failed list and stay in the history. An outcome for each id."),
        ["GET /api/v1/lanes"] = ("The ways out and how they are", "Each robot and app that something was sent to: how much waits and since when, and why it is blocked, if it is, with what to do about it."),
        ["POST /api/v1/notifications/cancel"] = ("Cancel waiting notifications", "What waits for its pace, a retry or a blocked lane is not sent any more. An outcome for each id."),
        ["POST /api/v1/notifications/bulk"] = ("Resend, dismiss or cancel many", "By ids or by a filter; it is worked on after the answer and survives a restart."),
        ["GET /api/v1/notifications/bulk/{id}"] = ("How far a bulk operation is", "With the number of each outcome so far."),
        ["GET /api/v1/notifications/bulk/{id}/items"] = ("What became of each notification of a bulk operation", "In their order, page by page."),
        ["GET /api/v1/alarms/{id}/explain"] = ("Why somebody was told of an alarm, or not", "For each change of the alarm the condition that decided it for one receiver, with the configuration of that moment, down to the platform's answer."),
        ["GET /api/v1/explain"] = ("Why somebody was told in a period, or not", "The same for every change of every alarm in a period, page by page."),
        ["POST /api/v1/replays"] = ("Replay a period", "review rebuilds what happened; whatIf asks today's rules, or those given, about the recorded alarms and sends nothing; redeliver sends again, paced and marked. Worked on after the answer; survives a restart."),
        ["GET /api/v1/replays"] = ("List replays", "The newest first."),
        ["GET /api/v1/replays/{id}"] = ("Read a replay", "How far it is, and its result."),
        ["POST /api/v1/replays/{id}/cancel"] = ("Cancel a replay", "What it has done stays done, and on record."),
        ["GET /api/v1/replays/{id}/report"] = ("Read a replay's report", "JSON, or a page of HTML that stands alone and prints; the same bytes each time."),
        ["GET /api/v1/operation/dead-letters"] = ("List what was put aside", "Internal messages that could not be handled after all retries, with the alarms they are about. Health is degraded while there are any."),
        ["POST /api/v1/operation/dead-letters/replay"] = ("Handle them again", "Once what kept them from being handled is mended. Decided notifications are decided and rendered anew, with the configuration as it is now. Needs a reason; an outcome for each id."),
        ["POST /api/v1/operation/dead-letters/discard"] = ("Give them up", "For good: what such a message asks for is never done. Needs a reason; an outcome for each id."),
        ["GET /api/v1/audit"] = ("Read the history", "What happened, in event order, page by page."),
        ["GET /api/v1/audit/correlations/{id}"] = ("All that one request led to", "As what caused what: alarm, decision, notification, attempts, outcomes."),
        ["POST /api/v1/audit/rebuild"] = ("Write the index of the history anew", "It is made again from the events, while the old one goes on to answer."),
        ["GET /api/v1/audit/rebuild"] = ("How far the index of the history is", "How far it follows the events, and how far a rebuild is."),
        ["GET /api/v1/audit/checkpoints"] = ("List signed checkpoints", "The newest first, page by page."),
        ["GET /api/v1/audit/checkpoint"] = ("The newest signed checkpoint", "As the signed note that verifiers read."),
        ["GET /api/v1/audit/proof/{sequence}"] = ("Prove that an entry is in the history", "The entry, its path to the root and the checkpoint that signs it."),
        ["GET /api/v1/audit/consistency"] = ("Prove that the history only grew", "From one checkpoint's size to another's."),
        ["POST /api/v1/audit/verify"] = ("Verify the history", "All of it or a period: whether every entry is still the one that was written, and the first that is not."),
        ["GET /api/v1/audit/verify"] = ("How the last verification ended", "It also runs by itself each day."),
        ["GET /api/v1/audit/keys"] = ("The keys that sign the history", "With those that were retired, which still verify what they signed."),
        ["POST /api/v1/audit/checkpoints/accept"] = ("Sign checkpoints again", "After something of what was signed before is missing, such as when a backup was restored. With a reason; it is on record."),
        ["POST /api/v1/audit/keys/rotate"] = ("Replace the signing key", "The old one is kept to verify; it is on record."),
        ["POST /api/v1/audit/erasures"] = ("Erase what names a person", "Everywhere, without breaking the proofs. It cannot be undone."),
        ["GET /api/v1/audit/holds"] = ("List legal holds", "What they cover does not expire."),
        ["POST /api/v1/audit/holds"] = ("Place a legal hold", "On a resource, a kind or a period."),
        ["DELETE /api/v1/audit/holds/{id}"] = ("Release a legal hold", "Needs a reason in X-Change-Reason."),
        ["GET /api/v1/audit/export"] = ("Export the history", "As a stream, with what two stand-alone verifiers need."),
        ["GET /api/v1/audit/receipts/{id}"] = ("The receipt of a notification", "What was sent, to whom and what the platform said, with its proof."),
        ["GET /api/v1/notifications/{id}/receipt"] = ("The receipt of a notification", "What was sent, to whom and what the platform said, with its proof."),
        ["GET /api/v1/state"] = ("The whole configuration at an instant", "Made from the events alone; now unless asked otherwise."),
        ["GET /api/v1/state/diff"] = ("What changed between two instants", "Each resource that was created, changed or deleted, field by field."),
    };
}
