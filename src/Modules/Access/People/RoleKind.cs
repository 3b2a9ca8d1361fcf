using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Access.People;

public sealed class RoleKind(PeopleCache people) : ResourceKind<Role, RoleSettings>
{
    /// <summary>An example of a request, for the OpenAPI document.</summary>
    public const string Example = """
        { "name": "shift leader", "description": "Operators who may also read the history",
          "permissions": ["alarms.read", "alarms.acknowledge", "alarms.shelve", "notifications.read", "history.read"] }
        """;

    public override string Noun => "role";
    public override Permission Reading => Permission.PeopleRead;
    public override Permission Changing => Permission.PeopleManage;
    public override IReadOnlyList<Role> BuiltIn => BuiltInRoles.All;

    public override void Committed() => people.Forget();

    public override object Created(string name, string description, RoleSettings settings) => new RoleCreated(name, description, settings);
    public override object Changed(string name, string description, RoleSettings settings) => new RoleChanged(name, description, settings);
    public override object Enabled() => new RoleEnabled();
    public override object Disabled() => new RoleDisabled();
    public override object Deleted() => new RoleDeleted();

    public override Task<RoleSettings?> ReadAsync(JsonObject body, RoleSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<RoleSettings>(body, "", errors);
        settings?.Validate(errors);
        return Task.FromResult(settings);
    }

    public override Task GuardAsync(Role? before, Role? after, ResourceChange change) => people.GuardAsync(
        change, _ => (before?.Settings.Permissions ?? []).Concat(after?.Settings.Permissions ?? []).Select(Permission.Find).OfType<Permission>(),
        x => x.With(before, after));

    public override async Task<IReadOnlyList<ResourceUser>> UsersAsync(
        string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var now = await people.WithinAsync(session, cancellation);
        return
        [
            .. now.Users.Where(x => x.Settings.Roles.Contains(id)).Select(x => new ResourceUser("user", x.Id, x.Name, x.Enabled)),
            .. now.Groups.Where(x => x.Settings.Roles.Contains(id)).Select(x => new ResourceUser("group", x.Id, x.Name, x.Enabled)),
            .. now.Keys.Where(x => x.Settings.Roles.Contains(id)).Select(x => new ResourceUser("API key", x.Id, x.Name, x.Enabled)),
        ];
    }
}
