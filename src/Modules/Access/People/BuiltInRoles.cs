using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Texts;

namespace Notify.Access.People;

/// <summary>The built-in roles and their permissions.</summary>
public static class BuiltInRoles
{
    private static readonly Dictionary<string, (BilingualText Title, BilingualText Description)> texts = new(StringComparer.Ordinal);

    public const string AdministratorName = "administrator";
    public const string SecurityAdministratorName = "security-administrator";

    public static readonly Role Administrator = Make(AdministratorName, new("Administrator", "管理员"),
        new("May do everything.",
            "可执行所有操作。"), Permission.All);

    public static readonly Role Engineer = Make("engineer", new("Engineer", "工程师"),
        new("Configures Notify and tries changes out.",
            "配置 Notify 并试运行变更。"),
    [
        Permission.AlarmsRead,
        Permission.ConfigurationRead, Permission.ConfigurationChange, Permission.ConfigurationApprove, Permission.ConfigurationSecrets,
        Permission.NotificationsRead, Permission.HistoryRead, Permission.ReplaysRun, Permission.OperationRead,
    ]);

    public static readonly Role Operator = Make("operator", new("Operator", "操作员"),
        new("Works with alarms and the failed list.",
            "处理报警和失败列表。"),
    [
        Permission.AlarmsRead, Permission.AlarmsAcknowledge, Permission.AlarmsShelve, Permission.NotificationsRead, Permission.NotificationsResend,
    ]);

    public static readonly Role Auditor = Make("auditor", new("Auditor", "审计员"),
        new("Reads everything, exports, verifies and reviews; changes nothing.",
            "可查看全部内容，可导出、验证和审阅，不作任何变更。"),
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead,
        Permission.HistoryRead, Permission.HistoryExport, Permission.HistoryVerify, Permission.HistoryReview, Permission.ReplaysRun,
        Permission.PeopleRead, Permission.OperationRead,
    ]);

    public static readonly Role Intake = Make("intake", new("Intake", "报警上报"),
        new("A system that reports alarms and does nothing else.",
            "仅用于上报报警的系统。"), [Permission.AlarmsReport]);

    public static readonly Role Viewer = Make("viewer", new("Viewer", "只读"),
        new("Sees alarms, notifications and the configuration.",
            "查看报警、通知记录和配置。"),
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead,
    ]);

    public static readonly Role SystemAdministrator = Make("system-administrator", new("System administrator", "系统管理员"),
        new("Services, messages, schedules, rules, drills, expected sources and operation; no people, and nothing of the audit.",
            "管理通知服务、通知内容、通知日程、通知规则、演练、预期来源和系统运行；不管理人员和审计。"),
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead, Permission.HistoryRead, Permission.ReplaysRun,
        Permission.OperationRead, .. AdministratorDomain.System.Permissions,
    ]);

    public static readonly Role SecurityAdministrator = Make(SecurityAdministratorName, new("Security administrator", "安全管理员"),
        new("People, groups, roles, keys, sessions, the approval policy and approvals.",
            "管理用户、用户组、角色、密钥、会话、审批策略，并参与审批。"),
    [
        Permission.ConfigurationRead, Permission.ConfigurationApprove, Permission.HistoryRead, Permission.PeopleRead,
        .. AdministratorDomain.Security.Permissions,
    ]);

    public static readonly Role AuditAdministrator = Make("audit-administrator", new("Audit administrator", "审计管理员"),
        new("Exports, verifies and reviews the history; legal holds and erasures.",
            "导出、验证和审阅审计记录，管理法律保全和个人数据清除。"),
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.ConfigurationApprove, Permission.NotificationsRead, Permission.HistoryRead,
        Permission.ReplaysRun, Permission.PeopleRead, Permission.OperationRead, .. AdministratorDomain.Audit.Permissions,
    ]);

    public static readonly IReadOnlyList<Role> All =
    [
        Administrator, Engineer, Operator, Auditor, Intake, Viewer, SystemAdministrator, SecurityAdministrator, AuditAdministrator,
    ];

    /// <summary>What people call the role; null if there is no such role.</summary>
    public static BilingualText? TitleOf(string name) => texts.TryGetValue(name, out var of) ? of.Title : null;

    /// <summary>The description in both languages; null if there is no such role.</summary>
    public static BilingualText? DescriptionOf(string name) => texts.TryGetValue(name, out var of) ? of.Description : null;

    /// <summary>The id contains the name: <c>role-engineer</c>.</summary>
    public static string IdOf(string name) => $"role-{name}";

    private static Role Make(string name, BilingualText title, BilingualText description, IReadOnlyList<Permission> permissions)
    {
        texts[name] = (title, description);
        return new()
        {
            Id = IdOf(name),
            Name = name,
            NameKey = Names.KeyOf(name),
            Description = description.En,
            Enabled = true,
            Version = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Settings = new RoleSettings { Permissions = [.. permissions.Select(x => x.Name)] },
        };
    }
}
