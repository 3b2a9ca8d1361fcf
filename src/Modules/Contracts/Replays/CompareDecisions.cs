using System.Text.Json.Nodes;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.Replays;

/// <summary>Asks the Rules module what this configuration would have decided for the recorded alarms of a period. Nothing is sent.</summary>
/// <param name="After">Only decisions with a greater event sequence number,</param>
/// <param name="UpTo">up to and including this one; at most <paramref name="Limit"/> of them.</param>
/// <param name="ConfigurationVersion">The configuration to try.</param>
/// <param name="Rules">Drafts in the form of <c>POST /rules</c>: they replace the rule with the same id or name, or are added.</param>
[MessageIdentity("notify.replays.compare-decisions.v1")]
public sealed record CompareDecisions(
    DateTimeOffset From, DateTimeOffset To, long After, long UpTo, int Limit, long ConfigurationVersion, ReplayFilter Filter,
    IReadOnlyList<JsonObject> Rules) : BusMessage;

/// <param name="Position">Where to continue; null: at the end.</param>
[MessageIdentity("notify.replays.decisions-compared.v1")]
public sealed record DecisionsCompared(IReadOnlyList<ComparedDecision> Decisions, long? Position) : BusMessage;

/// <summary>A recorded decision, compared with what this configuration would decide.</summary>
/// <param name="Sequence">The sequence number of the recorded decision.</param>
/// <param name="Receivers">The receivers who were notified, would be, or both.</param>
public sealed record ComparedDecision(
    long Sequence, DateTimeOffset At, string AlarmId, long AlarmVersion, string AlarmName, string AlarmPath, AlarmLevel Level, AlarmState State,
    IReadOnlyList<ComparedReceiver> Receivers)
{
    /// <summary>The follow-up steps and other ways that were due in the period, performed or hypothetical; null if there are none.</summary>
    public IReadOnlyList<ComparedStep>? Steps { get; init; }
}

/// <param name="Receiver">The receiver's kind, a colon and its name.</param>
/// <param name="Recorded">The names of the rules that notified them, one per notification.</param>
/// <param name="WouldBe">The names of the rules that would notify them.</param>
public sealed record ComparedReceiver(string Receiver, IReadOnlyList<string> Recorded, IReadOnlyList<string> WouldBe);

/// <summary>An escalation, a reminder or another way about an alarm change: what was performed, and what would have been performed given the recorded
/// acknowledgements and changes of the alarm, and the recorded outcomes of its notifications.</summary>
/// <param name="Receiver">The receiver's kind, a colon and its name.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Number">The number of the reminder, from 1; 0 for an escalation or another way.</param>
/// <param name="Recorded">When the performed step was due; null: not performed.</param>
/// <param name="WouldBe">When the step would have been due; null: it would not have been performed.</param>
public sealed record ComparedStep(string Receiver, string Rule, StepKind Kind, int Number, DateTimeOffset? Recorded, DateTimeOffset? WouldBe)
{
    /// <summary>For another way: <c>failed</c>, <c>partlyDelivered</c> when the notification reached only some of its receivers, or <c>blocked</c>
    /// when a blocked lane held it for too long; otherwise null.</summary>
    public string? Why { get; init; }

    /// <summary>For another way: the reason shown by the notification or its lane, or whom it has not reached; null if there is none.</summary>
    public string? Reason { get; init; }
}

/// <summary>Asks the Rules module whether these drafts can be tried, and which configuration is current.</summary>
[MessageIdentity("notify.replays.check-drafts.v1")]
public sealed record CheckDrafts(IReadOnlyList<JsonObject> Rules) : BusMessage;

/// <param name="Faults">Why they cannot, by path under <c>rules</c>.</param>
[MessageIdentity("notify.replays.drafts-checked.v1")]
public sealed record DraftsChecked(long ConfigurationVersion, IReadOnlyDictionary<string, IReadOnlyList<string>> Faults) : BusMessage;
