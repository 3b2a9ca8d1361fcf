using System.Text.Json.Nodes;
using Notify.Contracts.Alarms;
using Wolverine.Attributes;

namespace Notify.Contracts.Replays;

/// <summary>Asked of the Rules module: what would this configuration have decided about the recorded alarms of a period? Nothing is sent.</summary>
/// <param name="After">The decisions that come after this place in the order of events,</param>
/// <param name="UpTo">and not after this one; at most <paramref name="Limit"/> of them.</param>
/// <param name="ConfigurationVersion">The configuration that is tried.</param>
/// <param name="Rules">Drafts as they would be sent to be kept: with an id or the name of an existing rule in its place, else beside the others.</param>
[MessageIdentity("notify.replays.compare-decisions.v1")]
public sealed record CompareDecisions(
    DateTimeOffset From, DateTimeOffset To, long After, long UpTo, int Limit, long ConfigurationVersion, ReplayFilter Filter, IReadOnlyList<JsonObject> Rules) : BusMessage;

/// <param name="Position">Where to go on; null: there are no more.</param>
[MessageIdentity("notify.replays.decisions-compared.v1")]
public sealed record DecisionsCompared(IReadOnlyList<ComparedDecision> Decisions, long? Position) : BusMessage;

/// <summary>One recorded decision beside what would be decided.</summary>
/// <param name="Sequence">Of the recorded decision.</param>
/// <param name="Receivers">Those who were told, or would be, or both.</param>
public sealed record ComparedDecision(
    long Sequence, DateTimeOffset At, string AlarmId, long AlarmVersion, string AlarmName, string AlarmPath, AlarmLevel Level, AlarmState State,
    IReadOnlyList<ComparedReceiver> Receivers);

/// <param name="Receiver"><c>bot:alias</c> or <c>account:userid</c>.</param>
/// <param name="Recorded">The names of the rules that told them; one for each notification.</param>
/// <param name="WouldBe">The names of the rules that would.</param>
public sealed record ComparedReceiver(string Receiver, IReadOnlyList<string> Recorded, IReadOnlyList<string> WouldBe);

/// <summary>Asked of the Rules module: can these drafts be tried, and which configuration is in force?</summary>
[MessageIdentity("notify.replays.check-drafts.v1")]
public sealed record CheckDrafts(IReadOnlyList<JsonObject> Rules) : BusMessage;

/// <param name="Faults">By path under <c>rules</c>, why they cannot.</param>
[MessageIdentity("notify.replays.drafts-checked.v1")]
public sealed record DraftsChecked(long ConfigurationVersion, IReadOnlyDictionary<string, IReadOnlyList<string>> Faults) : BusMessage;
