using System.Text.Json.Nodes;
using Notify.Contracts.Alarms;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>
/// Asked of the Rules module: what a change of a rule, message, schedule or service would have changed for the recorded alarms of a period, compared
/// with the configuration as it is. The latest alarms are looked at first, and it ends when the time is up.
/// </summary>
/// <param name="Kind"><c>rule</c>, <c>message</c>, <c>schedule</c> or <c>service</c>.</param>
/// <param name="Id">Of what is changed, or would be created.</param>
/// <param name="EventType">The event that would make the change,</param>
/// <param name="EventData">and what it says.</param>
/// <param name="MostChanges">So many changes of alarms at most.</param>
/// <param name="Within">So long at most.</param>
[MessageIdentity("notify.rules.foresee-change.v1")]
public sealed record ForeseeChange(
    string Kind, string Id, string EventType, JsonObject EventData, DateTimeOffset From, DateTimeOffset To, int MostChanges,
    TimeSpan Within) : BusMessage;

/// <param name="Effect">Null: the event cannot be read.</param>
[MessageIdentity("notify.rules.change-foreseen.v1")]
public sealed record ChangeForeseen(ForeseenEffect? Effect) : BusMessage;

/// <summary>What would have been otherwise.</summary>
/// <param name="From">From when on the alarms were looked at; the later, the less time there was.</param>
/// <param name="Complete">Whether all of the period were.</param>
/// <param name="AlarmChanges">How many changes of alarms were looked at,</param>
/// <param name="Different">and of how many somebody would have been told otherwise.</param>
/// <param name="Receivers">Those with a difference, the greatest first; at most 100.</param>
/// <param name="Examples">The latest changes of alarms with a difference; at most 20.</param>
public sealed record ForeseenEffect(
    DateTimeOffset From, DateTimeOffset To, bool Complete, long AlarmChanges, long Different, IReadOnlyList<ForeseenReceiver> Receivers,
    IReadOnlyList<ForeseenExample> Examples);

/// <param name="Now">How many notifications they would have had by the configuration as it is,</param>
/// <param name="Proposed">and with the change.</param>
/// <param name="OtherTexts">How many of those that they would have had either way would have had another text.</param>
public sealed record ForeseenReceiver(Receiver Receiver, long Now, long Proposed, long OtherTexts);

/// <param name="Now">Who would have been told by the configuration as it is, where that differs,</param>
/// <param name="Proposed">and with the change; at most five each.</param>
public sealed record ForeseenExample(
    DateTimeOffset At, string AlarmId, string AlarmName, string AlarmPath, AlarmLevel Level, AlarmState State, IReadOnlyList<ForeseenTelling> Now,
    IReadOnlyList<ForeseenTelling> Proposed);

/// <param name="Rule">Its name.</param>
/// <param name="AfterMinutes">Of an escalation or a first reminder: so much later, unless somebody reacts; null: at once.</param>
/// <param name="Text">As it would be rendered, at most 300 characters; null: of what comes later.</param>
public sealed record ForeseenTelling(Receiver Receiver, string Rule, int? AfterMinutes, string? Text);
