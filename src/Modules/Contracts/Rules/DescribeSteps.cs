using System.Text.Json.Serialization;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asks the Rules module for the steps that wait for this alarm.</summary>
[MessageIdentity("notify.rules.describe-steps.v1")]
public sealed record DescribeSteps(string AlarmId) : BusMessage;

/// <summary>The next one first.</summary>
[MessageIdentity("notify.rules.steps-described.v1")]
public sealed record StepsDescribed(IReadOnlyList<DescribedStep> Steps) : BusMessage;

/// <param name="Action">The action of the rule, from 0.</param>
/// <param name="Number">Which reminder it will be, from 1; 0 for an escalation.</param>
/// <param name="DueAt">When it is performed.</param>
/// <param name="Unless">What stops it before: <c>acknowledged</c> or <c>cleared</c>; null if the rule or the action no longer exists.</param>
/// <param name="Service">By today's configuration, as the receivers; null if the rule or the action no longer exists.</param>
public sealed record DescribedStep(
    string Id, StepKind Kind, int Number, DateTimeOffset DueAt, VersionedRef Rule, int Action, string? Unless, VersionedRef? Service,
    IReadOnlyList<Receiver> Receivers);

/// <summary>Why an action is performed later than at the change of the alarm, written in JSON as <c>escalation</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepKind>))]
public enum StepKind
{
    /// <summary>Nobody has reacted in time.</summary>
    [JsonStringEnumMemberName("escalation")]
    Escalation,

    /// <summary>Nobody has reacted to the notifications before.</summary>
    [JsonStringEnumMemberName("reminder")]
    Reminder,

    /// <summary>The notification itself did not arrive, and another way was taken. It never waits.</summary>
    [JsonStringEnumMemberName("otherwise")]
    Otherwise,
}

/// <summary>The waiting step, or the other way, that a notification comes from.</summary>
/// <param name="Number">Which reminder, from 1; 0 for all else.</param>
public sealed record NotificationStep(string Id, StepKind Kind, int Number)
{
    /// <summary>Of another way: the notification that did not arrive.</summary>
    public string? InsteadOf { get; init; }
}
