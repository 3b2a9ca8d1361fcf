using Notify.Kernel.Events;

namespace Notify.Rules;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        .. EventSummary.OfResource("rules.message", "Message", "通知内容"),
        .. EventSummary.OfResource("rules.schedule", "Schedule", "通知日程"),
        .. EventSummary.OfResource("rules.rule", "Rule", "通知规则"),
        new("rules.alarm_decided.v1",
            "[Nobody is notified of alarm “{alarmName}”: {nobody}][Notifications decided for alarm “{alarmName}”: {notifications#}]",
            "[报警“{alarmName}”不通知任何人：{nobody}][报警“{alarmName}”决定发出 {notifications#} 条通知]"),
    ];
}
