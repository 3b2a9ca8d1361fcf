using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>The permissions of one of the three administrators (三员). With the setting <see cref="Setting"/> nobody has permissions of two of them. A
/// permission belongs to one domain or to none: reading, operating and deciding on proposals can be combined with each.</summary>
public sealed record AdministratorDomain(IReadOnlyList<Permission> Permissions)
{
    public const string Setting = "Notify:SeparateAdministrators";

    public static readonly AdministratorDomain System = new(
    [
        Permission.ConfigurationChange, Permission.ConfigurationSecrets, Permission.ReplaysRedeliver, Permission.OperationManage,
    ]);

    public static readonly AdministratorDomain Security = new([Permission.PeopleManage]);

    public static readonly AdministratorDomain Audit = new(
    [
        Permission.HistoryExport, Permission.HistoryVerify, Permission.HistoryReview, Permission.PersonalErase, Permission.RetentionManage,
    ]);

    public static readonly IReadOnlyList<AdministratorDomain> All = [System, Security, Audit];

    /// <summary>Null: it belongs to none.</summary>
    public static AdministratorDomain? Of(Permission permission) => All.FirstOrDefault(x => x.Permissions.Contains(permission));

    public static bool AreMixed(IEnumerable<Permission> permissions) => permissions.Select(Of).OfType<AdministratorDomain>().Distinct().Skip(1).Any();

    /// <summary>Which of these permissions are effective. Of a mixture, which somebody may have from before the separation, only those of the
    /// security administrator are: with them the other two can still be appointed.</summary>
    public static IReadOnlySet<Permission> Counting(IReadOnlySet<Permission> permissions) => !AreMixed(permissions) ? permissions
        : permissions.Where(x => Of(x) is not { } domain || domain == Security).ToHashSet();
}
