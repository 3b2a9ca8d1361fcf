using System.Text.Json.Serialization;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Rules.Deciding;

/// <summary>One way to notify somebody of an alarm: an action of a rule. It applies when all of its conditions hold.</summary>
/// <param name="Action">From 0.</param>
public sealed record Way(VersionedRef Rule, int Action, IReadOnlyList<WayCondition> Conditions)
{
    public bool Tells => Conditions.All(x => x.Passed);

    public bool NamesReceiver => Conditions.Any(x => x is { Name: WayCondition.Receiver, Passed: true });

    public IEnumerable<WayCondition> Failed => Conditions.Where(x => !x.Passed);
}

/// <summary>One thing that must hold.</summary>
/// <param name="Name">One of the constants, or a criterion of the rule: state, shelved, level, path, labels.x, rule.</param>
/// <param name="Actual">Null when there was none.</param>
/// <param name="Of">The rule, service, message, schedule or holiday that makes the condition, in the version that counted; null when there is
/// none.</param>
public sealed record WayCondition(string Name, bool Passed, string Expected, string? Actual, VersionedRef? Of)
{
    /// <summary>A criterion of a rule.</summary>
    internal WayCondition(Condition x, VersionedRef rule)
        : this(x.Name, x.Passed, x.Expected, x.Actual, rule) => (ExpectedText, ActualText) = (x.ExpectedText, x.ActualText);

    /// <summary>Of a criterion: what is expected, in words.</summary>
    [JsonIgnore]
    public BilingualText? ExpectedText { get; }

    /// <summary>Of a criterion: what the alarm has, in words; null: it has none.</summary>
    [JsonIgnore]
    public BilingualText? ActualText { get; }

    /// <summary>The rule is enabled.</summary>
    public const string Enabled = "enabled";

    /// <summary>The action names the receiver.</summary>
    public const string Receiver = "receiver";

    /// <summary>The person who is meant is there, and enabled.</summary>
    public const string Person = "person";

    /// <summary>The group by which the person is meant is there, enabled, and has members.</summary>
    public const string Group = "group";

    /// <summary>There, and enabled; as the next two.</summary>
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

    /// <summary>The action is performed at the change of the alarm, not later.</summary>
    public const string After = "after";

    /// <summary>There is a rule at all.</summary>
    public const string AnyRule = "anyRule";

    /// <summary>The report is none that is on record.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The report came before any of something later.</summary>
    public const string Late = "late";
}
