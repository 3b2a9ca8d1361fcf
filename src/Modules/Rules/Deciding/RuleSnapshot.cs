using System.Collections.Frozen;
using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Deciding;

/// <summary>
/// The whole configuration at one moment, compiled. Decides without I/O, and always the same for the same alarm at the same instant.
/// Immutable, so any number of threads may ask it.
/// </summary>
public sealed class RuleSnapshot
{
    public static readonly RuleSnapshot Empty = new(0, [], [], [], [], new ChannelCatalog([]));

    private readonly FrozenDictionary<string, ConfiguredService> services;
    private readonly ChannelCatalog channels;
    private readonly FrozenDictionary<string, CompiledMessage> messages;
    private readonly FrozenDictionary<string, CompiledSchedule> schedules;
    private readonly HolidayCalendar[] holidays;
    private readonly CompiledRule[] rules;
    private readonly RuleIndex index;
    private readonly FrozenDictionary<string, CompiledRule> byId;
    private readonly FrozenDictionary<string, Configured<ScheduleSettings>> holidaySchedules;

    private sealed record CompiledRule(Configured<RuleSettings> Rule, RuleMatcher Matcher, CompiledAction[] Actions);

    /// <summary>All settings must be valid. Compiling is the costly part: make one when the configuration changes, not for each alarm.</summary>
    public RuleSnapshot(
        long configurationVersion,
        IEnumerable<Configured<RuleSettings>> rules,
        IEnumerable<Configured<MessageSettings>> messages,
        IEnumerable<Configured<ScheduleSettings>> schedules,
        IEnumerable<ConfiguredService> services,
        ChannelCatalog channels)
    {
        this.channels = channels;
        ConfigurationVersion = configurationVersion;
        var areHolidays = schedules.ToLookup(x => x.Settings.Kind == ScheduleSettings.Holiday);
        // A holiday that cannot be read pauses nothing.
        holidays = [.. InOrder(areHolidays[true].Where(x => x.Enabled))
            .Select(x => Made.Of(() => new HolidayCalendar(x.Id, x.Name, x.Settings, x.Version))).Where(x => x.Fault is null).Select(x => x.Value)];
        holidaySchedules = areHolidays[true].ToFrozenDictionary(x => x.Id, StringComparer.Ordinal);
        this.schedules = areHolidays[false].ToFrozenDictionary(x => x.Id, x => new CompiledSchedule(x), StringComparer.Ordinal);
        this.messages = messages.ToFrozenDictionary(x => x.Id, x => new CompiledMessage(x, channels), StringComparer.Ordinal);
        this.services = services.ToFrozenDictionary(x => x.Id, StringComparer.Ordinal);
        this.rules = [.. InOrder(rules).Select(Compile)];
        byId = this.rules.ToFrozenDictionary(x => x.Rule.Id, StringComparer.Ordinal);
        index = new([.. this.rules.Select(x => x.Matcher)]);
    }

    public long ConfigurationVersion { get; }

    /// <summary>The enabled holiday schedules, in the order in which they count.</summary>
    public IReadOnlyList<HolidayCalendar> Holidays => holidays;

    /// <summary>Whether a schedule is open, and when that changes next; null when there is none that is enabled.</summary>
    public (bool Open, DateTimeOffset? NextChange)? StateOf(string scheduleId, DateTimeOffset at) =>
        schedules.GetValueOrDefault(scheduleId) is { Schedule.Enabled: true, Fault: null } schedule
            ? (schedule.Calendar.Evaluate(at, holidays).Open, schedule.Calendar.NextChange(at, holidays))
            : null;

    /// <summary>A message by itself, without a rule; null when it is gone, or cannot be rendered.</summary>
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
        var candidates = index.Candidates(alarm, path);
        var notifications = new List<PlannedNotification>();
        foreach (var candidate in candidates)
        {
            var (rule, matcher, actions) = rules[candidate];
            if (!matcher.MatchesButForShelving(alarm, path)) continue;
            var suppressed = !rule.Enabled ? Suppression.RuleDisabled : matcher.AcceptsShelving(alarm) ? null : Suppression.Shelved;
            for (var i = 0; i < actions.Length; i++) Plan(rules[candidate], i, alarm, at, urlPath, suppressed, notifications);
        }

