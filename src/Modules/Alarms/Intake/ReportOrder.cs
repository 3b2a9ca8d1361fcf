using System.Globalization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>The order of the reports of one request or message. Those without an event time all have the same time, so only their order tells a
/// return of a state (raised, cleared and raised again) from the same event given twice. Sent again, they have the same order.</summary>
internal sealed class ReportOrder
{
    /// <summary>The last state of each alarm, and how often it has changed; null until a report has no event time.</summary>
    private Dictionary<string, (AlarmState State, int Changes)>? alarms;

    /// <summary>The command of the next report, with an event id of its own if the state has changed since the alarm's first one.</summary>
    public AlarmCommand Of(AlarmCommand command, AlarmReported report)
    {
        if (report.Untimed == true) alarms ??= new(StringComparer.Ordinal);
        if (alarms is null) return command;
        var changes = !alarms.TryGetValue(command.AlarmId, out var last) ? 0 : last.Changes + (last.State == report.State ? 0 : 1);
        alarms[command.AlarmId] = (report.State, changes);
        return report.Untimed != true || changes == 0 ? command : command with
        {
            EventId = Ids.DerivedGuid(string.Create(CultureInfo.InvariantCulture, $"{command.EventId:N}\n{changes}")),
        };
    }
}
