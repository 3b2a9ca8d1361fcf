using Notify.Kernel.Events;

namespace Notify.Services;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        .. EventSummary.OfResource("services.service", "Notification service", "通知服务"),
        new("services.service_accounts_imported.v1",
            "Accounts of notification service “{name}” were imported from {file}[, {added} added][, {updated} updated][, {removed} removed]",
            "从 {file} 导入通知服务“{name}”的账号[，新增 {added}][，更新 {updated}][，移除 {removed}]"),
        new("services.connection_tested.v1",
            "The connection of notification service “{service.name}” was tested: {outcome}", "测试了通知服务“{service.name}”的连接：{outcome}"),
    ];
}
