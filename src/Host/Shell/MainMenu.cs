using Notify.Kernel.Texts;
using Notify.Ui.Parts;

namespace Notify.Host.Shell;

/// <summary>The main menu, in the order of product and console: Alarms → Alarm notifications → Services.</summary>
internal static class MainMenu
{
    public static readonly IReadOnlyList<Group> Groups =
    [
        new("", null, [new("", "alarms.read", "overview", new("Overview", "概览"))]),
        new("alarms", new("Alarms", "报警"),
            [
                new("alarms", "alarms.read", "alarms", new("Alarms", "报警"), "expected-sources"),
                new("reports", "alarms.read", "reports", new("Alarm performance", "报警绩效")),
            ],
            new("notifications", new("Alarm notifications", "报警通知"),
            [
                new("services", "configuration.read", "services", new("Services", "通知服务")),
                new("messages", "configuration.read", "messages", new("Messages", "通知内容")),
                new("schedules", "configuration.read", "schedules", new("Schedules", "通知日程")),
                new("rules", "configuration.read", "rules", new("Rules", "通知规则")),
                new("failed", "notifications.read", "failed", new("Failed", "失败列表")),
                new("drills", "configuration.read", "drills", new("Drills", "演练")),
            ])),
        new("history", new("History", "历史"),
        [
            new("notifications", "notifications.read", "notifications", new("Notifications", "通知记录")),
            new("audit", "history.read", "audit", new("Audit history", "审计记录")),
            new("state", "history.read", "state", new("State at an instant", "历史配置")),
            new("replays", "history.read", "replays", new("Replay", "回放")),
        ]),
        new("administration", new("Administration", "管理"),
        [
            new("people/users", "people.read", "people", new("People", "人员"), "people/groups", "people/roles", "people/keys"),
            new("people/approvals", "configuration.read", "approvals", new("Approvals", "审批")),
            new("system", "operation.read", "system", new("System", "系统")),
        ]),
    ];

    /// <param name="Key">For ids.</param>
    /// <param name="Name">Null: its pages stand by themselves.</param>
    public sealed record Group(string Key, BilingualText? Name, IReadOnlyList<Item> Items, Group? Below = null)
    {
        public IEnumerable<Item> All => Below is null ? Items : Items.Concat(Below.All);
    }

    /// <param name="Also">Pages without an entry that are reached from this one's.</param>
    public sealed record Item(string Address, string Permission, string Icon, BilingualText Name, params IReadOnlyList<string> Also);

    /// <summary>The first page that somebody may see; null: none.</summary>
    public static Item? FirstOf(Me? me) => Groups.SelectMany(x => x.All).FirstOrDefault(x => me.May(x.Permission));
}
