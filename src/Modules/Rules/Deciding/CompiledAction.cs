using NodaTime;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Deciding;

internal sealed record CompiledMessage(Configured<MessageSettings> Message, ChannelCatalog Channels)
{
    private readonly Made<CompiledContent> content = Made.Of(() => CompiledContent.Of(Message.Settings, Channels));

    public CompiledContent Content => content.Value;
}

internal sealed record CompiledSchedule(Configured<ScheduleSettings> Schedule)
{
    private readonly Made<(ScheduleCalendar Calendar, DateTimeZone Zone)> made = Made.Of(
        () => (new ScheduleCalendar(Schedule.Settings), TimeZones.Get(Schedule.Settings.TimeZone)));

    public Exception? Fault => made.Fault;
    public ScheduleCalendar Calendar => made.Value.Calendar;
    public DateTimeZone Zone => made.Value.Zone;
}

/// <summary>An action with everything that it refers to, some of which may not exist. What depends on neither the alarm nor the time is computed
/// once, here.</summary>
internal sealed class CompiledAction
{
    private readonly IReadOnlyList<Receiver> named;
    private readonly ConfiguredService? service;
    private readonly CompiledMessage? message;
    private readonly CompiledSchedule? schedule;

    /// <summary>Null if the action names no people: an action that is kept when people change must not hold on to those who were removed.</summary>
    private readonly ConfiguredPeople? people;

    private readonly string? broken;
    private readonly bool digest;
    private volatile Opening? opening;
    private readonly Lazy<ActionReceivers> receivers;

    public CompiledAction(
        RuleAction action, ConfiguredService? service, CompiledMessage? message, CompiledSchedule? schedule, ConfiguredPeople people,
        ChannelCatalog channels)
    {
        action = action.Complete(channels);
        // Validation rejects null, but an old event may have one, which must not keep the other receivers from being notified.
        (named, this.service, this.message, this.schedule, digest) = (
            [.. action.Receivers.Where(x => x is not null)], service, message, schedule, action.Digest);
        Type = action.Type;
        Service = service?.Ref ?? Removed(action.ServiceId);
        Message = message?.Message.Ref ?? Removed(action.MessageId);
        Schedule = schedule?.Schedule.Ref ?? Removed(action.ScheduleId);
        broken = service is null ? Suppression.ServiceRemoved
            : !service.Enabled ? Suppression.ServiceDisabled
            : message is null ? Suppression.MessageRemoved
            : !message.Message.Enabled ? Suppression.MessageDisabled
            : schedule is null ? Suppression.ScheduleRemoved
            : !schedule.Schedule.Enabled ? Suppression.ScheduleDisabled
            : null;
        (After, Repeat, Otherwise) = (action.After, action.Repeat, action.Otherwise);
        // Computed when first used: in a large installation only some rules are used between two changes of its people.
        var used = this.people = named.Any(PeopleKinds.IsPeople) ? people : null;
        receivers = new(() => new ActionReceivers(named, service, channels.Find(action.Type), used ?? ConfiguredPeople.None));
    }

    /// <summary>Whether everything that the action was compiled from is unchanged.</summary>
    public bool IsMadeOf(
        ConfiguredService? usedService, CompiledMessage? usedMessage, CompiledSchedule? usedSchedule, ConfiguredPeople usedPeople) =>
        ReferenceEquals(service, usedService) && ReferenceEquals(message, usedMessage) && ReferenceEquals(schedule, usedSchedule)
        && (people is null || ReferenceEquals(people, usedPeople));

    public string Type { get; }
    public ActionDelay? After { get; }
    public ActionRepeat? Repeat { get; }
    public ActionOtherwise? Otherwise { get; }
    public VersionedRef Service { get; }
    public VersionedRef Message { get; }
    public VersionedRef Schedule { get; }

    /// <summary>Why the schedule cannot be read; null when it can, or was deleted.</summary>
    public Exception? ScheduleFault => schedule?.Fault;

