using Notify.Kernel.Texts;

namespace Notify.Kernel.Http;

/// <summary>
/// Permission for one kind of action. Every endpoint requires exactly one (<see cref="EndpointPermissions"/>), and a role is a set of them
/// (<c>Roles</c> of Access). The names are part of the REST contract; docs/permissions.md lists them with their endpoints.
/// </summary>
public sealed record Permission
{
    private static readonly List<Permission> all = [];

    public static readonly Permission AlarmsRead = new(
        "alarms.read", "Read alarms, and why somebody was or was not notified.",
        "查看报警，以及为何通知或未通知某人。");
    public static readonly Permission AlarmsReport = new(
        "alarms.report", "Report alarms, in Notify's own format or another system's.",
        "上报报警（Notify 自有格式或其他系统的格式）。");
    public static readonly Permission AlarmsAcknowledge = new(
        "alarms.acknowledge", "Acknowledge alarms.",
        "确认报警。");
    public static readonly Permission AlarmsShelve = new(
        "alarms.shelve", "Shelve and unshelve alarms.",
        "搁置报警、解除搁置。");
    public static readonly Permission ConfigurationRead = new(
        "configuration.read",
        "Read services, messages, schedules, rules, drills with their runs, and expected sources with their states, and the history of all of them; "
            + "preview, explain and check them; export them without secrets.",
        "查看通知服务、通知内容、通知日程、通知规则、演练及其结果、预期来源及其状态，以及它们的历史；预览、解释与检查；导出（不含机密）。");
    public static readonly Permission ConfigurationChange = new(
        "configuration.change", "Create, change, switch, delete and import configuration; send tests and run drills.",
        "新增、修改、启停、删除和导入配置；发送测试，立即演练。");
    public static readonly Permission ConfigurationApprove = new(
        "configuration.approve", "Approve changes of configuration proposed by others.",
        "批准他人提出的配置修改。");
    public static readonly Permission ConfigurationSecrets = new(
        "configuration.secrets", "Export secrets, sealed for another installation.",
        "导出机密（仅供另一套系统解密）。");
    public static readonly Permission NotificationsRead = new(
        "notifications.read", "Read notifications, the failed list and the state of the lanes.",
        "查看通知、失败列表和通道状态。");
    public static readonly Permission NotificationsResend = new(
        "notifications.resend", "Resend, dismiss and cancel notifications.",
        "重新发送、忽略和取消通知。");
    public static readonly Permission HistoryRead = new(
        "history.read", "Read the history with its proofs and receipts, the configuration at any instant, and replays with their reports.",
        "查看历史及其证明和回执、任意时刻的配置，以及回放及其报告。");
    public static readonly Permission HistoryExport = new(
        "history.export", "Export the history.",
        "导出历史。");
    public static readonly Permission HistoryVerify = new(
        "history.verify", "Verify the history.",
        "验证历史。");
    public static readonly Permission HistoryReview = new(
        "history.review", "Record that a period of the history was reviewed.",
        "登记某一时段的历史已被审阅。");
    public static readonly Permission ReplaysRun = new(
        "replays.run", "Run reviews and what-if replays.",
        "运行回顾与假设分析。");
    public static readonly Permission ReplaysRedeliver = new(
        "replays.redeliver", "Send notifications of a past period again.",
        "重新发送过去时段的通知。");
    public static readonly Permission PeopleRead = new(
        "people.read", "Read people, groups, roles and API keys.",
        "查看人员、用户组、角色和 API 密钥。");
    public static readonly Permission PeopleManage = new(
        "people.manage", "Change people, groups, roles and API keys.",
        "管理人员、用户组、角色和 API 密钥。");
    public static readonly Permission PersonalErase = new(
        "personal.erase", "Erase personal data.",
        "清除个人数据。");
    public static readonly Permission RetentionManage = new(
        "retention.manage", "Place and release legal holds.",
        "设置和解除法律保全。");
    public static readonly Permission OperationRead = new(
        "operation.read", "Read the state of the installation: metrics, dead letters, rebuilds.",
        "查看系统运行状态：指标、处理失败的内部消息、重建。");
    public static readonly Permission OperationManage = new(
        "operation.manage", "Handle dead letters, rebuild tables, rotate the signing key.",
        "重新处理或丢弃处理失败的内部消息、重建数据表、轮换签名密钥。");

    private Permission(string name, string english, string chinese)
    {
        (Name, Descriptions) = (name, new BilingualText(english, chinese));
        all.Add(this);
    }

    /// <summary>Area and verb, such as <c>alarms.acknowledge</c>.</summary>
    public string Name { get; }

    /// <summary>What it allows.</summary>
    public BilingualText Descriptions { get; }

    /// <summary>In the order of declaration.</summary>
    public static IReadOnlyList<Permission> All => all;

    /// <summary>Null if there is none with this name.</summary>
    public static Permission? Find(string? name) => all.Find(x => x.Name == name);

    public override string ToString() => Name;
}
