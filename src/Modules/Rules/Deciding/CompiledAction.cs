using NodaTime;
using Notify.Channels;
using Notify.Channels.Messages;
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

/// <summary>An action with all that it refers to, which may be gone. What doesn't depend on the alarm or the time is worked out here, once.</summary>
internal sealed class CompiledAction
{
    private readonly IReadOnlyList<Receiver> named;
    private readonly ConfiguredService? service;
    private readonly CompiledMessage? message;
    private readonly CompiledSchedule? schedule;
    private readonly string? broken;
    private readonly bool digest;
    private volatile Opening? opening;
    private readonly (IReadOnlyList<Receiver> Receivers, bool IsThere)[] groups;

    public CompiledAction(
        RuleAction action, ConfiguredService? service, CompiledMessage? message, CompiledSchedule? schedule, ChannelCatalog channels)
    {
        action = action.Complete(channels);
        // Validation lets no null in; an old event must not keep the others of its rule from being told.
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
        groups = [.. Group(named, service, channels.Find(action.Type)?.Receivers ?? [])];
    }

    /// <summary>Whether it still is what it was compiled of.</summary>
    public bool IsMadeOf(ConfiguredService? usedService, CompiledMessage? usedMessage, CompiledSchedule? usedSchedule) =>
        ReferenceEquals(service, usedService) && ReferenceEquals(message, usedMessage) && ReferenceEquals(schedule, usedSchedule);

    public string Type { get; }
    public ActionDelay? After { get; }
    public ActionRepeat? Repeat { get; }
    public ActionOtherwise? Otherwise { get; }
    public VersionedRef Service { get; }
    public VersionedRef Message { get; }
    public VersionedRef Schedule { get; }

    /// <summary>Why the schedule cannot be read; null when it can, or is gone.</summary>
    public Exception? ScheduleFault => schedule?.Fault;

    public ScheduleState? StateAt(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays) => schedule?.Calendar.Evaluate(at, holidays);

    public DateTimeOffset? NextChange(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays) => schedule?.Calendar.NextChange(at, holidays);

    /// <summary>When what is held back now is to be told together with all else that is; null when it is not.</summary>
    public DateTimeOffset? DigestAt(DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays, string? suppressed)
    {
        if (!digest || suppressed is not (Suppression.Schedule or Suppression.Holiday)) return null;
        // Looking ahead is slow, and the answer is the same until the schedule opens.
        if (opening is { } known && known.From <= at && at < known.At) return known.At;
        if (NextChange(at, holidays) is not { } next) return null;
        opening = new Opening(at, next);
        return next;
    }

    private sealed record Opening(DateTimeOffset From, DateTimeOffset At);

    public RenderedMessage Render(AlarmFacts alarm, DateTimeOffset at, string urlPath) =>
        message?.Content.Render(alarm, at, schedule?.Zone, urlPath) ?? RenderedMessage.None;

    /// <param name="state">The schedule's, when there is one.</param>
    /// <param name="suppressed">What already keeps the whole rule from telling anyone, if anything does.</param>
    public IEnumerable<ReceiverExplanation> Receivers(ScheduleState? state, string? suppressed) =>
        groups.Select(x => new ReceiverExplanation(x.Receivers, suppressed ?? broken ?? (x.IsThere ? state?.Reason : Suppression.ReceiverRemoved)));

    /// <summary>What must hold, beside the rule's own conditions, for the one who is asked about to be told by this action.</summary>
    public IEnumerable<WayCondition> Conditions(VersionedRef rule, DateTimeOffset at, IReadOnlyList<HolidayCalendar> holidays, AskedReceiver asked)
    {
        var meant = named.Where(asked.IsMeantBy).ToList();
        yield return new(WayCondition.Receiver, meant.Count > 0, $"one of {string.Join(", ", named.Select(x => x.Alias ?? x.Account))}", asked.Name,
            rule);
        if (After is { } after)
            yield return new(WayCondition.After, false, "notified at once", $"after {after.Minutes} min unless {StepStop.CodeOf(after.End)}", rule);
        yield return Usable(WayCondition.Service, service is null ? null : service.Enabled, Service);
        yield return Usable(WayCondition.Message, message is null ? null : message.Message.Enabled, Message);
        yield return ScheduleFault is { } fault
            ? new(WayCondition.Schedule, false, "enabled", FaultText.Of(fault), Schedule)
            : Usable(WayCondition.Schedule, schedule is null ? null : schedule.Schedule.Enabled, Schedule);
        if (service is not null)
            yield return new(WayCondition.Reachable, (meant.Count > 0 ? meant : asked.Candidates).Any(service.Routes.Has),
                $"a receiver that service '{Service.Name}' has", asked.Name, Service);
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

    /// <summary>Those that get one notification; those that the service no longer has apart from the others.</summary>
    private static IEnumerable<(IReadOnlyList<Receiver> Receivers, bool IsThere)> Group(
        IReadOnlyList<Receiver> receivers, ConfiguredService? service, IReadOnlyList<ReceiverKind> kinds) =>
        from together in kinds.Together(receivers)
        from some in together.GroupBy(x => service?.Routes.Has(x) == true)
        select ((IReadOnlyList<Receiver>)[.. some], some.Key);

    private static VersionedRef Removed(string id) => new(id, 0, "");
}
