using Notify.Channels.Receivers;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Rules.Deciding;

namespace Notify.Rules.WhatIf;

/// <summary>The other ways that were taken for notifications that did not arrive, and those that would have been if the platforms had answered the
/// same. Pure: equal input gives equal results.</summary>
public static class LaterOtherWays
{
    private const string Failed = "failed";
    private const string Blocked = "blocked";

    private sealed record Due(DateTimeOffset At, string Why, string? Reason);

    /// <summary>A notification on record.</summary>
    /// <param name="Then">The configuration that sent it.</param>
    /// <param name="At">The instant of the decision, or when the step was due.</param>
    /// <param name="Kind">The step that sent it; null: the decision about the change.</param>
    public sealed record Sent(DecidedAction Notification, RuleSnapshot Then, DateTimeOffset At, StepKind? Kind, int Number);

    /// <summary>A notification that the other configuration would have sent.</summary>
    /// <param name="Alarm">The alarm as it tells of it.</param>
    /// <inheritdoc cref="Sent" path="/param"/>
    public sealed record Planned(PlannedNotification Notification, AlarmFacts Alarm, DateTimeOffset At, StepKind? Kind, int Number);

    /// <param name="then">The configuration of the decision.</param>
    /// <param name="at">The instant of the decision.</param>
    public static IEnumerable<Sent> SentBy(AlarmDecided decision, RuleSnapshot then, DateTimeOffset at) =>
        decision.Notifications.Where(x => x.Suppressed is null).Select(x => new Sent(x, then, at, null, 0));

    /// <param name="steps">Steps on record.</param>
    /// <param name="configuration">The configuration of a version.</param>
    public static IEnumerable<Sent> SentBy(IEnumerable<LaterTelling> steps, Func<long, RuleSnapshot> configuration) =>
        from x in steps
        let performed = x.Performed
        where performed is not null
        from notification in performed.Notifications
        where notification.Suppressed is null
        select new Sent(notification, configuration(performed.ConfigurationVersion), x.DueAt, x.Kind, x.Number);

    public static IEnumerable<Planned> PlannedBy(Decision would, AlarmFacts alarm, DateTimeOffset at) =>
        WithOtherWays(would.Notifications).Select(x => new Planned(x, alarm, at, null, 0));

    /// <param name="steps">Steps that would have been performed.</param>
    public static IEnumerable<Planned> PlannedBy(IEnumerable<LaterTelling> steps) =>
        steps.SelectMany(x => WithOtherWays(x.WouldSend).Select(n => new Planned(n, x.Alarm!, x.DueAt, x.Kind, x.Number)));

    private static IEnumerable<PlannedNotification> WithOtherWays(IEnumerable<PlannedNotification> notifications) =>
        notifications.Where(x => x is { Suppressed: null, Otherwise: not null });

    /// <summary>The notifications on whose outcome other ways depend, by the record or by the other configuration.</summary>
    public static IEnumerable<string> Asked(IReadOnlyList<Sent> sent, IEnumerable<Planned> planned) =>
        sent.Where(x => x.Then.OtherwiseOf(x.Notification.RuleId, x.Notification.Action) is not null)
            .Concat(planned.Select(x => Recorded(x, sent)).OfType<Sent>()).Select(x => x.Notification.NotificationId);

    /// <summary>The other ways that were taken.</summary>
    /// <param name="events">The events of the other ways, by stream.</param>
    /// <param name="undelivered">What did not arrive, by notification.</param>
    /// <param name="until">Exclusive: those due at this instant or later are omitted.</param>
    public static IEnumerable<LaterTelling> OnRecord(
        IEnumerable<Sent> sent, ILookup<string, StoredEvent> events, IReadOnlyDictionary<string, DescribedUndelivered> undelivered,
        DateTimeOffset until)
    {
        foreach (var (x, then, _, _, _) in sent)
        {
            foreach (var e in events[OtherWayTaken.StreamOf(x.NotificationId)])
            {
                if (e.Data is not OtherWayTaken { Stopped: null } taken) continue;
                var otherwise = then.OtherwiseOf(x.RuleId, x.Action);
                // Like a step, it counts from when it was due, however long Notify took.
                var due = DueOf(undelivered.GetValueOrDefault(x.NotificationId), otherwise?.AfterMinutes ?? 0) is { } known && known.At <= e.At
                    ? known.At : e.At;
                if (due >= until) continue;
                yield return new(
                    x.RuleId, then.NameOf(x.RuleId), otherwise?.ServiceId, StepKind.Otherwise, 0, due,
                    [.. taken.Notifications.Where(n => n.Suppressed is null).SelectMany(n => n.Receivers)])
                { Why = taken.Why, Reason = taken.Reason };
            }
        }
    }

