using Notify.Alarms.Alarms;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>Notify's own alarms take the way of all others.</summary>
public static class RaiseAlarmHandler
{
    private const string Type = "notify";
    private static readonly Dictionary<string, string> noLabels = new(StringComparer.Ordinal);

    public static Task Handle(RaiseAlarm alarm, AlarmWriter writer, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var report = new AlarmReported(
            alarm.Name, alarm.Path, Type, alarm.Level, alarm.State, "", now, alarm.Description, AcknowledgeMode.Manual, "", null, noLabels, null);
        return writer.WriteAsync([AlarmReport.Command(report, AuditContext.OfSystem(Guid.CreateVersion7(now).ToString("N")))]);
    }
}
