using System.Text.Json.Serialization;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Rules.Deciding;

/// <summary>One way to notify somebody of an alarm: an action of a rule. It applies when all of its conditions hold.</summary>
/// <param name="Action">The index of the rule's action, from 0.</param>
public sealed record Way(VersionedRef Rule, int Action, IReadOnlyList<WayCondition> Conditions)
{
    public bool Tells => Conditions.All(x => x.Passed);

    public bool NamesReceiver => Conditions.Any(x => x is { Name: WayCondition.Receiver, Passed: true });

    public IEnumerable<WayCondition> Failed => Conditions.Where(x => !x.Passed);
}

/// <summary>A condition of a <see cref="Way"/>, and whether it holds.</summary>
/// <param name="Name">A constant of this type, or a criterion of the rule: state, shelved, level, path, labels.x, rule.</param>
/// <param name="Actual">Null when there is no value.</param>
/// <param name="Of">The rule, service, message, schedule, holiday, person or group that imposes the condition, in the version that was applied; null
/// when there is none.</param>
public sealed record WayCondition(string Name, bool Passed, string Expected, string? Actual, VersionedRef? Of)
{
    /// <summary>A criterion of a rule.</summary>
    internal WayCondition(Condition x, VersionedRef rule)
        : this(x.Name, x.Passed, x.Expected, x.Actual, rule) => (ExpectedText, ActualText) = (x.ExpectedText, x.ActualText);

    /// <summary>For a criterion of a rule: the expected value in words; otherwise null.</summary>
    [JsonIgnore]
    public BilingualText? ExpectedText { get; }

    /// <summary>For a criterion of a rule: the alarm's value in words; null when the alarm has none.</summary>
    [JsonIgnore]
    public BilingualText? ActualText { get; }

    /// <summary>The rule is enabled.</summary>
    public const string Enabled = "enabled";

    /// <summary>The action names the receiver.</summary>
    public const string Receiver = "receiver";

    /// <summary>The person exists and is enabled.</summary>
    public const string Person = "person";

    /// <summary>The group through which the person is addressed exists, is enabled and has members.</summary>
    public const string Group = "group";

    /// <summary>The service exists and is enabled; the next two mean the same for message and schedule.</summary>
    public const string Service = "service";
    public const string Message = "message";
    public const string Schedule = "schedule";

    /// <summary>The service has the receiver.</summary>
    public const string Reachable = "reachable";

    /// <summary>The schedule is open by its weekly periods, its start and its end.</summary>
    public const string Time = "time";

    /// <summary>No holiday pauses the schedule.</summary>
    public const string Holiday = "holiday";

    /// <summary>A holiday covers the instant, since the schedule is open on holidays only.</summary>
    public const string OnHoliday = "onHoliday";

    /// <summary>The action is performed at the alarm's change, not later.</summary>
    public const string After = "after";

    /// <summary>At least one rule exists.</summary>
    public const string AnyRule = "anyRule";

    /// <summary>The report is not a duplicate of a recorded one.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The report did not arrive after a newer one.</summary>
    public const string Late = "late";

    /// <summary>The change is not part of a report that was decided for both.</summary>
    public const string DecidedWith = "decidedWith";
}
