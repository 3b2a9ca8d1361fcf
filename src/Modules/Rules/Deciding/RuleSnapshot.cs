using System.Collections.Frozen;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Deciding;

/// <summary>The whole configuration at one version, compiled. Decides without I/O, and deterministically for an alarm and an instant. Immutable, and
/// safe to use from several threads.</summary>
public sealed class RuleSnapshot
{
    public static readonly RuleSnapshot Empty = new(0, [], [], [], [], ConfiguredPeople.None, new ChannelCatalog([]));

    private readonly FrozenDictionary<string, ConfiguredService> services;
    private readonly ChannelCatalog channels;
    private readonly ConfiguredPeople people;
    private readonly FrozenDictionary<string, CompiledMessage> messages;
    private readonly FrozenDictionary<string, CompiledSchedule> schedules;
    private readonly HolidayCalendar[] holidays;
    private readonly RuleLookup rules;
    private readonly Dictionary<string, CompiledRule> byId;
    private readonly FrozenDictionary<string, Configured<ScheduleSettings>> holidaySchedules;

    /// <summary>All settings must be valid. Compiling is expensive: do it when the configuration changes, not for each alarm.</summary>
    /// <param name="before">The snapshot before the change, from which unchanged parts are reused; null: there is none.</param>
    public RuleSnapshot(
        long configurationVersion,
        IEnumerable<Configured<RuleSettings>> rules,
        IEnumerable<Configured<MessageSettings>> messages,
        IEnumerable<Configured<ScheduleSettings>> schedules,
        IEnumerable<ConfiguredService> services,
        ConfiguredPeople people,
        ChannelCatalog channels,
        RuleSnapshot? before = null)
    {
        // The same object as long as nobody has changed, so that rules that name people can be reused.
        this.people = before?.people.IsSame(people) == true ? before.people : people;
        this.channels = channels;
        ConfigurationVersion = configurationVersion;
        var areHolidays = schedules.ToLookup(x => x.Settings.Kind == ScheduleSettings.Holiday);
        // A holiday schedule that cannot be read pauses nothing.
        holidays = [.. InOrder(areHolidays[true].Where(x => x.Enabled))
            .Select(x => Made.Of(() => new HolidayCalendar(x.Id, x.Name, x.Settings, x.Version))).Where(x => x.Fault is null).Select(x => x.Value)];
        holidaySchedules = areHolidays[true].ToFrozenDictionary(x => x.Id, StringComparer.Ordinal);
        // A compiled action caches when its schedule opens, which depends on every holiday.
        if (before?.holidaySchedules.Values.ToHashSet().SetEquals(areHolidays[true]) == false) before = null;
        this.schedules = areHolidays[false].ToFrozenDictionary(
            x => x.Id, x => before?.schedules.GetValueOrDefault(x.Id) is { } same && same.Schedule == x ? same : new CompiledSchedule(x),
            StringComparer.Ordinal);
        this.messages = messages.ToFrozenDictionary(
            x => x.Id, x => before?.messages.GetValueOrDefault(x.Id) is { } same && same.Message == x ? same : new CompiledMessage(x, channels),
            StringComparer.Ordinal);
        this.services = services.ToFrozenDictionary(
            x => x.Id, x => before?.services.GetValueOrDefault(x.Id) is { } same && same with { Routes = x.Routes } == x ? same : x,
            StringComparer.Ordinal);
        this.rules = RuleLookup.Of(rules.Select(x => Same(before, x) ?? Compile(x)), before?.rules);
        byId = this.rules.All.ToDictionary(x => x.Rule.Id, StringComparer.Ordinal);
    }

    public long ConfigurationVersion { get; }

    /// <summary>How many rules could not be reused from the previous snapshot; a measure of a change's cost.</summary>
    public int Compiled { get; private set; }

    /// <summary>Whether this snapshot, which was made from the other one, decides everything as that does: no rule differs, nor anything that a rule
    /// uses.</summary>
    public bool DecidesAs(RuleSnapshot before) =>
        byId.Count == before.byId.Count && byId.All(x => ReferenceEquals(x.Value, before.byId.GetValueOrDefault(x.Key)));

