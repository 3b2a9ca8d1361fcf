using System.Security.Claims;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>All people, groups, roles and keys at one moment, with the permissions that follow. Immutable.</summary>
public sealed class PeopleSnapshot
{
    public static readonly PeopleSnapshot Empty = new([], [], [], []);

    private readonly Lazy<Dictionary<string, User>> usersById;
    private readonly Lazy<Dictionary<string, User>> usersByName;
    private readonly Lazy<ILookup<string, Group>> groupsByMember;
    private readonly Lazy<Dictionary<string, Role>> rolesById;

    /// <param name="roles">The roles that have events; the built-in ones are added.</param>
    /// <param name="isSeparated">Whether the three administrators are separated (<see cref="AdministratorDomain"/>).</param>
    public PeopleSnapshot(
        IReadOnlyList<User> users, IReadOnlyList<Group> groups, IReadOnlyList<Role> roles, IReadOnlyList<ApiKey> keys, bool isSeparated = false)
    {
        (Users, Groups, Roles, Keys, IsSeparated) = (users, groups, [.. BuiltInRoles.All, .. roles], keys, isSeparated);
        usersById = new(() => Users.ToDictionary(x => x.Id, StringComparer.Ordinal));
        // Names are unique, but a tampered store must not lock everybody out.
        usersByName = new(() => Users.DistinctBy(x => x.NameKey).ToDictionary(x => x.NameKey, StringComparer.Ordinal));
        groupsByMember = new(() => Groups.SelectMany(x => x.Settings.Members.Distinct(StringComparer.Ordinal), (x, id) => (x, id))
            .ToLookup(x => x.id, x => x.x, StringComparer.Ordinal));
        rolesById = new(() => Roles.DistinctBy(x => x.Id).ToDictionary(x => x.Id, StringComparer.Ordinal));
    }

    public IReadOnlyList<User> Users { get; }
    public IReadOnlyList<Group> Groups { get; }

    /// <summary>The built-in ones first.</summary>
    public IReadOnlyList<Role> Roles { get; }

    /// <summary>In order of creation, including revoked ones.</summary>
    public IReadOnlyList<ApiKey> Keys { get; }

    public bool IsSeparated { get; }

    /// <summary>People who can sign in and have all permissions on all paths; with separated administrators, the security administrators.</summary>
    public IEnumerable<User> Administrators =>
        Users.Where(x => x is { Enabled: true, Settings: { SignIn: not SignInMethod.None, Paths: [] } } && IsAdministrator(PermissionsOf(x)));

    /// <summary>Keys with the same permissions that do not expire.</summary>
    public IEnumerable<ApiKey> AdministratorKeys =>
        Keys.Where(x => x.Settings is { Paths: [], ExpiresAt: null } && IsAdministrator(PermissionsOf(x)));

    public User? FindUser(string id) => usersById.Value.GetValueOrDefault(id);

    private ApiKey? FindKey(string id) => Keys.FirstOrDefault(x => x.Id == id);

    /// <summary>Finds a person by user name, ignoring case.</summary>
    public User? FindUserNamed(string userName) => usersByName.Value.GetValueOrDefault(Names.KeyOf(userName));

    /// <summary>The groups of which the person is a member, including disabled ones.</summary>
    public IEnumerable<Group> GroupsOf(string userId) => groupsByMember.Value[userId];

    /// <summary>The roles with these ids that exist.</summary>
    public IEnumerable<Role> RolesOf(IEnumerable<string> ids) => ids.Select(x => rolesById.Value.GetValueOrDefault(x)).OfType<Role>();

    /// <summary>The person's own roles and those of the person's enabled groups, each once.</summary>
    public IEnumerable<Role> RolesOf(User user) =>
        RolesOf(user.Settings.Roles.Concat(GroupsOf(user.Id).Where(x => x.Enabled).SelectMany(x => x.Settings.Roles))
            .Distinct(StringComparer.Ordinal));

    /// <summary>The permissions of a person; none while disabled.</summary>
    public IReadOnlySet<Permission> PermissionsOf(User user) =>
        Counting(user.Enabled ? RolesOf(user).SelectMany(x => x.Grants()).ToHashSet() : []);

    /// <summary>The permissions of a key; none once revoked.</summary>
    public IReadOnlySet<Permission> PermissionsOf(ApiKey key) => Counting(key.Enabled
        ? RolesOf(key.Settings.Roles).SelectMany(x => x.Grants()).Concat(key.Settings.Permissions.Select(Permission.Find).OfType<Permission>())
            .ToHashSet()
        : []);

    /// <summary>The permissions of a person or a key; none for any other actor.</summary>
    public IReadOnlySet<Permission> PermissionsOf(Actor actor) =>
        FindUser(actor.Id) is { } user ? PermissionsOf(user)
        : FindKey(actor.Id) is { } key ? PermissionsOf(key) : new HashSet<Permission>();

    /// <summary>The permissions that these roles grant when enabled.</summary>
    public IEnumerable<Permission> GrantedBy(IEnumerable<string>? roleIds) =>
        RolesOf(roleIds ?? []).SelectMany(x => x.Settings.Permissions).Select(Permission.Find).OfType<Permission>();

    /// <summary>The permissions that a key with these settings has when its roles are enabled.</summary>
    public IEnumerable<Permission> GrantedBy(ApiKeySettings key) =>
        GrantedBy(key.Roles).Concat(key.Permissions.Select(Permission.Find).OfType<Permission>());

