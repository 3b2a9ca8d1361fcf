using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel.Http;
using Notify.Kernel.Texts;

namespace Notify.Access.People;

/// <summary><c>GET /permissions</c>: the permissions that a role can contain.</summary>
internal static class PermissionEndpoints
{
    /// <param name="Description">In the caller's language.</param>
    public sealed record Item(string Name, string Description, BilingualText Descriptions, IReadOnlyList<NeedingEndpoint> Endpoints);

    /// <param name="When">Which requests need it, in addition to the permission that all need; absent: every request.</param>
    public sealed record NeedingEndpoint(string Method, string Path, string? When = null);

    public sealed record Answer(IReadOnlyList<Item> Items);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/permissions", (HttpContext http, EndpointDataSource endpoints) => Of(endpoints, http.PrefersChinese()))
            .WithTags("roles").Requires(Permission.PeopleRead)
            .Document("listPermissions", "List the permissions", "Each permission, what it allows, and the endpoints that need it.");

    private static Answer Of(EndpointDataSource endpoints, bool chinese)
    {
        var needed = endpoints.Endpoints.OfType<RouteEndpoint>().SelectMany(NeedsOf).ToLookup(x => x.Permission, x => x.Endpoint);
        return new Answer([.. Permission.All.Select(x => new Item(
            x.Name, x.Descriptions.In(chinese), x.Descriptions,
            [.. needed[x].Distinct().OrderBy(y => y.Path, StringComparer.Ordinal).ThenBy(y => y.Method, StringComparer.Ordinal)]))]);
    }

    private static IEnumerable<(Permission Permission, NeedingEndpoint Endpoint)> NeedsOf(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<RequiredPermission>() is not { } required) yield break;
        var path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}";
        foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
        {
            yield return (required.Permission, new NeedingEndpoint(method, path));
            foreach (var more in endpoint.Metadata.GetOrderedMetadata<ConditionalPermission>())
                yield return (more.Permission, new NeedingEndpoint(method, path, more.When));
        }
    }
}
