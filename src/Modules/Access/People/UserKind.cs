using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Contracts.Configuration;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Access.People;

public sealed class UserKind(PeopleCache people) : ResourceKind<User, UserSettings>
{
    /// <summary>An example of a request, for the OpenAPI document.</summary>
    public const string Example = """
        { "userName": "zhang.san", "name": "张三", "email": "zhang.san@example.com", "mobile": "+8613800138000", "wecomAccount": "zhangsan",
          "language": "zh", "timeZone": "Asia/Shanghai", "roles": ["operator"], "paths": ["Site1/**"], "signIn": "password" }
        """;

    public override string Noun => "user";
    public override Permission Reading => Permission.PeopleRead;
    public override Permission Changing => Permission.PeopleManage;
    public override string UniqueField => "userName";

    public override void Committed() => people.Forget();

    public override object Created(string name, string description, UserSettings settings) => new UserCreated(name, description, settings);
    public override object Changed(string name, string description, UserSettings settings) => new UserChanged(name, description, settings);
    public override object Enabled() => new UserEnabled();
    public override object Disabled() => new UserDisabled();
    public override object Deleted() => new UserDeleted();

    public override async Task<UserSettings?> ReadAsync(JsonObject body, UserSettings? current, ResourceChange change, Errors errors)
    {
        if (Read<UserInput>(body, "", errors)?.Checked(errors) is not { } input) return null;
        var now = await people.WithinAsync(change.Session, change.Cancellation);
        return input.Kept(now.ReadRoles(input.Roles, errors));
    }

    public override JsonObject View(UserSettings settings) => View(settings, people.NamesOfRoles(settings.Roles));

    public override JsonObject ViewWithIds(UserSettings settings) => View(settings, settings.Roles);

    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf) => RoleNames.ReplaceIds(settings, nameOf);

    public override Task LookUpAsync(IQuerySession session, CancellationToken cancellation) => people.LookUpRolesAsync(session, cancellation);

    public override async Task CheckReferencesAsync(UserSettings settings, ResourceChange change, Errors errors) =>
        (await people.WithinAsync(change.Session, change.Cancellation)).CheckRoles(settings.Roles, errors);

    public override Task GuardAsync(User? before, User? after, ResourceChange change) => people.GuardAsync(
        change, x => Of(x, before).Concat(Of(x, after)), x => x.With(before, after), before?.Settings.Paths, after?.Settings.Paths);

    public override async Task<IReadOnlyList<ResourceUser>> UsedAsync(
        UserSettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
    [
        .. (await people.WithinAsync(session, cancellation)).RolesOf(settings.Roles).Select(x => new ResourceUser("role", x.Id, x.Name, x.Enabled)),
    ];

    public override async Task<IReadOnlyList<ResourceUser>> UsersAsync(
        string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var groups = (await people.WithinAsync(session, cancellation)).Groups.Where(x => x.Settings.Members.Contains(id));
        var answer = await bus.InvokeAsync<ReferencesFound>(new FindReferences(Noun, id), cancellation);
        return
        [
            .. groups.Select(x => new ResourceUser("group", x.Id, x.Name, x.Enabled)),
            .. answer.Users.Select(x => new ResourceUser(x.Kind, x.Id, x.Name, x.Enabled)),
        ];
    }

    private static JsonObject View(UserSettings settings, IReadOnlyList<string> roles) =>
        JsonSerializer.SerializeToNode(UserInput.Of(settings, roles), NotifyJson.Options)!.AsObject();

    /// <summary>The permissions that the person has, or would have if enabled: whoever can change a person may be able to sign in as them.</summary>
    private static IEnumerable<Permission> Of(PeopleSnapshot now, User? user) =>
        user is null ? [] : now.GrantedBy(user.Settings.Roles).Concat(now.GroupsOf(user.Id).SelectMany(x => now.GrantedBy(x.Settings.Roles)));
}