    /// <summary>The enabled holiday schedules, in the order of precedence.</summary>
    public IReadOnlyList<HolidayCalendar> Holidays => holidays;

    /// <summary>Whether a schedule is open, and when that changes next; null when it does not exist, is disabled or cannot be read.</summary>
    public (bool Open, DateTimeOffset? NextChange)? StateOf(string scheduleId, DateTimeOffset at) =>
        schedules.GetValueOrDefault(scheduleId) is { Schedule.Enabled: true, Fault: null } schedule
            ? (schedule.Calendar.Evaluate(at, holidays).Open, schedule.Calendar.NextChange(at, holidays))
            : null;

    /// <summary>Renders a message without a rule; null when the message does not exist or cannot be rendered.</summary>
    public (VersionedRef Message, RenderedMessage Content)? Render(
        string messageId, string scheduleId, AlarmFacts alarm, DateTimeOffset at, string urlPath)
    {
        if (messages.GetValueOrDefault(messageId) is not { } message) return null;
        var schedule = schedules.GetValueOrDefault(scheduleId);
        try
        {
            return (message.Message.Ref, message.Content.Render(alarm, at, schedule is { Fault: null } ? schedule.Zone : null, urlPath));
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <param name="urlPath">The link to the alarm's acknowledgement page.</param>
    public Decision Decide(AlarmFacts alarm, DateTimeOffset at, string urlPath = "")
    {
        var path = PathPattern.SegmentsOf(alarm.Path);
        var candidates = rules.Candidates(alarm, path);
        var notifications = new List<PlannedNotification>();
        var (steps, isWanted) = (new List<PlannedStep>(), false);
        foreach (var candidate in candidates)
        {
            var (rule, matcher, actions) = candidate;
            if (!matcher.MatchesButForShelving(alarm, path)) continue;
            var suppressed = !rule.Enabled ? Suppression.RuleDisabled : matcher.AcceptsShelving(alarm) ? null : Suppression.Shelved;
            isWanted = true;
            for (var i = 0; i < actions.Length; i++)
            {
                if (actions[i].After is null || suppressed is not null) Plan(candidate, i, alarm, at, urlPath, suppressed, notifications);
                if (suppressed is null && FirstStep(candidate, i, alarm, at) is { } step) steps.Add(step);
            }
        }

        var nobody = notifications.Count + steps.Count > 0 ? null : isWanted ? Suppression.NotNeeded : Suppression.NoRuleMatches;
        return new(ConfigurationVersion, notifications, nobody, candidates.Count) { Steps = steps };
    }

    /// <summary>The first step that an action is to perform later; null: none, or somebody has reacted already.</summary>
    private static PlannedStep? FirstStep(CompiledRule compiled, int i, AlarmFacts alarm, DateTimeOffset at)
    {
        var (rule, matcher, actions) = compiled;
        var (kind, minutes, end) = actions[i] switch
        {
            { After: { } after } => (StepKind.Escalation, after.Minutes, after.End),
            { Repeat: { } repeat } => (StepKind.Reminder, repeat.EveryMinutes, repeat.End),
            _ => default,
        };
        return minutes is null || StepStop.Of(end, alarm, matcher.Criteria) is not null ? null
            : new(rule.Ref, i, compiled.Keys[i], kind, at + TimeSpan.FromMinutes(minutes.Value));
    }

    /// <summary>What a due step does by this configuration.</summary>
    /// <param name="alarm">The alarm's state when the step is due.</param>
    public DueStep Perform(WaitingStep step, AlarmFacts alarm, DateTimeOffset at, string urlPath = "")
    {
        if (!byId.TryGetValue(step.RuleId, out var compiled)) return new([], StepStop.RuleRemoved);
        if (!compiled.Rule.Enabled) return new([], Suppression.RuleDisabled);
        if (PlaceOf(compiled, step) is not var (action, end)) return new([], StepStop.StepRemoved);
        var stopped = StepStop.Of(end, alarm, compiled.Matcher.Criteria)
            ?? (!compiled.Matcher.MatchesButForState(alarm) ? Suppression.RuleDoesNotMatch
                : compiled.Matcher.AcceptsShelving(alarm) ? null : Suppression.Shelved);
        if (stopped is not null) return new([], stopped);
        var notifications = new List<PlannedNotification>();
        Plan(compiled, action, alarm, at, urlPath, null, notifications);
        notifications = notifications.ConvertAll(x => x with
        {
            Content = Marked(x.ChannelType, x.Content, step.Kind, step.Number),
        });
        return new(notifications, null, NextAt(compiled.Actions[action].Repeat, step, at));
    }

    /// <summary>The notifications of an action's fallback, for one of its own that did not arrive.</summary>
    /// <param name="actionKey">The key of the action that the original notification is of.</param>
    /// <param name="alarm">The state of which the original notification told.</param>
    public DueStep TakeOtherWay(string ruleId, string actionKey, AlarmFacts alarm, DateTimeOffset at, string urlPath = "")
    {
        if (!byId.TryGetValue(ruleId, out var compiled)) return new([], StepStop.RuleRemoved);
        if (!compiled.Rule.Enabled) return new([], Suppression.RuleDisabled);
        if (compiled.IndexOf(actionKey) is not { } action || compiled.Others[action] is not { } other)
            return new([], StepStop.StepRemoved);
        var notifications = new List<PlannedNotification>();
        Plan(compiled, action, other, alarm, at, urlPath, null, notifications);
        return new(notifications.ConvertAll(x => x with { Content = Marked(x.ChannelType, x.Content, StepKind.Otherwise, 0) }), null);
    }

    /// <summary>Why a waiting step is no longer needed after a change of its alarm; null: it keeps waiting. Changes of the configuration are
    /// considered when it is due.</summary>
    public string? StopOf(WaitingStep step, AlarmFacts alarm) =>
        byId.GetValueOrDefault(step.RuleId) is not { Rule.Enabled: true } compiled || PlaceOf(compiled, step) is not var (_, end) ? null
        : StepStop.Of(end, alarm, compiled.Matcher.Criteria) ?? (compiled.Matcher.AcceptsShelving(alarm) ? null : Suppression.Shelved);

    /// <summary>The index of a waiting step's action, what would stop it, and whom it would notify, by this configuration; null when its action has
    /// no such step.</summary>
    public (int Action, string Unless, VersionedRef Service, IReadOnlyList<Receiver> Receivers)? Describe(WaitingStep step) =>
        byId.GetValueOrDefault(step.RuleId) is { } compiled && PlaceOf(compiled, step) is var (action, end)
            ? (action, StepStop.CodeOf(end), compiled.Actions[action].Service, compiled.Rule.Settings.Actions[action].Receivers)
            : null;

    /// <summary>The index of the action that still has the step, and the step's end; null: none has it any more. An action that was made immediate
    /// while an escalation waits has told nobody of that alarm: it still performs the escalation.</summary>
    private static (int Action, StepEnd End)? PlaceOf(CompiledRule compiled, WaitingStep step)
    {
        if (compiled.IndexOf(step.ActionKey) is not { } action) return null;
        var (after, repeat) = (compiled.Actions[action].After, compiled.Actions[action].Repeat);
        return step.Kind == StepKind.Escalation ? (action, after?.End ?? repeat?.End ?? StepEnd.Acknowledged)
            : repeat is not null ? (action, repeat.End) : null;
    }

    /// <summary>Adds to the text which step it is, so that a platform that drops repeated messages does not drop a reminder.</summary>
    private RenderedMessage Marked(string type, RenderedMessage content, StepKind kind, int number) =>
        string.IsNullOrWhiteSpace(content.Text) ? content
            : OwnWords.InFront(
                content, OwnWords.OfStep(kind, number, MessageWords.Of(content.Language)), channels.Find(type)?.Messages.Find(content.Format));

    /// <summary>Counted from the due time. Reminders missed while the process was down are not sent.</summary>
    private static DateTimeOffset? NextAt(ActionRepeat? repeat, WaitingStep step, DateTimeOffset at)
    {
        if (repeat?.EveryMinutes is not { } minutes || step.Number >= (repeat.AtMost ?? ActionRepeat.DefaultTimes)) return null;
        var next = (step.DueAt ?? at) + TimeSpan.FromMinutes(minutes);
        return next > at ? next : at + TimeSpan.FromMinutes(minutes);
    }

    private void Plan(CompiledRule compiled, int i, AlarmFacts alarm, DateTimeOffset at, string urlPath, string? suppressed,
        List<PlannedNotification> notifications) => Plan(compiled, i, compiled.Actions[i], alarm, at, urlPath, suppressed, notifications);

    /// <summary>Plans the notifications of one action. A fault in its message or schedule affects only this action: its notifications are planned as
    /// failed.</summary>
    /// <param name="action">The action <paramref name="i"/>, or its fallback.</param>
    private void Plan(CompiledRule compiled, int i, CompiledAction action, AlarmFacts alarm, DateTimeOffset at, string urlPath, string? suppressed,
        List<PlannedNotification> notifications)
    {
        var fault = compiled.Matcher.Fault;
        ScheduleState? state = null;
        RenderedMessage? content = null;
        try
        {
            state = action.StateAt(at, holidays);
            content = action.Render(alarm, at, urlPath);
        }
        catch (Exception e)
        {
            fault ??= e;
        }

        foreach (var told in action.Receivers(state, suppressed))
        {
            var reason = told.Suppressed;
            notifications.Add(new(
                compiled.Rule.Ref, i, compiled.Keys[i], action.Service, action.Message, action.Schedule, action.Type, told.Receivers,
                content ?? RenderedMessage.None, reason, told.IsLeftOut ? null : action.DigestAt(at, holidays, reason),
                told.Failure ?? (reason is null && fault is not null ? FaultText.Of(fault) : null))
            { Otherwise = action.Otherwise is { } other ? new(i, other.AfterMinutes ?? 0, compiled.Keys[i]) : null });
        }
    }

    /// <summary>All rules, including disabled ones.</summary>
    public IEnumerable<Configured<RuleSettings>> Rules => rules.All.Select(x => x.Rule);

    /// <summary>Whether any action is performed later.</summary>
    internal bool HasSteps => rules.All.Any(x => x.Actions.Any(a => a.After is not null || a.Repeat is not null));

    /// <summary>Whether any action has another way out.</summary>
    internal bool HasOtherWays => rules.All.Any(x => x.Actions.Any(a => a.Otherwise is not null));

    /// <summary>All rules, by name and id, including disabled ones.</summary>
    internal IReadOnlyList<CompiledRule> CompiledRules => rules.All;

    internal IEnumerable<CompiledSchedule> Schedules => schedules.Values;

    internal IEnumerable<ConfiguredService> Services => services.Values;

    internal IEnumerable<Configured<MessageSettings>> Messages => messages.Values.Select(x => x.Message);

    internal ConfiguredPeople People => people;

    /// <summary>Checks that what a rule refers to exists in this configuration and fits.</summary>
    public RuleReferences References => new(
        services.GetValueOrDefault,
        id => messages.GetValueOrDefault(id)?.Message,
        id => schedules.GetValueOrDefault(id)?.Schedule ?? holidaySchedules.GetValueOrDefault(id),
        people, channels);

    /// <summary>The rule's id, version and name; for an unknown rule only its id.</summary>
    internal VersionedRef RefOf(string ruleId) => byId.GetValueOrDefault(ruleId)?.Rule.Ref ?? new(ruleId, 0, "");

    /// <summary>The rule's name; its id if it is unknown.</summary>
    public string NameOf(string ruleId) => byId.GetValueOrDefault(ruleId)?.Rule.Name ?? ruleId;

    /// <summary>The index of the action with this key; null when the rule or the action does not exist.</summary>
    public int? IndexOf(string ruleId, string actionKey) => byId.GetValueOrDefault(ruleId)?.IndexOf(actionKey);

    /// <summary>The id of an action's service; null when the action does not exist.</summary>
    public string? ServiceOf(string ruleId, int action) => byId.GetValueOrDefault(ruleId)?.Actions.ElementAtOrDefault(action)?.Service.Id;

    /// <summary>The fallback of an action; null when it has none, or does not exist.</summary>
    public ActionOtherwise? OtherwiseOf(string ruleId, int action) =>
        byId.GetValueOrDefault(ruleId)?.Actions.ElementAtOrDefault(action)?.Otherwise;

    /// <summary>Everyone whom an action names, people with their addresses; empty when the action does not exist.</summary>
    public IEnumerable<Receiver> ReceiversOf(string ruleId, int action) =>
        byId.GetValueOrDefault(ruleId)?.Actions.ElementAtOrDefault(action)?.All ?? [];

    /// <inheritdoc cref="AskedReceiver.Resolve"/>
    public AskedReceiver Resolve(AskedReceiver asked) => asked.Resolve(x => services.Values.Any(s => s.Routes.Has(x)), people, channels);

    /// <summary>Every action of every rule, including disabled ones, with its conditions for notifying the receiver in question; it does when all
    /// hold.</summary>
    public IReadOnlyList<Way> Ways(AlarmFacts alarm, DateTimeOffset at, AskedReceiver asked) =>
    [
        .. from rule in rules.All
           let ofRule = rule.Matcher.Explain(alarm).Select(x => new WayCondition(x, rule.Rule.Ref))
               .Prepend(new(WayCondition.Enabled, rule.Rule.Enabled, "enabled", rule.Rule.Enabled ? "enabled" : "disabled", rule.Rule.Ref)).ToList()
           from action in rule.Actions.Index()
           select new Way(rule.Rule.Ref, action.Index, [.. ofRule, .. action.Item.Conditions(rule.Rule.Ref, at, holidays, asked)]),
    ];

    /// <summary>All rules, by name and id, including disabled ones.</summary>
    public IReadOnlyList<RuleExplanation> Explain(AlarmFacts alarm, DateTimeOffset at, string urlPath = "")
    {
        var nextChanges = new Dictionary<(string, DateTimeOffset), DateTimeOffset?>();
        return [.. rules.All.Select(x => Explain(x, alarm, at, urlPath, nextChanges))];
    }

    /// <summary>Null when the rule does not exist.</summary>
    public RuleExplanation? Explain(string ruleId, AlarmFacts alarm, DateTimeOffset at, string urlPath = "") =>
        byId.GetValueOrDefault(ruleId) is { } rule ? Explain(rule, alarm, at, urlPath, []) : null;

    /// <summary>Explains a draft of a rule, together with the rest of the configuration.</summary>
    /// <param name="draft">Its settings are valid.</param>
    public RuleExplanation Explain(Configured<RuleSettings> draft, AlarmFacts alarm, DateTimeOffset at, string urlPath = "") =>
        Explain(Compile(draft), alarm, at, urlPath, []);

    /// <param name="nextChanges">A cache by schedule and instant: many rules share one, and finding the next change is the only slow part of an
    /// explanation.</param>
    private RuleExplanation Explain(
        CompiledRule compiled, AlarmFacts alarm, DateTimeOffset at, string urlPath,
        Dictionary<(string ScheduleId, DateTimeOffset At), DateTimeOffset?> nextChanges)
    {
        var (rule, matcher, actions) = compiled;
        var enabled = Condition.Of("enabled", rule.Enabled, Condition.IsEnabled, rule.Enabled ? Condition.IsEnabled : Condition.IsDisabled);
        Condition[] conditions = [enabled, .. matcher.Explain(alarm)];
        var suppressed = !rule.Enabled ? Suppression.RuleDisabled
            : !matcher.MatchesButForShelving(alarm, PathPattern.SegmentsOf(alarm.Path)) ? Suppression.RuleDoesNotMatch
            : !matcher.AcceptsShelving(alarm) ? Suppression.Shelved
            : null;
        return new(rule.Ref, rule.Enabled, suppressed is null, conditions, [.. actions.Select((action, i) =>
        {
            var steps = StepsOf(action, matcher, alarm, at);
            // An escalation is judged when it is due, by the schedule as it is then, as Perform does.
            var escalation = steps?.Find(x => x.Kind == StepKind.Escalation);
            var when = escalation?.DueAt ?? at;
            var planned = new List<PlannedNotification>();
            Plan(compiled, i, alarm, when, urlPath, suppressed ?? escalation?.Stopped, planned);
            ScheduleState? state = null;
            DateTimeOffset? next = null;
            if (action.ScheduleFault is null)
            {
                state = action.StateAt(when, holidays);
                var key = (action.Schedule.Id, when);
                if (!nextChanges.TryGetValue(key, out next)) next = nextChanges[key] = action.NextChange(when, holidays);
            }

            var content = planned.Count == 0 ? RenderedMessage.None : planned[0].Content;
            if (escalation is not null) content = Marked(action.Type, content, StepKind.Escalation, 0);
            return new ActionExplanation(
                i, action.Service, action.Message, action.Schedule, state, next, content,
                [.. planned.Select(x => new ReceiverExplanation(x.Receivers, x.Suppressed, x.Failure) { DigestAt = x.DigestAt })])
            { Steps = steps };
        })]);
    }

    private static List<ExplainedStep>? StepsOf(CompiledAction action, RuleMatcher matcher, AlarmFacts alarm, DateTimeOffset at)
    {
        var steps = new List<ExplainedStep>();
        if (action.After is { Minutes: { } minutes } after)
        {
            at += TimeSpan.FromMinutes(minutes);
            steps.Add(new(StepKind.Escalation, at, StepStop.CodeOf(after.End), StepStop.Of(after.End, alarm, matcher.Criteria)));
        }

        if (action.Repeat is { EveryMinutes: { } every } repeat)
            steps.Add(new(
                StepKind.Reminder, at + TimeSpan.FromMinutes(every), StepStop.CodeOf(repeat.End), StepStop.Of(repeat.End, alarm, matcher.Criteria),
                every, repeat.AtMost ?? ActionRepeat.DefaultTimes));
        return steps.Count == 0 ? null : steps;
    }

    /// <summary>The previously compiled rule, if neither it nor anything that it refers to has changed; otherwise null.</summary>
    private CompiledRule? Same(RuleSnapshot? before, Configured<RuleSettings> rule) =>
        before?.byId.GetValueOrDefault(rule.Id) is { } same && same.Rule == rule
        && rule.Settings.Actions.Index().All(x =>
            same.Actions[x.Index].IsMadeOf(Service(x.Item.ServiceId), Message(x.Item.MessageId), Schedule(x.Item.ScheduleId), people)
            && (x.Item.Otherwise is not { } other
                || same.Others[x.Index]!.IsMadeOf(Service(other.ServiceId), Message(other.MessageId), Schedule(x.Item.ScheduleId), people)))
            ? same : null;

    private CompiledRule Compile(Configured<RuleSettings> rule)
    {
        Compiled++;
        return new(
            rule,
            [.. rule.Settings.Actions.Select(x => new CompiledAction(
                x, Service(x.ServiceId), Message(x.MessageId), Schedule(x.ScheduleId), people, channels))],
            [.. rule.Settings.Actions.Select(CompileOther)]);
    }

    private ConfiguredService? Service(string id) => services.GetValueOrDefault(id);
    private CompiledMessage? Message(string id) => messages.GetValueOrDefault(id);
    private CompiledSchedule? Schedule(string id) => schedules.GetValueOrDefault(id);

    private CompiledAction? CompileOther(RuleAction action)
    {
        if (action.Otherwise is not { } other) return null;
        var service = Service(other.ServiceId);
        return new(
            other.AsAction(action, service?.Type ?? action.Type), service, Message(other.MessageId), Schedule(action.ScheduleId), people, channels);
    }

    /// <summary>The order does not depend on the culture of the process.</summary>
    private static IEnumerable<Configured<T>> InOrder<T>(IEnumerable<Configured<T>> items) =>
        items.OrderBy(x => x.Name, StringComparer.OrdinalIgnoreCase).ThenBy(x => x.Id, StringComparer.Ordinal);
}
