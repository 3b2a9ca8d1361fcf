using Notify.Kernel.Http;

namespace Notify.Access;

/// <param name="Description">Whom it is for.</param>
public sealed record Role(string Name, string Description, IReadOnlyList<Permission> Permissions);

/// <summary>The built-in roles: which permissions they grant.</summary>
public static class Roles
{
    public const string AdministratorName = "administrator";

    public static readonly Role Administrator = new(AdministratorName, "May do everything.", Permission.All);

    public static readonly Role Engineer = new("engineer", "Configures Notify and tries changes out.",
    [
        Permission.AlarmsRead,
        Permission.ConfigurationRead, Permission.ConfigurationChange, Permission.ConfigurationApprove, Permission.ConfigurationSecrets,
        Permission.NotificationsRead, Permission.HistoryRead, Permission.ReplaysRun, Permission.OperationRead,
    ]);

    public static readonly Role Operator = new("operator", "Works with alarms and the failed list.",
    [
        Permission.AlarmsRead, Permission.AlarmsAcknowledge, Permission.AlarmsShelve, Permission.NotificationsRead, Permission.NotificationsResend,
    ]);

    public static readonly Role Auditor = new("auditor", "Reads everything, exports, verifies and reviews; changes nothing.",
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead,
        Permission.HistoryRead, Permission.HistoryExport, Permission.HistoryVerify, Permission.HistoryReview, Permission.ReplaysRun,
        Permission.PeopleRead, Permission.OperationRead,
    ]);

    public static readonly Role Intake = new("intake", "A system that reports alarms and does nothing else.", [Permission.AlarmsReport]);

    public static readonly Role Viewer = new("viewer", "Sees alarms, notifications and the configuration.",
    [
        Permission.AlarmsRead, Permission.ConfigurationRead, Permission.NotificationsRead,
    ]);

    public static readonly IReadOnlyList<Role> BuiltIn = [Administrator, Engineer, Operator, Auditor, Intake, Viewer];

    /// <returns>None for a role that does not exist.</returns>
    public static IReadOnlyList<Permission> PermissionsOf(string role) => BuiltIn.FirstOrDefault(x => x.Name == role)?.Permissions ?? [];
}
