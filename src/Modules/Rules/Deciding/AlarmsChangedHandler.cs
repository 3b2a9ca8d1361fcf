using Notify.Contracts.Alarms;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>Decides whom to notify of each change of an alarm, and records the decision, including "nobody".</summary>
public static class AlarmsChangedHandler
{
    public static Task Handle(AlarmsChanged batch, Envelope envelope, DecisionWriter decisions) => decisions.TakeAsync(batch, envelope);
}
