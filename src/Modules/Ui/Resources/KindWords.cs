using Notify.Kernel.Texts;

namespace Notify.Ui.Resources;

/// <summary>The words for kinds of configuration, of what is approved, and of what the audit history names: its objects and those who act.</summary>
public static class KindWords
{
    private static readonly (string Kind, string One, string Many, string Zh)[] all =
    [
        ("rule", "rule", "rules", "通知规则"), ("service", "service", "services", "通知服务"), ("message", "message", "messages", "通知内容"),
        ("schedule", "schedule", "schedules", "通知日程"), ("drill", "drill", "drills", "演练"),
        ("source", "expected source", "expected sources", "预期来源"),
        ("expectedsource", "expected source", "expected sources", "预期来源"), ("user", "user", "users", "用户"), ("group", "group", "groups", "用户组"),
        ("role", "role", "roles", "角色"), ("apikey", "API key", "API keys", "API 密钥"), ("policy", "approval policy", "approval policies", "审批策略"),
        ("configuration", "configuration", "configurations", "配置"), ("hold", "legal hold", "legal holds", "法律保全"),
        ("erasure", "erasure", "erasures", "个人数据清除"), ("redelivery", "redelivery", "redeliveries", "补发"),
        ("alarm", "alarm", "alarms", "报警"), ("notification", "notification", "notifications", "通知"), ("decision", "decision", "decisions", "通知决定"),
        ("lane", "lane", "lanes", "发送通道"), ("node", "node", "nodes", "节点"), ("session", "session", "sessions", "会话"),
        ("signin", "sign-in", "sign-ins", "登录"), ("passkey", "passkey", "passkeys", "通行密钥"), ("replay", "replay", "replays", "回放"),
        ("bulk", "bulk change", "bulk changes", "批量操作"), ("drillrun", "run of a drill", "runs of drills", "演练记录"),
        ("test", "test", "tests", "测试"), ("import", "import", "imports", "导入"), ("export", "export", "exports", "导出"),
        ("schema", "database schema", "database schemas", "数据库结构"), ("masterkey", "master key", "master keys", "主密钥"),
        ("deadletter", "dead letter", "dead letters", "处理失败的内部消息"), ("system", "system", "systems", "系统"),
        ("link", "link in a message", "links in messages", "通知中的链接"), ("anonymous", "not signed in", "not signed in", "未登录"),
    ];

    /// <param name="kind">As the API writes it: <c>rule</c>, <c>rules</c>, <c>apiKey</c>, <c>api-keys</c>, <c>API key</c>. An unknown kind is
    /// returned unchanged.</param>
    public static BilingualText One(string kind) => Find(kind) is { One: { } one, Zh: var zh } ? new(one, zh) : new(kind, kind);

    /// <inheritdoc cref="One"/>
    public static BilingualText Many(string kind) => Find(kind) is { Many: { } many, Zh: var zh } ? new(many, zh) : new(kind, kind);

    private static (string? Kind, string? One, string? Many, string Zh) Find(string kind)
    {
        var key = kind.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return Array.Find(
            all, x => key.Equals(x.Kind, StringComparison.OrdinalIgnoreCase) || key.Equals(x.Kind + "s", StringComparison.OrdinalIgnoreCase));
    }
}
