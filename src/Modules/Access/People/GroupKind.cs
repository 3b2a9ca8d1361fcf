using System.Text.Json.Nodes;
using Marten;
using Notify.Contracts.Configuration;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Access.People;

public sealed class GroupKind(PeopleCache people) : ResourceKind<Group, GroupSettings>
{
    /// <summary>An example of a request, for the OpenAPI document.</summary>
    public const string Example = """
        { "name": "Maintenance", "description": "On duty for line 1", "members": ["user-…"], "roles": ["operator"], "oidcGroup": "plant-maintenance" }
        """;

    public override string Noun => "group";
    public override Permission Reading => Permission.PeopleRead;
    public override Permission Changing => Permission.PeopleManage;

    public override void Committed() => people.Forget();

    public override object Created(string name, string description, GroupSettings settings) => new GroupCreated(name, description, settings);
    public override object Changed(string name, string description, GroupSettings settings) => new GroupChanged(name, description, settings);
    public override object Enabled() => new GroupEnabled();
    public override object Disabled() => new GroupDisabled();
    public override object Deleted() => new GroupDeleted();

    public override async Task<GroupSettings?> ReadAsync(JsonObject body, GroupSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<GroupSettings>(body, "", errors);
        settings?.Validate(errors);
        if (settings is null) return null;
        var now = await people.WithinAsync(change.Session, change.Cancellation);
        var oidcGroup = settings.OidcGroup?.Trim();
        return settings with { Roles = now.ReadRoles(settings.Roles, errors), OidcGroup = oidcGroup is { Length: > 0 } ? oidcGroup : null };
    }

    public override JsonObject View(GroupSettings settings) => base.View(settings with { Roles = people.NamesOfRoles(settings.Roles) });

    public override JsonObject ViewWithIds(GroupSettings settings) => base.View(settings);

    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf) => RoleNames.ReplaceIds(settings, nameOf);

    public override Task LookUpAsync(IQuerySession session, CancellationToken cancellation) => people.LookUpRolesAsync(session, cancellation);

    public override async Task CheckReferencesAsync(GroupSettings settings, ResourceChange change, Errors errors)
    {
        var now = await people.WithinAsync(change.Session, change.Cancellation);
        now.CheckRoles(settings.Roles, errors);
        foreach (var (i, id) in settings.Members.Index())
            if (now.FindUser(id) is null) errors.Add($"members[{i}]", errors.IsFull ? "" : Ids.NoSuch("user", id));
    }

    public override Task GuardAsync(Group? before, Group? after, ResourceChange change) =>
        people.GuardAsync(change, x => x.GrantedBy(before?.Settings.Roles).Concat(x.GrantedBy(after?.Settings.Roles)), x => x.With(before, after));

    public override async Task<IReadOnlyList<ResourceUser>> UsedAsync(
        GroupSettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var now = await people.WithinAsync(session, cancellation);
        return
        [
            .. settings.Members.Select(now.FindUser).OfType<User>().Select(x => new ResourceUser("user", x.Id, x.Name, x.Enabled)),
            .. now.RolesOf(settings.Roles).Select(x => new ResourceUser("role", x.Id, x.Name, x.Enabled)),
        ];
    }

    public override async Task<IReadOnlyList<ResourceUser>> UsersAsync(
        string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var answer = await bus.InvokeAsync<ReferencesFound>(new FindReferences(Noun, id), cancellation);
        return [.. answer.Users.Select(x => new ResourceUser(x.Kind, x.Id, x.Name, x.Enabled))];
    }
}
