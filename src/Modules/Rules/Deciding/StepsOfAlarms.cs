using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Rules.Deciding;

/// <summary>The steps that wait for the alarms of one transaction, and the effect of each change of these alarms on them.</summary>
internal sealed class StepsOfAlarms
{
    private readonly Dictionary<string, List<WaitingStep>> byAlarm;
    private readonly Dictionary<string, WaitingStep> changed = new(StringComparer.Ordinal);

    /// <summary>By alarm, the version before which a change is late: a later one is decided already, or by another transaction.</summary>
    private readonly Dictionary<string, long> reached;

    /// <param name="waiting">As stored, with the versions of their alarms.</param>
    /// <param name="changes">Those that this transaction decides. What follows on one of them here does not make it late.</param>
    public StepsOfAlarms(IReadOnlyList<(WaitingStep Step, long AlarmVersion)> waiting, IEnumerable<AlarmChange> changes)
    {
        var stored = waiting.GroupBy(x => x.Step.AlarmId, StringComparer.Ordinal).ToList();
        byAlarm = stored.ToDictionary(x => x.Key, x => x.Select(y => y.Step).ToList(), StringComparer.Ordinal);
        reached = stored.ToDictionary(x => x.Key, x => x.First().AlarmVersion, StringComparer.Ordinal);
        foreach (var change in changes)
            if (reached.GetValueOrDefault(change.AlarmId) == change.Version) reached.Remove(change.AlarmId);
    }

    /// <summary>The changed steps in their final state.</summary>
    public IReadOnlyCollection<WaitingStep> Changed => changed.Values;

    /// <summary>The effect of a change: some steps are no longer needed, others are planned. An action that already has a waiting step keeps it, so
    /// that a source that reports repeatedly does not postpone it forever. A change that is decided late (docs/decisions/0013) stops no step, which
    /// may be one of a newer occurrence; the alarm's state is considered when it is due.</summary>
    public StepChanges Take(AlarmChange change, Decision decision, RuleSnapshot snapshot, DateTimeOffset now)
    {
        if (decision.Steps.Count == 0 && !byAlarm.ContainsKey(change.AlarmId)) return StepChanges.None;
        if (!byAlarm.TryGetValue(change.AlarmId, out var own)) byAlarm[change.AlarmId] = own = [];
        var isLate = reached.GetValueOrDefault(change.AlarmId) > change.Version;
        if (!isLate) reached[change.AlarmId] = change.Version;
        var stopped = isLate ? []
            : (from step in own let reason = snapshot.StopOf(step, change.Alarm) where reason is not null select (step, reason)).ToList();
        foreach (var (step, _) in stopped) own.Remove(step);
        var planned = new List<(string Id, StepPlanned Event)>();
        foreach (var step in decision.Steps.Where(x => !own.Exists(y => y.RuleId == x.Rule.Id && y.ActionKey == x.ActionKey)))
        {
            var @event = new StepPlanned(
                change.AlarmId, change.Alarm.Name, change.Alarm.Path, change.Alarm.Level, change.Version, step.Rule, step.Action, step.Kind,
                step.DueAt, step.ActionKey);
            planned.Add((Ids.New("step", now), @event));
            own.Add(Keep(WaitingStep.Apply(null, planned[^1].Id, @event)));
        }

        return new(
            [.. stopped.Select(x =>
            {
                var @event = new StepStopped(x.reason, x.reason == StepStop.Acknowledged && change.Alarm.AckUser is { Length: > 0 } by ? by : null);
                return (Keep(WaitingStep.Apply(x.step, x.step.Id, @event)), @event);
            })],
            planned);
    }

    private WaitingStep Keep(WaitingStep step) => changed[step.Id] = step;
}

/// <param name="Stopped">The steps as they are after their event.</param>
internal sealed record StepChanges(
    IReadOnlyList<(WaitingStep Step, StepStopped Event)> Stopped, IReadOnlyList<(string Id, StepPlanned Event)> Planned)
{
    public static readonly StepChanges None = new([], []);

    /// <summary>The planned steps for the record of the decision; null: none.</summary>
    public IReadOnlyList<DecidedStep>? Decided => Planned.Count == 0 ? null
        : [.. Planned.Select(x => new DecidedStep(x.Id, x.Event.Rule.Id, x.Event.Rule.Version, x.Event.Action, x.Event.Kind, x.Event.DueAt))];

    /// <param name="audit">Its cause is the decision.</param>
    public void Append(EventBatch events, AuditContext audit)
    {
        foreach (var (step, @event) in Stopped) events.Append(step.Id, step.Version, @event, audit);
        foreach (var (id, @event) in Planned) events.Append(id, 1, @event, audit);
    }
}
