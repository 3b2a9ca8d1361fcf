using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>
/// What belongs to one of three administrators (三员). With the setting <see cref="Setting"/> nobody has permissions of two of them. A permission is in
/// one domain, or in none: reading, operators' work and deciding on proposals exclude nothing.
/// </summary>
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

    /// <summary>Null: it excludes nothing.</summary>
    public static AdministratorDomain? Of(Permission permission) => All.FirstOrDefault(x => x.Permissions.Contains(permission));

    public static bool AreMixed(IEnumerable<Permission> permissions) => permissions.Select(Of).OfType<AdministratorDomain>().Distinct().Skip(1).Any();

    /// <summary>
    /// What counts of these permissions. Of a mixture, which somebody may have from before, that is what the security administrator has: they can
    /// still make the other two, and nobody does the work of two.
    /// </summary>
    public static IReadOnlySet<Permission> Counting(IReadOnlySet<Permission> permissions) => !AreMixed(permissions) ? permissions
        : permissions.Where(x => Of(x) is not { } domain || domain == Security).ToHashSet();
}
