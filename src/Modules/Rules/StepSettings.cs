using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>The reaction that ends escalations and reminders; <c>acknowledged</c> or <c>cleared</c> in JSON.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepEnd>))]
public enum StepEnd
{
    [JsonStringEnumMemberName("acknowledged")] Acknowledged,
    [JsonStringEnumMemberName("cleared")] Cleared,
}

/// <summary>An escalation: the action is performed this long after the alarm's change, and only if nobody has reacted by then.</summary>
public sealed record ActionDelay
{
    public const int MaxMinutes = 10_080;

    /// <summary>1 to 10,080 (a week). Required.</summary>
    public int? Minutes { get; init; }

    /// <summary>Null means <see cref="StepEnd.Acknowledged"/>.</summary>
    public StepEnd? Unless { get; init; }

    internal StepEnd End => Unless ?? StepEnd.Acknowledged;

    internal void Validate(string path, Errors errors)
    {
        if (Minutes is not (>= 1 and <= MaxMinutes)) errors.Add($"{path}.minutes", $"Give a number from 1 to {MaxMinutes}.");
    }
}

/// <summary>Reminders: the action is repeated until somebody reacts.</summary>
public sealed record ActionRepeat
{
    public const int MaxMinutes = 1_440;
    public const int MaxTimes = 100;
    public const int DefaultTimes = 10;

    /// <summary>1 to 1,440 (a day). Required.</summary>
    public int? EveryMinutes { get; init; }

    /// <summary>The maximum number of reminders, 1 to 100. Null means 10.</summary>
    public int? AtMost { get; init; }

    /// <summary>Null means <see cref="StepEnd.Acknowledged"/>.</summary>
    public StepEnd? Until { get; init; }

    internal StepEnd End => Until ?? StepEnd.Acknowledged;

    internal void Validate(string path, Errors errors)
    {
        if (EveryMinutes is not (>= 1 and <= MaxMinutes)) errors.Add($"{path}.everyMinutes", $"Give a number from 1 to {MaxMinutes}.");
        if (AtMost is < 1 or > MaxTimes) errors.Add($"{path}.atMost", $"Give a number from 1 to {MaxTimes}.");
    }
}

/// <summary>Codes for why a step is not performed.</summary>
internal static class StepStop
{
    public const string Acknowledged = "acknowledged";
    public const string Cleared = "cleared";
    public const string AlarmRemoved = "alarmRemoved";
    public const string RuleRemoved = "ruleRemoved";

    public const string RuleDoesNotMatch = "ruleDoesNotMatch";

    /// <summary>The action no longer has this step.</summary>
    public const string StepRemoved = "stepRemoved";

    public static string CodeOf(StepEnd end) => end == StepEnd.Acknowledged ? Acknowledged : Cleared;

    /// <summary>A cleared alarm ends every step, including one that waits for an acknowledgement, unless the rule applies to the cleared state
    /// too; an alarm that is active again ends those of a rule that applies to cleared ones only.</summary>
    /// <returns><c>acknowledged</c>, <c>cleared</c> or <c>ruleDoesNotMatch</c>; null: the step is still needed.</returns>
    public static string? Of(StepEnd end, AlarmFacts alarm, RuleCriteria criteria)
    {
        var isAcknowledged = alarm.State is AlarmState.ActiveAcked or AlarmState.ClearedAcked;
        var isCleared = alarm.State is AlarmState.ClearedUnacked or AlarmState.ClearedAcked;
        return end == StepEnd.Acknowledged && isAcknowledged ? Acknowledged
            : isCleared && (end == StepEnd.Cleared || !criteria.States.Contains(alarm.State)) ? Cleared
            : !isCleared && !criteria.States.Any(x => x is AlarmState.ActiveUnacked or AlarmState.ActiveAcked) ? RuleDoesNotMatch
            : null;
    }
}
