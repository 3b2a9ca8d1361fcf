using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Rules.Deciding;

namespace Notify.Rules.WhatIf;

/// <summary>A step that was performed, or would have been; or another way that was taken, or would have been.</summary>
/// <param name="ServiceId">Null: the rule or its action is unknown.</param>
/// <param name="Number">As in <see cref="StepPerformed"/>.</param>
/// <param name="Receivers">Those who were, or would have been, notified.</param>
public sealed record LaterTelling(
    string RuleId, string RuleName, string? ServiceId, StepKind Kind, int Number, DateTimeOffset DueAt, IReadOnlyList<Receiver> Receivers)
{
    /// <summary>For another way: <c>failed</c>, <c>partlyDelivered</c> or <c>blocked</c>; otherwise null.</summary>
    public string? Why { get; init; }

    /// <summary>For another way: the reason shown by the notification or its lane, or whom it has not reached; null if there is none.</summary>
    public string? Reason { get; init; }

    /// <summary>For a step on record: its event.</summary>
    public StepPerformed? Performed { get; init; }

    /// <summary>For a step that would have been performed: the alarm at that time,</summary>
    public AlarmFacts? Alarm { get; init; }

    /// <summary>and the notifications about it.</summary>
    public IReadOnlyList<PlannedNotification> WouldSend { get; init; } = [];
}

/// <param name="At">The instant at which the schedules are evaluated.</param>
/// <param name="Kept">The actions for which no step was planned, because one planned before the period was still waiting; by their keys, since the
/// configurations that are compared may have them in different places.</param>
public sealed record WalkedChange(long Version, DateTimeOffset At, AlarmFacts Alarm, IReadOnlySet<(string RuleId, string ActionKey)> Kept);

/// <summary>The steps that followed decisions because nobody reacted, and those that would have. Pure: equal input gives equal results.</summary>
public static class LaterSteps
{
    /// <summary>The changes that the rules decide: not repeats, nor late reports, nor the end of a silence that a report brings along, in the same
    /// transaction, because its labels are others.</summary>
    /// <param name="changes">All changes of one alarm, in order.</param>
    public static IEnumerable<DescribedAlarmChange> Decided(IReadOnlyList<DescribedAlarmChange> changes)
    {
        var own = changes.Where(x => x.Repeat is null && !x.Late).ToList();
        return own.Where((x, i) => !(x.Kind == "unshelved" && i + 1 < own.Count && own[i + 1] is { Kind: "reported" } report
            && report.At == x.At && report.CorrelationId == x.CorrelationId));
    }

    /// <summary>The steps of a configuration for one alarm, each at its due time, given the recorded reactions.</summary>
    /// <param name="changes">The changes of one alarm, in order.</param>
    /// <param name="until">Exclusive: steps due at this instant or later are omitted.</param>
    /// <returns>The steps by the version of the change for which they were planned.</returns>
    public static ILookup<long, LaterTelling> Of(RuleSnapshot tried, string alarmId, IReadOnlyList<WalkedChange> changes, DateTimeOffset until)
    {
        var (told, waiting) = (new List<(long Version, LaterTelling Telling)>(), new List<(WaitingStep Step, long Version)>());
        foreach (var (i, change) in changes.Index())
        {
            if (i > 0) PerformBefore(change.At, changes[i - 1].Alarm);
            waiting.RemoveAll(x => tried.StopOf(x.Step, change.Alarm) is not null);
            foreach (var x in tried.Decide(change.Alarm, change.At).Steps)
            {
                if (change.Kept.Contains((x.Rule.Id, x.ActionKey))
                    || waiting.Exists(y => y.Step.RuleId == x.Rule.Id && y.Step.ActionKey == x.ActionKey)) continue;
                var planned = new StepPlanned(
                    alarmId, change.Alarm.Name, change.Alarm.Path, change.Alarm.Level, change.Version, x.Rule, x.Action, x.Kind, x.DueAt,
                    x.ActionKey);
                waiting.Add((WaitingStep.Apply(null, "", planned), change.Version));
            }
        }

        if (changes.Count > 0) PerformBefore(until, changes[^1].Alarm);
        return told.ToLookup(x => x.Version, x => x.Telling);

        void PerformBefore(DateTimeOffset end, AlarmFacts alarm)
        {
            while (waiting.Where(x => x.Step.DueAt < end && x.Step.DueAt < until).OrderBy(x => x.Step.DueAt).FirstOrDefault()
                is ({ } step, var version))
            {
                waiting.Remove((step, version));
                var due = step.DueAt!.Value;
                var outcome = tried.Perform(step, alarm, due);
                if (outcome.Stopped is not null) continue;
                var receivers = outcome.Notifications.Where(x => x.Suppressed is null).SelectMany(x => x.Receivers).ToList();
                told.Add((version, new(
                    step.RuleId, tried.NameOf(step.RuleId), tried.ServiceOf(step.RuleId, step.Action), step.Kind, step.Number, due, receivers)
                {
                    Alarm = alarm,
                    WouldSend = outcome.Notifications,
                }));
                var next = WaitingStep.Apply(step, "", new StepPerformed(step.Kind, step.Number, version, 0, [], outcome.NextAt));
                if (next.DueAt is not null) waiting.Add((next, version));
            }
        }
    }

    /// <summary>The steps that a decision planned and that were performed.</summary>
    /// <param name="events">The events of the planned steps, by step id.</param>
    /// <param name="then">The configuration of the decision.</param>
    public static IEnumerable<LaterTelling> OnRecord(
        AlarmDecided decision, ILookup<string, StoredEvent> events, RuleSnapshot then, DateTimeOffset until)
    {
        foreach (var planned in decision.Steps ?? [])
        {
            DateTimeOffset? due = planned.DueAt;
            foreach (var x in events[planned.StepId].Select(x => x.Data).OfType<StepPerformed>())
            {
                if (due is not { } at || at >= until) break;
                yield return new(
                    planned.RuleId, then.NameOf(planned.RuleId), then.ServiceOf(planned.RuleId, planned.Action), x.Kind, x.Number, at,
                    [.. x.Notifications.Where(n => n.Suppressed is null).SelectMany(n => n.Receivers)])
                { Performed = x };
                due = x.NextAt;
            }
        }
    }

    /// <summary>The actions that had to plan a step by the configuration of the decision, but did not because one was waiting already.</summary>
    public static IReadOnlySet<(string RuleId, string ActionKey)> Kept(
        AlarmDecided decision, AlarmFacts alarm, RuleSnapshot then, DateTimeOffset at) =>
        !then.HasSteps ? new HashSet<(string, string)>() : then.Decide(alarm, at).Steps
            .ExceptBy((decision.Steps ?? []).Select(x => (x.RuleId, x.Action)), x => (x.Rule.Id, x.Action)).Select(x => (x.Rule.Id, x.ActionKey))
            .ToHashSet();
}