        return new(ConfigurationVersion, notifications, notifications.Count == 0 ? Suppression.NoRuleMatches : null, candidates.Count);
    }

    /// <summary>What one action tells. What goes wrong in it, be it in its message or its schedule, is its own: it is planned as failed.</summary>
    private void Plan(CompiledRule compiled, int i, AlarmFacts alarm, DateTimeOffset at, string urlPath, string? suppressed,
        List<PlannedNotification> notifications)
    {
        var (action, fault) = (compiled.Actions[i], compiled.Matcher.Fault);
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

        foreach (var (receivers, reason, _) in action.Receivers(state, suppressed))
        {
            notifications.Add(new(
                compiled.Rule.Ref, i, action.Service, action.Message, action.Schedule, action.Type, receivers, content ?? RenderedMessage.None,
                reason,
                action.DigestAt(at, holidays, reason), reason is null && fault is not null ? FaultText.Of(fault) : null));
        }
    }

    /// <summary>All, the disabled ones too.</summary>
    public IEnumerable<Configured<RuleSettings>> Rules => rules.Select(x => x.Rule);

    /// <summary>Says whether what a rule refers to exists here and fits.</summary>
    public RuleReferences References => new(
        services.GetValueOrDefault,
        id => messages.GetValueOrDefault(id)?.Message,
        id => schedules.GetValueOrDefault(id)?.Schedule ?? holidaySchedules.GetValueOrDefault(id),
        channels);

    /// <summary>The name of a rule of this configuration; of one that is not there, its id.</summary>
    public string NameOf(string ruleId) => byId.GetValueOrDefault(ruleId)?.Rule.Name ?? ruleId;

    /// <summary>The service of an action; null when there is no such action.</summary>
    public string? ServiceOf(string ruleId, int action) => byId.GetValueOrDefault(ruleId)?.Actions.ElementAtOrDefault(action)?.Service.Id;

    /// <inheritdoc cref="AskedReceiver.Resolve"/>
    public AskedReceiver Resolve(AskedReceiver asked) => asked.Resolve(x => services.Values.Any(s => s.Routes.Has(x)));

    /// <summary>Every action of every rule, the disabled ones too: who is notified is told by one of these, when none of its conditions
    /// fails.</summary>
    public IReadOnlyList<Way> Ways(AlarmFacts alarm, DateTimeOffset at, AskedReceiver asked) =>
    [
        .. from rule in rules
           let ofRule = rule.Matcher.Explain(alarm).Select(x => new WayCondition(x.Name, x.Passed, x.Expected, x.Actual, rule.Rule.Ref))
               .Prepend(new(WayCondition.Enabled, rule.Rule.Enabled, "enabled", rule.Rule.Enabled ? "enabled" : "disabled", rule.Rule.Ref)).ToList()
           from action in rule.Actions.Index()
           select new Way(rule.Rule.Ref, action.Index, [.. ofRule, .. action.Item.Conditions(rule.Rule.Ref, at, holidays, asked)]),
    ];

    /// <summary>All rules, the disabled ones too, by name and id.</summary>
    public IReadOnlyList<RuleExplanation> Explain(AlarmFacts alarm, DateTimeOffset at, string urlPath = "")
    {
        var nextChanges = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        return [.. rules.Select(x => Explain(x, alarm, at, urlPath, nextChanges))];
    }

    /// <summary>Null when there is no such rule.</summary>
    public RuleExplanation? Explain(string ruleId, AlarmFacts alarm, DateTimeOffset at, string urlPath = "") =>
        Array.Find(rules, x => x.Rule.Id == ruleId) is { } rule ? Explain(rule, alarm, at, urlPath, []) : null;

    /// <summary>A rule that is not, or not so, part of the configuration, tried with the rest of it.</summary>
    /// <param name="draft">Valid.</param>
    public RuleExplanation Explain(Configured<RuleSettings> draft, AlarmFacts alarm, DateTimeOffset at, string urlPath = "") =>
        Explain(Compile(draft), alarm, at, urlPath, []);

    /// <param name="nextChanges">By schedule. Many rules share one, and looking ahead is the only slow part of an explanation.</param>
    private RuleExplanation Explain(
        CompiledRule compiled, AlarmFacts alarm, DateTimeOffset at, string urlPath, Dictionary<string, DateTimeOffset?> nextChanges)
    {
        var (rule, matcher, actions) = compiled;
        Condition[] conditions = [new("enabled", rule.Enabled, "enabled", rule.Enabled ? "enabled" : "disabled"), .. matcher.Explain(alarm)];
        var suppressed = !rule.Enabled ? Suppression.RuleDisabled
            : !matcher.MatchesButForShelving(alarm, PathPattern.SegmentsOf(alarm.Path)) ? Suppression.RuleDoesNotMatch
            : !matcher.AcceptsShelving(alarm) ? Suppression.Shelved
            : null;
        return new(rule.Ref, rule.Enabled, suppressed is null, conditions, [.. actions.Select((action, i) =>
        {
            var planned = new List<PlannedNotification>();
            Plan(compiled, i, alarm, at, urlPath, suppressed, planned);
            ScheduleState? state = null;
            DateTimeOffset? next = null;
            if (action.ScheduleFault is null)
            {
                state = action.StateAt(at, holidays);
                if (!nextChanges.TryGetValue(action.Schedule.Id, out next)) next = nextChanges[action.Schedule.Id] = action.NextChange(at, holidays);
            }

            return new ActionExplanation(
                i, action.Service, action.Message, action.Schedule, state, next, planned.Count == 0 ? RenderedMessage.None : planned[0].Content,
                [.. planned.Select(x => new ReceiverExplanation(x.Receivers, x.Suppressed, x.Failure))]);
        })]);
    }

    private CompiledRule Compile(Configured<RuleSettings> rule) => new(
        rule,
        new(rule.Name, rule.Settings.Criteria),
        [.. rule.Settings.Actions.Select(x => new CompiledAction(
            x, services.GetValueOrDefault(x.ServiceId), messages.GetValueOrDefault(x.MessageId), schedules.GetValueOrDefault(x.ScheduleId),
            channels))]);

    /// <summary>A fixed order, whatever the culture of the process.</summary>
    private static IEnumerable<Configured<T>> InOrder<T>(IEnumerable<Configured<T>> items) =>
        items.OrderBy(x => x.Name, StringComparer.OrdinalIgnoreCase).ThenBy(x => x.Id, StringComparer.Ordinal);
}
