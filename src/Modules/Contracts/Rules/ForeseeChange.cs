using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>
/// Asks the Rules module how a change of a rule, message, schedule or service would have affected the notifications about the recorded alarms of a
/// period, compared with the current configuration. It goes through the alarms from the latest backwards until the time limit.
/// </summary>
/// <param name="Kind"><c>rule</c>, <c>message</c>, <c>schedule</c> or <c>service</c>.</param>
/// <param name="Id">The id of the resource that is changed or would be created.</param>
/// <param name="EventType">The type of the event that would make the change,</param>
/// <param name="EventData">and its data.</param>
/// <param name="MostChanges">The maximum number of alarm changes to examine.</param>
/// <param name="Within">The time limit.</param>
[MessageIdentity("notify.rules.foresee-change.v1")]
public sealed record ForeseeChange(
    string Kind, string Id, string EventType, JsonObject EventData, DateTimeOffset From, DateTimeOffset To, int MostChanges,
    TimeSpan Within) : BusMessage;

/// <param name="Effect">Null: the event cannot be read.</param>
[MessageIdentity("notify.rules.change-foreseen.v1")]
public sealed record ChangeForeseen(ForeseenEffect? Effect) : BusMessage;

/// <summary>The differences that the change would have made.</summary>
/// <param name="From">Alarms since this time were examined; later than requested if the time limit was reached.</param>
/// <param name="Complete">Whether the whole period was examined.</param>
/// <param name="AlarmChanges">The number of alarm changes examined,</param>
/// <param name="Different">and the number of those with different notifications.</param>
/// <param name="Receivers">The receivers with a difference, the greatest first; at most 100.</param>
/// <param name="Examples">The latest alarm changes with a difference; at most 20.</param>
public sealed record ForeseenEffect(
    DateTimeOffset From, DateTimeOffset To, bool Complete, long AlarmChanges, long Different, IReadOnlyList<ForeseenReceiver> Receivers,
    IReadOnlyList<ForeseenExample> Examples);

/// <param name="Now">The number of notifications by the current configuration,</param>
/// <param name="Proposed">and with the change.</param>
/// <param name="OtherTexts">The number of notifications that they would have had in both cases, but with a different text.</param>
public sealed record ForeseenReceiver(Receiver Receiver, long Now, long Proposed, long OtherTexts);

/// <param name="Now">The notifications by the current configuration that differ,</param>
/// <param name="Proposed">and those with the change; at most five each.</param>
public sealed record ForeseenExample(
    DateTimeOffset At, string AlarmId, string AlarmName, string AlarmPath, AlarmLevel Level, AlarmState State, IReadOnlyList<ForeseenTelling> Now,
    IReadOnlyList<ForeseenTelling> Proposed);

/// <param name="Rule">The name of the rule.</param>
/// <param name="AfterMinutes">The delay of an escalation, a first reminder, another way or a digest, in minutes; null: at once.</param>
/// <param name="Text">The rendered text, at most 300 characters; null in a digest, and for escalations and reminders of older proposals.</param>
public sealed record ForeseenTelling(Receiver Receiver, string Rule, int? AfterMinutes, string? Text)
{
    /// <summary>The condition: nobody reacts (<see cref="StepKind.Escalation"/>, <see cref="StepKind.Reminder"/>), or the action's own notification
    /// does not reach all of its receivers (<see cref="StepKind.Otherwise"/>). Null: none, or a proposal made before kinds were recorded.</summary>
    public StepKind? Kind { get; init; }

    /// <summary>The schedule holds the notification back, and it is sent in a digest when that opens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDigest { get; init; }
}