    /// <summary>What somebody may grant to others. With separated administrators, a manager of people may grant everything, since the others need
    /// permissions that the manager lacks.</summary>
    public Authority AuthorityOf(Actor actor)
    {
        if (actor.Kind == Actor.SystemKind) return Authority.Whole;
        var own = PermissionsOf(actor);
        var paths = FindUser(actor.Id)?.Settings.Paths ?? FindKey(actor.Id)?.Settings.Paths ?? [];
        return IsSeparated && own.Contains(Permission.PeopleManage) ? Authority.Whole with { Paths = paths } : new(own, paths);
    }

    /// <summary>Checks that the actor may make a change that leads from this state to another.</summary>
    /// <param name="touched">The permissions that the change affects, before and after.</param>
    /// <param name="paths">The paths that it affects, before and after.</param>
    /// <exception cref="ProblemException">400, 403 or 409.</exception>
    internal void Check(PeopleSnapshot after, IEnumerable<Permission> touched, Actor actor, params IEnumerable<IReadOnlyList<string>?> paths)
    {
        AuthorityOf(actor).Check(touched, paths);
        if (IsSeparated) Separation.Check(this, after, actor);
        Authority.CheckAdministratorLeft(this, after);
    }

    /// <summary>The principal of a request made by a person.</summary>
    /// <param name="authentication">How the person signed in: <c>password</c>, <c>oidc</c>, ….</param>
    /// <param name="sessionId">Null: each request carries its own credentials.</param>
    public ClaimsPrincipal PrincipalOf(User user, string authentication, string? sessionId) => PrincipalOf(
        new Actor(user.Id, user.Name, "user"), authentication, sessionId, RolesOf(user).Select(x => x.Name), PermissionsOf(user), user.Settings.Paths);

    /// <summary>The principal of a request made with a key.</summary>
    public ClaimsPrincipal PrincipalOf(ApiKey key) => PrincipalOf(
        new Actor(key.Id, key.Name, "apiKey"), "apiKey", null, RolesOf(key.Settings.Roles).Select(x => x.Name), PermissionsOf(key),
        key.Settings.Paths);

    /// <summary>The ids of roles that were given by name or id, in the given order; adds an error for what is neither.</summary>
    internal IReadOnlyList<string> ReadRoles(IReadOnlyList<string> given, Errors errors)
    {
        var ids = new List<string>();
        foreach (var (i, text) in given.Index())
        {
            var role = Roles.FirstOrDefault(x => x.Id == text) ?? Roles.FirstOrDefault(x => Names.Same(x.Name, text));
            if (role is null) errors.Add($"roles[{i}]", errors.IsFull ? "" : Misspelling.Of("role", text ?? "", [.. Roles.Select(x => x.Name)]));
            else if (ids.Contains(role.Id)) errors.Add($"roles[{i}]", "This is listed twice.");
            else ids.Add(role.Id);
        }

        return ids;
    }

    /// <summary>Checks that all of these roles exist.</summary>
    internal void CheckRoles(IReadOnlyList<string> ids, Errors errors)
    {
        foreach (var (i, id) in ids.Index())
            if (!rolesById.Value.ContainsKey(id)) errors.Add($"roles[{i}]", Ids.NoSuch("role", id));
    }

    internal PeopleSnapshot With(User? before, User? after) => new(Replace(Users, before, after), Groups, OwnRoles, Keys, IsSeparated);

    internal PeopleSnapshot With(Group? before, Group? after) => new(Users, Replace(Groups, before, after), OwnRoles, Keys, IsSeparated);

    internal PeopleSnapshot With(Role? before, Role? after) => new(Users, Groups, Replace(OwnRoles, before, after), Keys, IsSeparated);

    internal PeopleSnapshot With(ApiKey? before, ApiKey? after) => new(Users, Groups, OwnRoles, Replace(Keys, before, after), IsSeparated);

    private IReadOnlySet<Permission> Counting(HashSet<Permission> permissions) =>
        IsSeparated ? AdministratorDomain.Counting(permissions) : permissions;

    private bool IsAdministrator(IReadOnlySet<Permission> permissions) =>
        IsSeparated ? permissions.IsSupersetOf(AdministratorDomain.Security.Permissions) : permissions.Count == Permission.All.Count;

    private IReadOnlyList<Role> OwnRoles => [.. Roles.Skip(BuiltInRoles.All.Count)];

    private static IReadOnlyList<T> Replace<T>(IReadOnlyList<T> all, T? before, T? after)
        where T : class =>
        [.. all.Where(x => IdOf(x) != IdOf(before)), .. after is null ? Array.Empty<T>() : [after]];

    private static string? IdOf(object? resource) => resource switch
    {
        User x => x.Id,
        Group x => x.Id,
        Role x => x.Id,
        ApiKey x => x.Id,
        _ => null,
    };

    private static ClaimsPrincipal PrincipalOf(
        Actor actor, string authentication, string? session, IEnumerable<string> roles, IEnumerable<Permission> permissions,
        IEnumerable<string> paths) =>
        new(new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, actor.Id),
                new Claim(ClaimTypes.Name, actor.Name),
                new Claim(RequestAudit.ActorKindClaim, actor.Kind),
                new Claim(RequestAudit.AuthenticationClaim, authentication),
                .. session is null ? Array.Empty<Claim>() : [new Claim(RequestAudit.SessionClaim, session)],
                .. roles.Select(x => new Claim(ClaimTypes.Role, x)),
                .. permissions.Select(x => new Claim(EndpointPermissions.ClaimType, x.Name)),
                .. paths.Select(x => new Claim(RequestAudit.PathClaim, x)),
            ],
            authentication));
}
