using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>
/// Tells the Rules module that decided notifications could not be recorded. It decides and renders them again with the current configuration; those
/// already recorded stay unchanged.
/// </summary>
/// <param name="LetterId">The dead letter. Idempotent: handled twice, it is decided once.</param>
[MessageIdentity("notify.rules.decide-anew.v1")]
public sealed record DecideAnew(string LetterId, IReadOnlyList<DecidedNotification> Notifications) : BusMessage;
