using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

public sealed record RoleCreated(string Name, string Description, RoleSettings Settings) : IResourceCreated<RoleSettings>;

public sealed record RoleChanged(string Name, string Description, RoleSettings Settings) : IResourceChanged<RoleSettings>;

public sealed record RoleEnabled : IResourceEnabled;

public sealed record RoleDisabled : IResourceDisabled;

public sealed record RoleDeleted : IResourceDeleted;

/// <summary>A named set of permissions. Stream <c>role-…</c>; the built-in roles have none.</summary>
public sealed class Role : Resource<RoleSettings>
{
    /// <summary>The permissions that it grants; none while it is disabled.</summary>
    public IEnumerable<Permission> Grants() => Enabled ? Settings.Permissions.Select(Permission.Find).OfType<Permission>() : [];
}

public sealed partial class RoleProjection : ResourceProjection<Role, RoleSettings>;

public sealed record RoleSettings
{
    /// <summary>Names of permissions, at least one (<c>GET /api/v1/permissions</c>).</summary>
    public IReadOnlyList<string> Permissions { get; init => field = value ?? []; } = [];

    internal void Validate(Errors errors)
    {
        if (Permissions.Count == 0) errors.Add("permissions", "A role needs at least one permission.");
        Check(Permissions, errors);
    }

    /// <summary>Checks that the permissions exist and that none is listed twice.</summary>
    internal static void Check(IReadOnlyList<string> permissions, Errors errors)
    {
        foreach (var (i, name) in permissions.Index())
        {
            if (Permission.Find(name) is null)
                errors.Add($"permissions[{i}]", errors.IsFull ? "" : Misspelling.Of("permission", name ?? "", PermissionNames));
            else if (permissions.Take(i).Contains(name, StringComparer.Ordinal)) errors.Add($"permissions[{i}]", "This is listed twice.");
        }
    }

    private static IReadOnlyCollection<string> PermissionNames => [.. Permission.All.Select(x => x.Name)];
}
