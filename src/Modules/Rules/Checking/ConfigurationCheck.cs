using System.Globalization;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;
using Notify.Rules.Drills;
using Notify.Rules.Schedules;

namespace Notify.Rules.Checking;

/// <summary>A part of the configuration that keeps somebody from being notified, that nothing uses, or that nothing proves to work.</summary>
/// <param name="Kind">A code for counting and filtering.</param>
/// <param name="Action">The index of the rule's action, from 0; null: the finding concerns the whole resource.</param>
/// <param name="Others">Other resources involved: the service, the people.</param>
public sealed record CheckFinding(
    string Kind, CheckSeverity Severity, CheckedResource Resource, int? Action, IReadOnlyList<CheckedResource> Others, BilingualText Text);

/// <param name="Kind">service, message, schedule, rule, user, group or drill.</param>
/// <param name="Id">Empty when the finding is that there is none; the name too.</param>
public sealed record CheckedResource(string Kind, string Id, string Name);

public enum CheckSeverity
{
    /// <summary>A rule, or one of its actions, notifies nobody.</summary>
    Error,

    /// <summary>Some of the named receivers are not notified.</summary>
    Warning,

    /// <summary>No notification is lost.</summary>
    Information,
}

/// <summary>Finds what cannot work in a configuration: actions that notify nobody, people without an address, schedules that never open, rules that
/// no alarm can match, services that no drill proves. Pure: the result depends only on the configuration and the instant.</summary>
public sealed class ConfigurationCheck(RuleSnapshot snapshot, IReadOnlyList<Configured<DrillSettings>> drills, DateTimeOffset at)
{
    /// <summary>A schedule that stays closed for longer than this counts as never opening.</summary>
    private static readonly TimeSpan horizon = TimeSpan.FromDays(2 * 366);

    private readonly List<CheckFinding> findings = [];

    /// <summary>Errors first; findings of one kind are next to each other.</summary>
    public IReadOnlyList<CheckFinding> Run()
    {
        var enabled = snapshot.CompiledRules.Where(x => x.Rule.Enabled).ToList();
        foreach (var rule in enabled) Check(rule);
        CheckSchedules([.. enabled.SelectMany(x => x.Rule.Settings.Actions).Select(x => x.ScheduleId)]);
        CheckUse();
        CheckProof(enabled);
        return [.. findings.OrderBy(x => x.Severity).ThenBy(x => x.Kind, StringComparer.Ordinal)
            .ThenBy(x => x.Resource.Name, StringComparer.OrdinalIgnoreCase).ThenBy(x => x.Resource.Id, StringComparer.Ordinal)];
    }

    /// <summary>Whether the action notifies somebody when its schedule is open.</summary>
    internal static bool ReachesAnybody(CompiledAction action) =>
        action.ScheduleFault is null && action.Receivers(null, null).Any(x => x is { Suppressed: null, Failure: null });

    private void Check(CompiledRule compiled)
    {
        var rule = new CheckedResource("rule", compiled.Rule.Id, compiled.Rule.Name);
        if (compiled.Matcher.Fault is not null) Add("ruleUnreadable", CheckSeverity.Error, rule, null, [], new(
            $"The criteria of rule '{rule.Name}' cannot be read. Save the rule again.", $"规则“{rule.Name}”的触发条件无法读取，请重新保存该规则。"));
        else if (Contradiction.In(compiled.Rule.Settings.Criteria) is { } label) Add("ruleNeverMatches", CheckSeverity.Error, rule, null, [], new(
            $"No alarm can meet rule '{rule.Name}': what it asks of the label '{label}' contradicts itself.",
            $"任何报警都不能触发规则“{rule.Name}”：其对标签“{label}”的要求自相矛盾。"));
        foreach (var (i, action) in compiled.Actions.Index())
        {
            Check(rule, i, action, isOther: false);
            if (compiled.Others[i] is { } other) Check(rule, i, other, isOther: true);
        }
    }

