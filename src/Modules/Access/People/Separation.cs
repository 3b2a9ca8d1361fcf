using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>The rules for changes of people where the three administrators are separated.</summary>
internal static class Separation
{
    /// <summary>The origin of permissions of a holder: a role, or a single permission that a key or a role contains.</summary>
    /// <param name="Name">The name of the role or the permission.</param>
    /// <param name="Exclusive">Its permissions that belong to one of the three administrators.</param>
    private sealed record Source(string Name, IReadOnlyList<Permission> Exclusive)
    {
        /// <summary>The name, with one permission as an example for each administrator.</summary>
        public override string ToString() => Exclusive is [var only] && only.Name == Name
            ? Name : $"{Name} ({string.Join(", ", Exclusive.DistinctBy(AdministratorDomain.Of).Select(x => x.Name))})";
    }

    /// <param name="Resource">A person, group, role or key.</param>
    /// <param name="Sources">Only sources with exclusive permissions.</param>
    private sealed record Holder(object Resource, string Name, IReadOnlyList<Source> Sources)
    {
        public bool IsMixed => AdministratorDomain.AreMixed(Sources.SelectMany(x => x.Exclusive));

        public string Mixture => string.Join(", ", Sources.DistinctBy(x => x.Name));
    }

    /// <summary>Nobody gets permissions of two administrators, by whatever way; nobody grants themselves permissions; and since the creator of a key
    /// sees it, a key has no permissions of an administrator that its creator is not.</summary>
    /// <exception cref="ProblemException">400: names the field; 403.</exception>
    public static void Check(PeopleSnapshot before, PeopleSnapshot after, Actor actor)
    {
        CheckMixtures(before, after);
        if (actor.Kind == Actor.SystemKind) return;
        var gained = after.PermissionsOf(actor).Except(before.PermissionsOf(actor)).Select(x => x.Name).ToList();
        if (gained.Count > 0) throw new ProblemException(
            403, "Not allowed.", $"Administrators are separated: nobody gives themselves permissions. These would be new: {string.Join(", ", gained)}.");
        var own = before.PermissionsOf(actor);
        foreach (var key in after.Keys.Except(before.Keys).Where(x => x.Enabled))
        {
            var others = after.GrantedBy(key.Settings).Where(x => AdministratorDomain.Of(x) is not null && !own.Contains(x))
                .Select(x => x.Name).Distinct().ToList();
            if (others.Count > 0) throw new ProblemException(
                403, "Not allowed.",
                $"Administrators are separated: a key is shown to who makes it, and has nothing of another administrator: {string.Join(", ", others)}.");
        }
    }

    /// <summary>The holders of permissions of two administrators, for the log.</summary>
    public static IEnumerable<(string Kind, string Name, string Mixture)> Mixtures(PeopleSnapshot people) =>
        from x in Holders(people)
        where x.IsMixed && x.Resource is User { Enabled: true } or ApiKey { Enabled: true }
        select (x.Resource is User ? "user" : "API key", x.Name, x.Mixture);

    private static void CheckMixtures(PeopleSnapshot before, PeopleSnapshot after)
    {
        foreach (var holder in Holders(after).Where(x => x.IsMixed && x.Resource is not ApiKey { Enabled: false }))
        {
            // An unchanged mixture from before the separation does not prevent other changes of its holder.
            if (Holders(before).Any(x => IdOf(x.Resource) == IdOf(holder.Resource) && x.Mixture == holder.Mixture)) continue;
            throw ProblemException.Invalid(FieldOf(holder.Resource, before, after), IsNew(holder.Resource, before)
                ? $"Permissions of the system, the security and the audit administrator exclude each other. This mixes them: {holder.Mixture}."
                : $"Permissions of the system, the security and the audit administrator exclude each other. '{holder.Name}' would mix them: {holder.Mixture}.");
        }
    }

    private static string FieldOf(object holder, PeopleSnapshot before, PeopleSnapshot after)
    {
        if (IsNew(holder, before)) return holder is Role || holder is ApiKey { Settings.Roles: [] } ? "permissions" : "roles";
        if (holder is User user && after.Groups.Except(before.Groups).SingleOrDefault() is { } group)
            return before.GroupsOf(user.Id).Any(x => x.Id == group.Id) ? "roles" : "members";
        return "permissions";
    }

    /// <summary>Whether this resource itself was changed, and not only something that it refers to.</summary>
    private static bool IsNew(object resource, PeopleSnapshot before) =>
        !before.Roles.Contains(resource) && !before.Groups.Contains(resource) && !before.Users.Contains(resource)
        && !before.Keys.Contains(resource);

    /// <summary>Disabled resources count as enabled, or a mixture could be made and enabled later. Changed resources come first.</summary>
    private static IEnumerable<Holder> Holders(PeopleSnapshot people) =>
    [
        .. people.Roles.Skip(BuiltInRoles.All.Count).Select(x => new Holder(x, x.Name, [.. Of(x.Settings.Permissions)])),
        .. people.Groups.Select(x => new Holder(x, x.Name, [.. Of(people.RolesOf(x.Settings.Roles))])),
        .. people.Users.Select(x => new Holder(
            x, x.Name, [.. Of(people.RolesOf(x.Settings.Roles.Concat(people.GroupsOf(x.Id).SelectMany(y => y.Settings.Roles))))])),
        .. people.Keys.Select(x => new Holder(x, x.Name, [.. Of(people.RolesOf(x.Settings.Roles)), .. Of(x.Settings.Permissions)])),
    ];

    private static IEnumerable<Source> Of(IEnumerable<Role> roles) =>
        roles.Select(x => new Source(x.Name, Exclusive(x.Settings.Permissions))).Where(x => x.Exclusive.Count > 0);

    private static IEnumerable<Source> Of(IEnumerable<string> permissions) =>
        permissions.Select(x => new Source(x, Exclusive([x]))).Where(x => x.Exclusive.Count > 0);

    private static List<Permission> Exclusive(IEnumerable<string> permissions) =>
        [.. permissions.Select(Permission.Find).OfType<Permission>().Where(x => AdministratorDomain.Of(x) is not null)];

    private static string IdOf(object resource) => resource switch
    {
        User x => x.Id,
        Group x => x.Id,
        Role x => x.Id,
        ApiKey x => x.Id,
        _ => "",
    };
}
