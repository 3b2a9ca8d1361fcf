using Notify.Kernel.Events;

namespace Notify.Access;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        new("access.api_key_created.v1", "API key “{name}” was created with the role {role}", "创建 API 密钥“{name}”，角色为{role}"),
        new("access.api_key_revoked.v1", "API key “{name}” was revoked", "吊销 API 密钥“{name}”"),
        new("access.sign_in_succeeded.v1", "“{name}” signed in by {method}, with the role {role}", "“{name}”登录（{method}），角色为{role}"),
        new("access.sign_in_failed.v1", "Unknown or revoked credentials for {method} {path}, ×{count}", "{method} {path} 收到无效或已吊销的凭据，共 {count} 次"),
        new("access.request_refused.v1", "Refused with {status}: {method} {path}, ×{count}", "已拒绝（{status}）：{method} {path}，共 {count} 次"),
    ];
}
