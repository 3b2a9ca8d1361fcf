using System.Text.Json.Serialization;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asks the Rules module for the pending steps of this alarm.</summary>
[MessageIdentity("notify.rules.describe-steps.v1")]
public sealed record DescribeSteps(string AlarmId) : BusMessage;

/// <summary>The next one first.</summary>
[MessageIdentity("notify.rules.steps-described.v1")]
public sealed record StepsDescribed(IReadOnlyList<DescribedStep> Steps) : BusMessage;

/// <param name="Action">The index of the action in the rule as it is now, from 0; if that no longer has it, the index when it was planned.</param>
/// <param name="Number">The number of the reminder, from 1; 0 for an escalation.</param>
/// <param name="DueAt">When it will be performed.</param>
/// <param name="Unless">What cancels it: <c>acknowledged</c> or <c>cleared</c>; null if the rule or the action no longer exists.</param>
/// <param name="Service">From the current configuration, as are the receivers; null if the rule or the action no longer exists.</param>
public sealed record DescribedStep(
    string Id, StepKind Kind, int Number, DateTimeOffset DueAt, VersionedRef Rule, int Action, string? Unless, VersionedRef? Service,
    IReadOnlyList<Receiver> Receivers);

/// <summary>Why an action is performed after the alarm change instead of with it; in JSON a string such as <c>escalation</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepKind>))]
public enum StepKind
{
    /// <summary>Nobody reacted in time.</summary>
    [JsonStringEnumMemberName("escalation")]
    Escalation,

    /// <summary>Nobody reacted to the earlier notifications.</summary>
    [JsonStringEnumMemberName("reminder")]
    Reminder,

    /// <summary>The fallback: the notification itself did not arrive. It is never pending.</summary>
    [JsonStringEnumMemberName("otherwise")]
    Otherwise,
}

/// <summary>The pending step, or the fallback, that a notification results from.</summary>
/// <param name="Number">The number of the reminder, from 1; 0 for the other kinds.</param>
public sealed record NotificationStep(string Id, StepKind Kind, int Number)
{
    /// <summary>For a fallback, the notification that did not arrive.</summary>
    public string? InsteadOf { get; init; }
}
