using Notify.Delivery.Notifications;
using Notify.Kernel.Events;

namespace Notify.Delivery;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        new("delivery.notification_requested.v1",
            "A notification of alarm “{alarmName}” to {receivers} was requested by rule “{rule.name}”[, as a repeat of {replayOf}]",
            "通知规则“{rule.name}”要求将报警“{alarmName}”通知 {receivers}[，为 {replayOf} 的重发]"),
        new("delivery.notification_suppressed.v1",
            "The notification of alarm “{alarmName}” to {receivers} is not sent: {reason}", "报警“{alarmName}”给 {receivers} 的通知不发送：{reason}"),
        new("delivery.notification_failed.v1",
            "The notification of alarm “{alarmName}” to {receivers} failed in Notify ({stage}): {reason}",
            "报警“{alarmName}”给 {receivers} 的通知无法生成（{stage}）：{reason}"),
        new("delivery.attempt_started.v1",
            "Attempt {number} to send the notification of alarm “{alarmName}” to {receivers} began[, in one message with {mergedInto}]",
            "开始第 {number} 次发送报警“{alarmName}”给 {receivers} 的通知[，并入 {mergedInto}]"),
        new("delivery.attempt_succeeded.v1",
            "Attempt {number} to send the notification of alarm “{alarmName}” to {receivers} succeeded[, but not for {failedReceivers}]",
            "第 {number} 次发送成功：报警“{alarmName}”给 {receivers} 的通知[，但未送达 {failedReceivers}]"),
        new("delivery.attempt_accepted.v1",
            "The platform accepted attempt {number} to send the notification of alarm “{alarmName}” to {receivers}[ ({platformCode})]; it is asked at {askAt} whether it arrived",
            "平台已受理第 {number} 次发送：报警“{alarmName}”给 {receivers} 的通知[（{platformCode}）]；将于 {askAt} 查询是否送达"),
        new("delivery.attempt_failed.v1",
            "Attempt {number} to send the notification of alarm “{alarmName}” to {receivers} failed[: {platformMessage}][ ({platformCode})][; retry at {retryAt}]",
            "第 {number} 次发送报警“{alarmName}”给 {receivers} 的通知失败[：{platformMessage}][（{platformCode}）][；将于 {retryAt} 重试]"),
        new("delivery.attempt_outcome_unknown.v1",
            "The outcome of attempt {number} to send the notification of alarm “{alarmName}” to {receivers} is unknown: {why}[; retry at {retryAt}]",
            "第 {number} 次发送报警“{alarmName}”给 {receivers} 的通知结果未知：{why}[；将于 {retryAt} 重试]"),
        new("delivery.notification_dismissed.v1",
            "The failed notification of alarm “{alarmName}” to {receivers} was dismissed: {reason}",
            "从失败列表中移除报警“{alarmName}”给 {receivers} 的通知：{reason}"),
        new("delivery.notification_resent.v1",
            "The failed notification of alarm “{alarmName}” to {receivers} was resent as {as}", "重发报警“{alarmName}”给 {receivers} 的失败通知，新通知为 {as}"),
        new("delivery.notification_cancelled.v1",
            "The waiting notification of alarm “{alarmName}” to {receivers} was cancelled: {reason}",
            "取消报警“{alarmName}”给 {receivers} 的待发通知：{reason}"),
        new("delivery.notification_digested.v1",
            "The notification of alarm “{alarmName}” to {receivers}, held back by its schedule, is part of the digest {in}",
            "被日程暂缓的报警“{alarmName}”给 {receivers} 的通知已汇总到 {in}"),
        new("delivery.lane_blocked.v1",
            "Service “{service.name}”[, “{receiver}”,] is blocked[: {platformMessage}][ ({platformCode})][; the platform sees {egressIp}]; waiting notifications are held",
            "通知服务“{service.name}”[的“{receiver}”]无法发送[：{platformMessage}][（{platformCode}）][；平台看到的 IP 为 {egressIp}]；待发通知已保留"),
        new("delivery.lane_mended.v1",
            "Service “{service.name}”[, “{receiver}”,] is no longer blocked: {by}; held notifications are sent",
            "通知服务“{service.name}”[的“{receiver}”]已恢复，继续处理保留的通知（{by}）"),
        new("delivery.bulk_requested.v1",
            "Bulk operation “{verb}” on {total|notification|notifications} was requested[: {reason}]", "要求批量{verb} {total} 条通知[：{reason}]"),
        new("delivery.bulk_completed.v1", "A bulk operation on notifications was completed: {outcomes}", "通知的批量操作已完成：{outcomes}"),
        new("delivery.test_requested.v1",
            "A test of notification service “{service.name}” to {receivers} was requested", "要求测试通知服务“{service.name}”，发送至 {receivers}"),
        new("delivery.test_sent.v1", "A test of notification service “{service.name}” was sent to {receivers}",
            "通知服务“{service.name}”的测试已发送至 {receivers}"),
    ];
}