    public ScheduleState? StateAt(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays) => schedule?.Calendar.Evaluate(at, holidays);

    public DateTimeOffset? NextChange(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays) => schedule?.Calendar.NextChange(at, holidays);

    /// <summary>When the notifications held back now will be sent as one message; null when they will not.</summary>
    public DateTimeOffset? DigestAt(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays, string? suppressed)
    {
        if (!digest || suppressed is not (Suppression.Schedule or Suppression.Holiday)) return null;
        // Finding the next opening is slow, and the result stays the same until then.
        if (opening is { } known && known.From <= at && at < known.At) return known.At;
        if (NextChange(at, holidays) is not { } next) return null;
        opening = new Opening(at, next);
        return next;
    }

    private sealed record Opening(DateTimeOffset From, DateTimeOffset At);

    public RenderedMessage Render(AlarmFacts alarm, DateTimeOffset at, string urlPath) =>
        message?.Content.Render(alarm, at, schedule?.Zone, urlPath) ?? RenderedMessage.None;

    /// <summary>Everyone whom the action addresses, including people who cannot be reached.</summary>
    public IEnumerable<Receiver> All => receivers.Value.All;

    /// <param name="state">The state of the schedule; null when there is none.</param>
    /// <param name="suppressed">Why the whole rule notifies nobody; null when it does.</param>
    public IEnumerable<ReceiverExplanation> Receivers(ScheduleState? state, string? suppressed) =>
        receivers.Value.Explain(suppressed ?? broken, state?.Reason);

    /// <summary>The conditions, besides those of the rule itself, under which the action notifies the receiver in question.</summary>
    public IEnumerable<WayCondition> Conditions(VersionedRef rule, DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays, AskedReceiver asked)
    {
        var told = receivers.Value;
        var meant = told.All.Where(asked.IsMeantBy).ToList();
        yield return new(WayCondition.Receiver, meant.Count > 0, $"one of {string.Join(", ", named.Select(told.NameOf))}", asked.Title, rule);
        if (told.WhyNot(asked) is { } why) yield return why;
        if (After is { } after)
            yield return new(WayCondition.After, false, "notified at once", $"after {after.Minutes} min unless {StepStop.CodeOf(after.End)}", rule);
        yield return Usable(WayCondition.Service, service is null ? null : service.Enabled, Service);
        yield return Usable(WayCondition.Message, message is null ? null : message.Message.Enabled, Message);
        yield return ScheduleFault is { } fault
            ? new(WayCondition.Schedule, false, "enabled", FaultText.Of(fault), Schedule)
            : Usable(WayCondition.Schedule, schedule is null ? null : schedule.Schedule.Enabled, Schedule);
        if (service is not null)
            yield return new(WayCondition.Reachable, (meant.Count > 0 ? meant : asked.Candidates).Any(x => ActionReceivers.Reaches(service, x)),
                $"a receiver that service '{Service.Name}' has", asked.Title, Service);
        if (schedule is null || ScheduleFault is not null) yield break;
        var state = schedule.Calendar.Evaluate(at, holidays);
        yield return new(WayCondition.Time, state.Reason != ScheduleState.Schedule || state == ScheduleState.NoHoliday, "the schedule is open",
            state == ScheduleState.NoHoliday ? "open" : state.Detail ?? "open", Schedule);
        var holiday = schedule.Calendar.HolidayAt(at, holidays);
        var of = holiday is null ? Schedule : new(holiday.Id, holiday.Version, holiday.Name);
        yield return schedule.Calendar.NeedsHoliday
            ? new(WayCondition.OnHoliday, holiday is not null, "a holiday", holiday?.Name, of)
            : new(WayCondition.Holiday, holiday is null, "no holiday", holiday?.Name, of);
    }

    private static WayCondition Usable(string name, bool? enabled, VersionedRef of) =>
        new(name, enabled == true, "enabled", enabled switch { true => "enabled", false => "disabled", null => "removed" }, of);

    private static VersionedRef Removed(string id) => new(id, 0, "");
}