    private void Check(CheckedResource rule, int i, CompiledAction action, bool isOther)
    {
        var (en, zh) = isOther ? ($"The other way of action {i + 1} of rule '{rule.Name}'", $"规则“{rule.Name}”第 {i + 1} 个动作的备用途径")
            : ($"Action {i + 1} of rule '{rule.Name}'", $"规则“{rule.Name}”的第 {i + 1} 个动作");
        var service = new CheckedResource("service", action.Service.Id, action.Service.Name);
        if (action.ScheduleFault is not null) Add("scheduleUnreadable", CheckSeverity.Error, rule, i, [Of("schedule", action.Schedule)], new(
            $"{en} tells nobody: the schedule '{action.Schedule.Name}' cannot be read. Save it again.",
            $"{zh}不会通知任何人：通知日程“{action.Schedule.Name}”无法读取，请重新保存。"));
        var severity = ReachesAnybody(action) ? CheckSeverity.Warning : CheckSeverity.Error;
        // An unusable service, message or schedule affects every receiver; missing addresses concern only some.
        foreach (var same in action.Receivers(null, null).Where(x => x.Suppressed is not null || x.Failure is not null)
            .GroupBy(x => x.Suppressed ?? LeftOut.NoAddress))
        {
            var receivers = same.SelectMany(x => x.Receivers).ToList();
            if (Unusable(same.Key, action) is var (of, what))
                Add(same.Key, CheckSeverity.Error, rule, i, [of], new($"{en} tells nobody: {what.En}", $"{zh}不会通知任何人：{what.Zh}"));
            else if (same.Key == Suppression.ReceiverRemoved)
            {
                var names = string.Join(", ", receivers.Select(x => x.Alias ?? x.Account ?? x.Kind));
                Add(same.Key, severity, rule, i, [service], new(
                    $"{en} does not reach {names}: service '{service.Name}' does not have the receiver.",
                    $"{zh}通知不到 {names}：通知服务“{service.Name}”中没有该接收人。"));
            }
            else
            {
                CheckedResource[] people = [.. receivers.SelectMany(PeopleBehind)];
                var names = string.Join(", ", people.Select(x => x.Name));
                var why = LeftOut.ReasonOf(same.Key);
                Add(same.Key, severity, rule, i, [service, .. people], new(
                    $"{en} does not reach {names} by service '{service.Name}': {why.En}.", $"{zh}无法经通知服务“{service.Name}”通知 {names}：{why.Zh}。"));
            }
        }
    }

    private static (CheckedResource Of, BilingualText Why)? Unusable(string why, CompiledAction action) => why switch
    {
        Suppression.ServiceDisabled => (Of("service", action.Service), new(
            $"service '{action.Service.Name}' is disabled.", $"通知服务“{action.Service.Name}”已停用。")),
        Suppression.ServiceRemoved => (Of("service", action.Service), new("its service was deleted.", "其通知服务已被删除。")),
        Suppression.MessageDisabled => (Of("message", action.Message), new(
            $"message '{action.Message.Name}' is disabled.", $"通知内容“{action.Message.Name}”已停用。")),
        Suppression.MessageRemoved => (Of("message", action.Message), new("its message was deleted.", "其通知内容已被删除。")),
        Suppression.ScheduleDisabled => (Of("schedule", action.Schedule), new(
            $"schedule '{action.Schedule.Name}' is disabled.", $"通知日程“{action.Schedule.Name}”已停用。")),
        Suppression.ScheduleRemoved => (Of("schedule", action.Schedule), new("its schedule was deleted.", "其通知日程已被删除。")),
        _ => null,
    };

    private IEnumerable<CheckedResource> PeopleBehind(Receiver receiver) => receiver switch
    {
        { People: { Count: > 0 } people } => people.Select(x => new CheckedResource("user", x.Id, x.Name.Length > 0 ? x.Name : x.Id)),
        { Kind: PeopleKinds.Group } => [new("group", receiver.Account ?? "", snapshot.People.FindGroup(receiver.Account)?.Name ?? receiver.Account ?? "")],
        _ => [new("user", receiver.Account ?? "", snapshot.People.Find(receiver.Account)?.Name ?? receiver.Account ?? "")],
    };

