using Notify.Kernel.Events;

namespace Notify.Rules;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        .. EventSummary.OfResource("rules.message", "Message", "通知内容"),
        .. EventSummary.OfResource("rules.schedule", "Schedule", "通知日程"),
        .. EventSummary.OfResource("rules.rule", "Rule", "通知规则"),
        .. EventSummary.OfResource("rules.drill", "Drill", "演练"),
        new("rules.drill_started.v1",
            "Drill “{name}” began[, planned for {plannedAt}][; to be confirmed within {confirmWithinMinutes} min]",
            "演练“{name}”开始[，计划时间 {plannedAt}][；须在 {confirmWithinMinutes} 分钟内确认]"),
        new("rules.drill_sent.v1",
            "Message of drill “{name}” sent to {receivers}[; to be confirmed by {confirmBy}]",
            "演练“{name}”的通知已发送给 {receivers}[；须在 {confirmBy} 前确认]"),
        new("rules.drill_not_sent.v1", "Message of drill “{name}” not sent: {reasons}", "演练“{name}”的通知未发送：{reasons}"),
        new("rules.drill_confirmed.v1", "Drill “{name}” confirmed by {by}[: {note}]", "演练“{name}”由 {by} 确认收到[：{note}]"),
        new("rules.drill_unconfirmed.v1", "Drill “{name}”: nobody confirmed in time", "演练“{name}”未在期限内确认"),
        new("rules.drill_interrupted.v1",
            "Drill “{name}” interrupted: whether its message arrived is not known", "演练“{name}”中断：通知是否送达未知"),
        new("rules.alarm_decided.v1",
            "[Nobody is notified of alarm “{alarmName}”: {nobody}][Notifications decided for alarm “{alarmName}”: {notifications#}][ Steps planned for alarm “{alarmName}”: {steps#}]",
            "[报警“{alarmName}”不通知任何人：{nobody}][报警“{alarmName}”决定发出 {notifications#} 条通知][ 报警“{alarmName}”计划了 {steps#} 个后续步骤]"),
        new("rules.step_planned.v1",
            "Step of rule “{rule.name}” planned for alarm “{alarmName}”: {kind} at {dueAt}",
            "通知规则“{rule.name}”为报警“{alarmName}”计划了后续步骤：{kind}，时间 {dueAt}"),
        new("rules.step_performed.v1",
            "Nobody reacted to alarm “{alarmName}” in time: {kind}[ {number}] performed[; notifications: {notifications#}]",
            "报警“{alarmName}”无人及时响应：已执行{kind}[（第 {number} 次）][；通知 {notifications#} 条]"),
        new("rules.other_way_taken.v1",
            "Notification of alarm “{alarmName}” did not arrive ({why}[: {~reason}])[; another way taken, notifications: {notifications#}][; no other way taken: {stopped}]",
            "报警“{alarmName}”的通知未送达（{why}[：{~reason}]）[；已改走备用途径，通知 {notifications#} 条][；未走备用途径：{stopped}]"),
        new("rules.step_stopped.v1",
            "Step for alarm “{alarmName}” not performed: {reason}[ by {by}]",
            "报警“{alarmName}”的后续步骤不执行：{reason}[（{by}）]"),
    ];
}
