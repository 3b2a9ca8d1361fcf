using Notify.Contracts.Alarms;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>Decides, for each change of an alarm, whom to notify, and puts the decision on record; also when it is "nobody".</summary>
public static class AlarmsChangedHandler
{
    public static Task Handle(AlarmsChanged batch, Envelope envelope, DecisionWriter decisions) => decisions.TakeAsync(batch, envelope);
}
