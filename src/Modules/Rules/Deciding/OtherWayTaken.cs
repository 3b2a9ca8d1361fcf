using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>A notification did not arrive, and another way was taken, or could not be. Stream <c>otherway-…</c>, one for each such
/// notification.</summary>
/// <param name="NotificationId">The one that did not arrive.</param>
/// <param name="Why"><c>failed</c> or <c>blocked</c>.</param>
/// <param name="Reason">What it or its lane shows as the reason; null if nothing.</param>
/// <param name="Notifications">What was decided instead.</param>
/// <param name="Stopped">Why nothing was; null when something was.</param>
public sealed record OtherWayTaken(
    string NotificationId, string AlarmId, string AlarmName, string AlarmPath, long AlarmVersion, VersionedRef Rule, int Action, string Why,
    string? Reason, long ConfigurationVersion, IReadOnlyList<DecidedAction> Notifications, string? Stopped)
{
    public static string StreamOf(string notificationId) => Ids.Derived("otherway", notificationId);
}
