using Notify.Kernel.Events;

namespace Notify.Access;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        new("access.user_created.v1", "Person “{displayName}” was added", "新增人员“{displayName}”"),
        new("access.user_changed.v1", "Person “{displayName}” was changed", "修改人员“{displayName}”"),
        new("access.user_enabled.v1", "Person “{displayName}” was enabled", "启用人员“{displayName}”"),
        new("access.user_disabled.v1", "Person “{displayName}” was disabled", "停用人员“{displayName}”"),
        new("access.user_deleted.v1", "Person “{displayName}” was removed", "删除人员“{displayName}”"),
        new("access.people_imported.v1", "People were imported from {file}[, {added} added][, {updated} updated][, {skipped} skipped][, {proposed} wait for approval]",
            "从 {file} 导入人员[，新增 {added}][，更新 {updated}][，跳过 {skipped}][，待审批 {proposed}]"),
        .. EventSummary.OfResource("access.group", "Group", "用户组"),
        .. EventSummary.OfResource("access.role", "Role", "角色"),
        new("access.api_key_created.v1", "API key “{name}” was created with the role {role}", "创建 API 密钥“{name}”，角色为{role}"),
        new("access.api_key_issued.v1", "API key “{name}” was made", "新建 API 密钥“{name}”"),
        new("access.api_key_changed.v1", "API key “{name}” was changed", "修改 API 密钥“{name}”"),
        new("access.api_key_rotated.v1", "API key “{name}” got a new secret[; the one before stays valid for {overlapHours} hours]",
            "轮换 API 密钥“{name}”[，旧密钥在 {overlapHours} 小时内仍有效]"),
        new("access.api_key_revoked.v1", "API key “{name}” was revoked", "吊销 API 密钥“{name}”"),
        new("access.sign_in_succeeded.v1", "“{name}” signed in by {method}, with the role {role}", "“{name}”登录（{method}），角色为{role}"),
        new("access.sign_in_failed.v1", "Unknown or revoked credentials for {method} {path}, ×{count}", "{method} {path} 收到无效或已吊销的凭据，共 {count} 次"),
        new("access.request_refused.v1", "Refused with {status}: {method} {path}, ×{count}", "已拒绝（{status}）：{method} {path}，共 {count} 次"),
        new("access.records_read.v1", "Read: {path}[ ({id})][ with {query}], ×{count}", "查阅：{path}[（{id}）][，条件 {query}]，共 {count} 次"),
        new("access.permission_missed.v1", "Refused for want of the permission {permission}: {method} {path}, ×{count}",
            "已拒绝（缺少权限 {permission}）：{method} {path}，共 {count} 次"),
    ];
}
