using System.Text;
using Microsoft.AspNetCore.Routing;
using Notify.Access.People;
using Notify.Kernel.Http;

namespace Notify.Architecture.Tests;

/// <summary>docs/permissions.md: which role may call which endpoint.</summary>
internal static class PermissionDocument
{
    public static string Of(IEnumerable<RouteEndpoint> endpoints)
    {
        var text = new StringBuilder("""
            # Permissions

            Every endpoint requires exactly one permission. A caller's roles grant permissions; without the one an endpoint requires, the answer
            is 403 and names it. Beside the built-in roles below, which cannot be changed, there are roles of your own: `POST /api/v1/roles` takes any
            set of these permissions, and `GET /api/v1/permissions` lists them with their endpoints. People have the permissions of their roles and of
            the roles of their groups; API keys have those of their roles, and single permissions.

            This file is generated from the code: the permissions (`Permission` in `src/Modules/Kernel/Http`), the built-in roles (`BuiltInRoles` in
            `src/Modules/Access`) and what each endpoint declares. In the OpenAPI document each operation names its permission as `x-permission`.

            ## Roles


            """);
        foreach (var role in BuiltInRoles.All) text.Append($"- `{role.Name}`: {role.Description}\n");
        text.Append($"\n| permission | allows |{Headings()}\n| --- | --- |{Columns()}\n");
        foreach (var permission in Permission.All) text.Append($"| `{permission}` | {permission.Descriptions.En} |{Marks(permission)}\n");
        text.Append("""

            ### Of separated administrators

            With `Notify__SeparateAdministrators=true` nobody has permissions of two of these ([operations.md](operations.md#separated-administrators)):


            """);
        foreach (var role in (Role[])[BuiltInRoles.SystemAdministrator, BuiltInRoles.SecurityAdministrator, BuiltInRoles.AuditAdministrator])
            text.Append($"- `{role.Name}`: {string.Join(", ", role.Grants().Where(x => AdministratorDomain.Of(x) is not null).Select(x => $"`{x}`"))}\n");
        text.Append($"\n## Endpoints\n\n| endpoint | permission |{Headings()}\n| --- | --- |{Columns()}\n");
        var all = endpoints.ToList();
        foreach (var (name, endpoint, required) in Guarded(all))
        {
            text.Append($"| `{name}` | `{required}` |{Marks(required)}\n");
            foreach (var more in endpoint.Metadata.OfType<ConditionalPermission>())
                text.Append($"| `{name}` {more.When} | `{more.Permission}` too |{Marks(more.Permission)}\n");
        }

        text.Append("\n## For everybody who has signed in\n\n| endpoint | why |\n| --- | --- |\n");
        var own = all.Select(x => (Name: EndpointPermissions.NameOf(x), Own: x.Metadata.GetMetadata<OwnEndpoint>()));
        foreach (var (name, reason) in own.Where(x => x.Own is not null).DistinctBy(x => x.Name).OrderBy(x => x.Name, StringComparer.Ordinal))
            text.Append($"| `{name}` | {reason!.Reason} |\n");
        text.Append("""

            ## Limited to paths

            People and keys can be limited to paths (`paths`). They see, report and act on what is below them; for them the rest does not exist: lists and
            counts leave it out, and an id of it is answered with 404. These endpoints are closed to them, since they show or change what
            lies elsewhere:


            """);
        foreach (var (name, endpoint, required) in Guarded(all))
            if (CallerPaths.IsClosed(endpoint, required)) text.Append($"- `{name}`\n");

        text.Append("\n## Open to everybody\n\n| endpoint | why |\n| --- | --- |\n");
        var open = all.Select(x => (Name: EndpointPermissions.NameOf(x), Open: x.Metadata.GetMetadata<OpenEndpoint>()));
        foreach (var (name, reason) in open.Where(x => x.Open is not null).DistinctBy(x => x.Name).OrderBy(x => x.Name, StringComparer.Ordinal))
            text.Append($"| `{name}` | {reason!.Reason} |\n");
        text.Append("\n`GET /metrics` is open to callers on the same machine, and to everybody with `Notify__Metrics__Open=true`.\n");
        return text.ToString();
    }

    private static IEnumerable<(string Name, RouteEndpoint Endpoint, Permission Required)> Guarded(List<RouteEndpoint> endpoints) =>
        from endpoint in endpoints.OrderBy(x => x.RoutePattern.RawText!.TrimEnd('/'), StringComparer.Ordinal)
            .ThenBy(EndpointPermissions.NameOf, StringComparer.Ordinal)
        let required = endpoint.Metadata.GetMetadata<RequiredPermission>()?.Permission
        where required is not null
        select (EndpointPermissions.NameOf(endpoint), endpoint, required);

    private static string Headings() => string.Concat(BuiltInRoles.All.Select(x => $" {x.Name} |"));

    private static string Columns() => string.Concat(BuiltInRoles.All.Select(_ => " :-: |"));

    private static string Marks(Permission permission) =>
        string.Concat(BuiltInRoles.All.Select(x => x.Grants().Contains(permission) ? " ✓ |" : " |"));
}
