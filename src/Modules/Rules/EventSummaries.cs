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
            "[Nobody is notified of alarm “{alarmName}”: {nobody}][Notifications decided for alarm “{alarmName}”: {notifications#}][ Steps planned for alarm “{alarmName}”: {steps#}]",
            "[报警“{alarmName}”不通知任何人：{nobody}][报警“{alarmName}”决定发出 {notifications#} 条通知][ 报警“{alarmName}”计划了 {steps#} 个后续步骤]"),
        new("rules.step_planned.v1",
            "Step of rule “{rule.name}” planned for alarm “{alarmName}”: {kind} at {dueAt}",
            "通知规则“{rule.name}”为报警“{alarmName}”计划了后续步骤：{kind}，时间 {dueAt}"),
        new("rules.step_performed.v1",
            "Nobody reacted to alarm “{alarmName}” in time: {kind}[ {number}] performed[; notifications: {notifications#}]",
            "报警“{alarmName}”无人及时响应：已执行{kind}[ {number}][；通知 {notifications#} 条]"),
        new("rules.other_way_taken.v1",
            "Notification of alarm “{alarmName}” did not arrive ({why}[: {~reason}])[; another way taken, notifications: {notifications#}][; no other way taken: {stopped}]",
            "报警“{alarmName}”的通知未送达（{why}[：{~reason}]）[；已改走备用途径，通知 {notifications#} 条][；未走备用途径：{stopped}]"),
        new("rules.step_stopped.v1",
            "Step for alarm “{alarmName}” not performed: {reason}[ by {by}]",
            "报警“{alarmName}”的后续步骤不执行：{reason}[（{by}）]"),
    ];
}
