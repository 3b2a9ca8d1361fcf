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

    /// <summary>The notifications of a decision on whose outcome its other ways depend, by the record or by the other configuration.</summary>
    /// <param name="then">The configuration of the recorded decision.</param>
    /// <param name="would">What the other configuration decides.</param>
    public static IEnumerable<string> Asked(AlarmDecided decision, RuleSnapshot then, Decision would) =>
        decision.Notifications.Where(x => then.OtherwiseOf(x.RuleId, x.Action) is not null).Concat(
            would.Notifications.Where(x => x is { Suppressed: null, Otherwise: not null }).Select(x => Recorded(x, decision, then))
                .OfType<DecidedAction>())
            .Where(x => x.Suppressed is null).Select(x => x.NotificationId);

    /// <summary>The other ways that were taken.</summary>
    /// <param name="events">The events of the other ways, by stream.</param>
    /// <param name="undelivered">What did not arrive, by notification.</param>
    /// <param name="until">Exclusive: those due at this instant or later are omitted.</param>
    public static IEnumerable<LaterTelling> OnRecord(
        AlarmDecided decision, ILookup<string, StoredEvent> events, IReadOnlyDictionary<string, DescribedUndelivered> undelivered, RuleSnapshot then,
        DateTimeOffset until)
    {
        foreach (var x in decision.Notifications)
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
    /// the same change, by the same service and to at least the same receivers; without one, its outcome is unknown, and no other way is
    /// taken.</summary>
    /// <param name="would">What the configuration decides about the change.</param>
    /// <param name="at">The instant of the decision.</param>
    public static IEnumerable<LaterTelling> Of(
        RuleSnapshot tried, Decision would, AlarmDecided decision, IReadOnlyDictionary<string, DescribedUndelivered> undelivered, RuleSnapshot then,
        AlarmFacts alarm, DateTimeOffset at, DateTimeOffset until)
    {
        foreach (var planned in would.Notifications.Where(x => x is { Suppressed: null, Otherwise: not null }))
        {
            var facts = Recorded(planned, decision, then) is { } recorded ? undelivered.GetValueOrDefault(recorded.NotificationId) : null;
            // What Notify itself could not send then, it fails to send only if this configuration cannot do it either.
            if (facts is { Unsent: true } && planned.Failure is null) facts = null;
            var due = DueOf(facts, planned.Otherwise!.AfterMinutes) ?? (planned.Failure is { } failure ? new(at, Failed, failure) : null);
            if (due is null || due.At >= until) continue;
            var outcome = tried.TakeOtherWay(planned.Rule.Id, planned.ActionKey, alarm, due.At);
            if (outcome.Stopped is not null) continue;
            yield return new(
                planned.Rule.Id, planned.Rule.Name, tried.OtherwiseOf(planned.Rule.Id, planned.Action)?.ServiceId, StepKind.Otherwise, 0, due.At,
                [.. outcome.Notifications.Where(x => x.Suppressed is null).SelectMany(x => x.Receivers)])
            { Why = due.Why, Reason = due.Reason };
        }
    }

    /// <summary>The recorded notification whose outcome this one would have had; that of the same action if there are several.</summary>
    private static DecidedAction? Recorded(PlannedNotification planned, AlarmDecided decision, RuleSnapshot then)
    {
        var receivers = planned.Receivers.Select(ReceiverKey.Of).ToHashSet(StringComparer.Ordinal);
        return decision.Notifications.Where(x => x.Suppressed is null && then.ServiceOf(x.RuleId, x.Action) == planned.Service.Id
            && receivers.IsSubsetOf(x.Receivers.Select(ReceiverKey.Of)))
            .OrderByDescending(x => x.RuleId == planned.Rule.Id && then.IndexOf(x.RuleId, planned.ActionKey) == x.Action)
            .ThenByDescending(x => x.RuleId == planned.Rule.Id).FirstOrDefault();
    }

    /// <summary>When an action takes its other way for a notification; null: it need not.</summary>
    private static Due? DueOf(DescribedUndelivered? x, int afterMinutes)
    {
        if (x is null) return null;
        var held = x.Holds.Select(h => (At: h.From.AddMinutes(afterMinutes), h.To, h.Reason)).Where(h => h.To is null || h.At < h.To)
            .Select(h => new Due(h.At, Blocked, h.Reason)).FirstOrDefault();
        return x.FailedAt is { } failed && !(held?.At < failed) ? new(failed, Failed, x.Reason) : held;
    }
}
