using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>
/// Told to the Rules module: what was decided once could not be put on record. It is to be decided and rendered again, with the configuration as it is now; what is on
/// record already stays as it is.
/// </summary>
/// <param name="LetterId">The message that was put aside: told twice, it is decided once.</param>
[MessageIdentity("notify.rules.decide-anew.v1")]
public sealed record DecideAnew(string LetterId, IReadOnlyList<DecidedNotification> Notifications) : BusMessage;
