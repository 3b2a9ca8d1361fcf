using Notify.Kernel.Events;

namespace Notify.Access;

internal static class EventSummaries
{
    public static readonly EventSummary[] All =
    [
        new("access.api_key_created.v1", "API key “{name}” was made, with the role {role}", "创建 API 密钥“{name}”，角色为{role}"),
        new("access.api_key_revoked.v1", "API key “{name}” was revoked", "吊销 API 密钥“{name}”"),
    ];
}
