using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Wolverine;

namespace Notify.Alarms;

/// <summary>Something that happened to an alarm or because of it.</summary>
/// <param name="Kind"><c>reported</c>, <c>repeated</c>, <c>expired</c>, <c>acknowledged</c>, <c>shelved</c>, <c>unshelved</c> or <c>notification</c>;
/// <c>unreadable</c> when the event in the database was tampered with.</param>
/// <param name="Reason">The reason given with the request or for the shelving.</param>
public sealed record TimelineEntry(string Kind, DateTimeOffset At)
{
    public long? Version { get; init; }
    public Actor? Actor { get; init; }
    public string? Reason { get; init; }
    public string? CorrelationId { get; init; }
    public AlarmState? State { get; init; }
    public AlarmLevel? Level { get; init; }
    public string? Value { get; init; }
    public DateTimeOffset? EventTime { get; init; }
    public string? Description { get; init; }

    /// <summary>The event time given by the source, if it was not accepted.</summary>
    public DateTimeOffset? GivenEventTime { get; init; }

    /// <summary>For a report: it arrived after a newer one, so it changed nothing and notified nobody.</summary>
    public bool? Late { get; init; }
    public string? Note { get; init; }

    /// <inheritdoc cref="AlarmAcknowledged.Link"/>
    public string? Link { get; init; }

    /// <inheritdoc cref="AlarmAcknowledged.Channel"/>
    public string? Channel { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>The silence that shelved the alarm, or under which it was reported.</summary>
    public AlarmSilence? Silence { get; init; }

    /// <summary>For an unshelving: it was due by time, not done by a person.</summary>
    public bool? TimeIsUp { get; init; }

    /// <summary>For a repeat: the version of the entry with the repeated report, how often it was repeated, and until when further repeats are not
    /// recorded.</summary>
    public long? Repeats { get; init; }
    public int? Times { get; init; }
    public DateTimeOffset? QuietUntil { get; init; }

    public TimelineNotification? Notification { get; init; }
}

/// <param name="Step">The escalation or reminder for which it was sent; null: none.</param>
/// <param name="Explanation">What went wrong, or why it waits or was not sent, and the remedy; null when there is nothing to explain.</param>
public sealed record TimelineNotification(
    string Id, string Status, string? Reason, string RuleId, string RuleName, string ServiceId, string ServiceName, IReadOnlyList<Receiver> Receivers,
    string Text, DateTimeOffset? EndedAt, NotificationExplanation? Explanation, NotificationStep? Step);

/// <summary>The history of an alarm, oldest first: its own events, and the notifications sent about it.</summary>
public sealed class Timeline(EventReader events, IMessageBus bus)
{
    /// <summary>The maximum number of entries of each kind; older ones are in the audit history.</summary>
    private const int Limit = 500;

    /// <returns>The last entries, and whether these are all.</returns>
    public async Task<(IReadOnlyList<TimelineEntry> Entries, bool Complete)> ReadAsync(string alarmId, CancellationToken cancellation)
    {
        var own = await events.ReadNewestAsync(alarmId, Limit, cancellation);
        var sent = (await bus.InvokeAsync<NotificationsDescribed>(new DescribeNotifications(alarmId, Limit), cancellation)).Notifications;
        // A stable sort: entries of the same instant stay in the order of cause and effect.
        IReadOnlyList<TimelineEntry> entries = [.. own.Select(Of).Reverse().Concat(sent.Select(Of).Reverse()).OrderBy(x => x.At)];
        return (entries, own.Count < Limit && sent.Count < Limit);
    }

    private static TimelineEntry Of(AttributedEvent e)
    {
        var entry = e.Event.Data switch
        {
            AlarmReported x => new TimelineEntry("reported", e.Event.At)
            {
                State = x.State,
                Level = x.Level,
                Value = x.Value,
                EventTime = x.EventTime,
                Description = x.Description,
                GivenEventTime = x.GivenEventTime,
                Late = x.Late == true ? true : null,
                Silence = x.Silence,
                Reason = e.Reason,
            },
            ReportRepeated x => new TimelineEntry("repeated", e.Event.At)
            {
                State = x.State,
                Level = x.Level,
                Value = x.Value,
                EventTime = x.EventTime,
                Description = x.Description,
                Repeats = x.Repeats,
                Times = x.Times,
                QuietUntil = x.QuietUntil,
                Reason = e.Reason,
            },
            AlarmExpired x => new TimelineEntry("expired", e.Event.At) { EventTime = x.ExpiredAt, Reason = e.Reason },
            AlarmAcknowledged x => new TimelineEntry("acknowledged", e.Event.At) { Note = x.Note, Link = x.Link, Channel = x.Channel, Reason = e.Reason },
            AlarmShelved x => new TimelineEntry("shelved", e.Event.At) { Until = x.Until, Reason = x.Reason, Silence = x.Silence },
            AlarmUnshelved x => new TimelineEntry("unshelved", e.Event.At) { TimeIsUp = x.TimeIsUp, Reason = e.Reason },
            UnreadableEvent => new TimelineEntry("unreadable", e.Event.At) { Reason = e.Reason },
            var other => throw new InvalidOperationException($"The event {other.GetType().Name} cannot be shown in a timeline."),
        };
        return entry with { Version = e.Event.Version, Actor = e.Actor, CorrelationId = e.Event.CorrelationId };
    }

    private static TimelineEntry Of(NotificationDescription n) => new("notification", n.RequestedAt)
    {
        Level = n.Level,
        State = n.State,
        CorrelationId = n.CorrelationId,
        Notification = new TimelineNotification(
            n.Id, n.Status, n.Reason, n.Rule.Id, n.Rule.Name, n.Service.Id, n.Service.Name, n.Receivers, n.Text, n.EndedAt, n.Explanation,
            n.Step),
    };
}
