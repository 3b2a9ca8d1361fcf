using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>What somebody may do, and therefore grant to others or take from them.</summary>
/// <param name="Paths">Patterns for the paths to which it is limited; empty: all.</param>
public sealed record Authority(IReadOnlySet<Permission> Permissions, IReadOnlyList<string> Paths)
{
    public static readonly Authority Whole = new(Permission.All.ToHashSet(), []);

    /// <summary>Nobody grants what they lack, be it by a role of a person, group or key, or by a permission of a role. And nobody changes somebody
    /// who has permissions that they lack: whoever could set an administrator's password could act as that administrator.</summary>
    /// <param name="touched">The permissions that the change affects, before and after.</param>
    /// <param name="paths">The paths that it affects, before and after; null: none.</param>
    /// <exception cref="ProblemException">403.</exception>
    public void Check(IEnumerable<Permission> touched, params IEnumerable<IReadOnlyList<string>?> paths)
    {
        var missing = touched.Distinct().Where(x => !Permissions.Contains(x)).Select(x => x.Name).ToList();
        if (missing.Count > 0) throw new ProblemException(
            403, "Not allowed.", $"This gives or takes permissions that you do not have yourself: {string.Join(", ", missing)}.");
        if (Paths.Count == 0) return;
        var own = Paths.Select(PathPattern.Parse).ToList();
        foreach (var wanted in paths.OfType<IReadOnlyList<string>>())
        {
            if (wanted.Count > 0 && wanted.Select(PathPattern.Parse).All(x => own.Exists(y => y.Covers(x)))) continue;
            throw new ProblemException(403, "Not allowed.", $"This is about paths outside your own: {string.Join(", ", Paths)}.");
        }
    }

    /// <summary>Checks that at least one person who can sign in and may do everything remains; if there is no such person, at least one such
    /// key.</summary>
    /// <exception cref="ProblemException">409.</exception>
    public static void CheckAdministratorLeft(PeopleSnapshot before, PeopleSnapshot after)
    {
        if (before.IsSeparated)
        {
            if ((before.Administrators.Any() || before.AdministratorKeys.Any()) && !after.Administrators.Any()
                && (before.Administrators.Any() || !after.AdministratorKeys.Any())) throw ProblemException.Conflict(
                "After this change nobody could manage people. Make another security administrator first.");
            return;
        }

        if (before.Administrators.Any() && !after.Administrators.Any()) throw ProblemException.Conflict(
            "After this change nobody who can sign in would have all permissions. Make another administrator first.");
        if (before.AdministratorKeys.Any() && !after.AdministratorKeys.Any() && !after.Administrators.Any()) throw ProblemException.Conflict(
            "After this change neither a person nor a key would have all permissions. Make an administrator first.");
    }
}
