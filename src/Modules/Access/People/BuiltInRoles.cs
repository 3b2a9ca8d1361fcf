using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>The roles that come with Notify: which permissions they grant.</summary>
public static class BuiltInRoles
{
    public const string AdministratorName = "administrator";

    public static readonly Role Administrator = Make(AdministratorName, "May do everything.", Permission.All);

    public static readonly Role Engineer = Make("engineer", "Configures Notify and tries changes out.",
    [
        Permission.AlarmsRead,
        Permission.ConfigurationRead, Permission.ConfigurationChange, Permission.ConfigurationApprove, Permission.ConfigurationSecrets,
        Permission.NotificationsRead, Permission.HistoryRead, Permission.ReplaysRun, Permission.OperationRead,
    ]);

    public static readonly Role Operator = Make("operator", "Works with alarms and the failed list.",
    [
        Permission.AlarmsRead, Permission.AlarmsAcknowledge, Permission.AlarmsShelve, Permission.NotificationsRead, Permission.NotificationsResend,
    ]);

    public static readonly Role Auditor = Make("auditor", "Reads everything, exports, verifies and reviews; changes nothing.",
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead,
        Permission.HistoryRead, Permission.HistoryExport, Permission.HistoryVerify, Permission.HistoryReview, Permission.ReplaysRun,
        Permission.PeopleRead, Permission.OperationRead,
    ]);

    public static readonly Role Intake = Make("intake", "A system that reports alarms and does nothing else.", [Permission.AlarmsReport]);

    public static readonly Role Viewer = Make("viewer", "Sees alarms, notifications and the configuration.",
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead,
    ]);

    public static readonly IReadOnlyList<Role> All = [Administrator, Engineer, Operator, Auditor, Intake, Viewer];

    /// <summary>Their ids say their names: <c>role-engineer</c>.</summary>
    public static string IdOf(string name) => $"role-{name}";

    private static Role Make(string name, string description, IReadOnlyList<Permission> permissions) => new()
    {
        Id = IdOf(name),
        Name = name,
        NameKey = Names.KeyOf(name),
        Description = description,
        Enabled = true,
        Version = 1,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        Settings = new RoleSettings { Permissions = [.. permissions.Select(x => x.Name)] },
    };
}
