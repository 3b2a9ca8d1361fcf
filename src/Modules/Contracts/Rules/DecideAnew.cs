using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>
/// Tells the Rules module that decided notifications could not be recorded. They are decided and rendered again with the current configuration; what
/// is already recorded stays as it is.
/// </summary>
/// <param name="LetterId">The dead letter; handled twice, it is decided once.</param>
[MessageIdentity("notify.rules.decide-anew.v1")]
public sealed record DecideAnew(string LetterId, IReadOnlyList<DecidedNotification> Notifications) : BusMessage;
