using Notify.Kernel.Texts;

namespace Notify.Audit.Pages;

/// <summary>The kinds of the configuration, as people call them.</summary>
internal static class StateWords
{
    public static BilingualText Of(string kind) => kind switch
    {
        "rule" => new("Rule", "通知规则"),
        "service" => new("Service", "通知服务"),
        "message" => new("Message", "通知内容"),
        "schedule" => new("Schedule", "通知日程"),
        "user" => new("User", "用户"),
        "group" => new("Group", "用户组"),
        "role" => new("Role", "角色"),
        "apiKey" or "apikey" => new("API key", "API 密钥"),
        _ => new(kind, kind),
    };
}
