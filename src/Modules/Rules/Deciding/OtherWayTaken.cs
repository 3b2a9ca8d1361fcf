using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>A notification did not arrive, and the action's fallback was used, or could not be. Stream <c>otherway-…</c>, one for each such
/// notification.</summary>
/// <param name="NotificationId">The notification that did not arrive.</param>
/// <param name="Action">The index of the action in this version of the rule, from 0; if that no longer has it, in the version by which the
/// notification was decided.</param>
/// <param name="Why"><c>failed</c>, <c>partlyDelivered</c> (the fallback's receivers were all notified nevertheless) or <c>blocked</c>.</param>
/// <param name="Reason">The reason shown by the notification or its lane, or whom it has not reached; null if there is none.</param>
/// <param name="Notifications">The notifications decided instead.</param>
/// <param name="Stopped">Why there are none; null when there are.</param>
public sealed record OtherWayTaken(
    string NotificationId, string AlarmId, string AlarmName, string AlarmPath, long AlarmVersion, VersionedRef Rule, int Action, string Why,
    string? Reason, long ConfigurationVersion, IReadOnlyList<DecidedAction> Notifications, string? Stopped)
{
    public static string StreamOf(string notificationId) => Ids.Derived("otherway", notificationId);
}