    private void CheckSchedules(HashSet<string> used)
    {
        foreach (var schedule in snapshot.Schedules.Where(x => x.Schedule.Enabled && x.Fault is null && used.Contains(x.Schedule.Id)))
        {
            if (Opens(schedule.Calendar)) continue;
            var of = new CheckedResource("schedule", schedule.Schedule.Id, schedule.Schedule.Name);
            var state = schedule.Calendar.Evaluate(at, snapshot.Holidays);
            Add("scheduleNeverOpens", CheckSeverity.Error, of, null, [], state == ScheduleState.Ended
                ? new($"Schedule '{of.Name}' has ended: rules that use it tell nobody.", $"通知日程“{of.Name}”已结束：使用它的规则不会通知任何人。")
                : new($"Schedule '{of.Name}' does not open within two years: rules that use it tell nobody.",
                    $"通知日程“{of.Name}”两年内没有开放时段：使用它的规则不会通知任何人。"));
        }
    }

    private bool Opens(ScheduleCalendar calendar) =>
        calendar.Evaluate(at, snapshot.Holidays).Open || calendar.NextChange(at, snapshot.Holidays) < at + horizon;

    /// <summary>An unused resource does no harm, but a rule may have been forgotten.</summary>
    private void CheckUse()
    {
        var used = snapshot.CompiledRules.SelectMany(x => x.Rule.Settings.Actions).SelectMany(x => x.References)
            .Select(x => (x.Kind, x.Id)).ToHashSet();
        foreach (var (x, noun) in snapshot.Services.Where(x => x.Enabled).Select(x => (Of("service", x.Ref), new BilingualText("service", "通知服务")))
            .Concat(snapshot.Messages.Where(x => x.Enabled).Select(x => (Of("message", x.Ref), new BilingualText("message", "通知内容")))))
        {
            if (used.Contains((x.Kind, x.Id))) continue;
            Add("unused", CheckSeverity.Information, x, null, [], new(
                $"No rule uses the {noun.En} '{x.Name}'.", $"没有规则使用{noun.Zh}“{x.Name}”。"));
        }
    }

    /// <summary>Services that rules use and no drill proves: whether they work is found out by the next alarm. Without any drill this is said once,
    /// since an installation may do without.</summary>
    private void CheckProof(List<CompiledRule> enabled)
    {
        var uses = enabled.SelectMany(x => x.Rule.Settings.Actions.SelectMany(a => a.References).Where(r => r.Kind == "service").Select(r => r.Id)
            .Distinct(StringComparer.Ordinal)).CountBy(x => x, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var proven = drills.Where(x => x.Enabled).Select(x => x.Settings.ServiceId).ToHashSet(StringComparer.Ordinal);
        var unproven = snapshot.Services.Where(x => x.Enabled && uses.ContainsKey(x.Id) && !proven.Contains(x.Id)).ToList();
        if (drills.Count == 0 && unproven.Count > 0) Add("noDrill", CheckSeverity.Information, new("drill", "", ""), null, [], new(
            "There is no drill: nothing proves that the services which rules use work before an alarm needs them.",
            "没有任何演练：在报警发生之前，无法证实规则所用的通知服务可用。"));
        else foreach (var x in unproven)
        {
            var rules = uses[x.Id] == 1 ? "1 rule" : string.Create(CultureInfo.InvariantCulture, $"{uses[x.Id]} rules");
            Add("notProven", CheckSeverity.Information, Of("service", x.Ref), null, [], new(
                $"Service '{x.Name}' is used by {rules}, and no drill proves it.", $"有 {uses[x.Id]} 条规则使用通知服务“{x.Name}”，但没有演练验证它。"));
        }
    }

    private static CheckedResource Of(string kind, VersionedRef x) => new(kind, x.Id, x.Name);

    private void Add(
        string kind, CheckSeverity severity, CheckedResource resource, int? action, IReadOnlyList<CheckedResource> others, BilingualText text) =>
        findings.Add(new(kind, severity, resource, action, others, text));
}