    /// <summary>The other ways of a configuration, each when it would have been due. What it sends has the outcome of the recorded notification about
    /// the same change, or by the same step at the same time, by the same service and to at least the same receivers; without one, its outcome is
    /// unknown, and no other way is taken.</summary>
    public static IEnumerable<LaterTelling> Of(
        RuleSnapshot tried, IEnumerable<Planned> planned, IReadOnlyList<Sent> sent, IReadOnlyDictionary<string, DescribedUndelivered> undelivered,
        DateTimeOffset until)
    {
        foreach (var x in planned)
        {
            var (notification, alarm, at, _, _) = x;
            var facts = Recorded(x, sent) is { } recorded ? undelivered.GetValueOrDefault(recorded.Notification.NotificationId) : null;
            // What Notify itself could not send then, it fails to send only if this configuration cannot do it either.
            if (facts is { Unsent: true } && notification.Failure is null) facts = null;
            // It reached all those whom this configuration tells by it.
            if (facts?.Missed is { } missed && !notification.Receivers.Any(r => missed.Contains(ReceiverKey.Of(r))))
                facts = facts with { FailedAt = null };
            var due = DueOf(facts, notification.Otherwise!.AfterMinutes) ?? (notification.Failure is { } failure ? new(at, Failed, failure) : null);
            if (due is null || due.At >= until) continue;
            var outcome = tried.TakeOtherWay(notification.Rule.Id, notification.ActionKey, alarm, due.At);
            if (outcome.Stopped is not null) continue;
            yield return new(
                notification.Rule.Id, notification.Rule.Name, tried.OtherwiseOf(notification.Rule.Id, notification.Action)?.ServiceId,
                StepKind.Otherwise, 0, due.At, [.. outcome.Notifications.Where(n => n.Suppressed is null).SelectMany(n => n.Receivers)])
            { Why = due.Why, Reason = due.Reason };
        }
    }

    /// <summary>The recorded notification whose outcome this one would have had; that of the same action if there are several.</summary>
    private static Sent? Recorded(Planned planned, IReadOnlyList<Sent> sent)
    {
        var receivers = planned.Notification.Receivers.Select(ReceiverKey.Of).ToHashSet(StringComparer.Ordinal);
        var (ruleId, key) = (planned.Notification.Rule.Id, planned.Notification.ActionKey);
        return sent.Where(x => (x.Kind, x.Number) == (planned.Kind, planned.Number)
            // At another time, the platform may have answered differently.
            && (x.At - planned.At).Duration() < TimeSpan.FromMinutes(1)
            && x.Then.ServiceOf(x.Notification.RuleId, x.Notification.Action) == planned.Notification.Service.Id
            && receivers.IsSubsetOf(x.Notification.Receivers.Select(ReceiverKey.Of)))
            .OrderByDescending(x => x.Notification.RuleId == ruleId && x.Then.IndexOf(ruleId, key) == x.Notification.Action)
            .ThenByDescending(x => x.Notification.RuleId == ruleId).FirstOrDefault();
    }

    /// <summary>When an action takes its other way for a notification; null: it need not.</summary>
    private static Due? DueOf(DescribedUndelivered? x, int afterMinutes)
    {
        if (x is null) return null;
        var held = x.Holds.Select(h => (At: h.From.AddMinutes(afterMinutes), Hold: h)).Where(h => h.Hold.To is null || h.At < h.Hold.To)
            .Select(h => new Due(h.At, Blocked, ReasonAt(h.At, h.Hold))).FirstOrDefault();
        return x.FailedAt is { } failed && !(held?.At < failed)
            ? new(failed, x.IsPartly ? UndeliveredNotification.PartlyDelivered : Failed, x.Reason) : held;
    }

    /// <summary>The reason that the lane showed at an instant of the block.</summary>
    private static string? ReasonAt(DateTimeOffset at, DescribedHold hold) =>
        hold.Changes.LastOrDefault(x => x.Since <= at) is { } changed ? changed.Reason : hold.Reason;
}
