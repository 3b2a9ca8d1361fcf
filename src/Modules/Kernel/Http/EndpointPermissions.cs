using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Notify.Kernel.Http;

/// <summary>The endpoint requires this permission. No record, since each request puts it into a set, and would hash the permission's name.</summary>
public sealed class RequiredPermission(Permission permission) : IAuthorizationRequirement, IAuthorizationRequirementData
{
    public Permission Permission => permission;

    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

/// <summary>Some requests to the endpoint also require this permission.</summary>
/// <param name="When">Completes "also needed …", as in <c>for mode redeliver</c>.</param>
public sealed record ConditionalPermission(Permission Permission, string When);

/// <summary>The endpoint is open to everybody.</summary>
public sealed record OpenEndpoint(string Reason);

/// <summary>The endpoint is for everybody who has signed in, and concerns only the caller.</summary>
public sealed record OwnEndpoint(string Reason);

/// <summary>Every endpoint declares who may call it, with exactly one of <see cref="Requires"/>, <see cref="Own"/> and <see cref="Open"/>.</summary>
public static class EndpointPermissions
{
    /// <summary>The type of the claims that contain a caller's permissions.</summary>
    public const string ClaimType = "notify:permission";

    /// <summary>Callers without the permission are refused with 403; callers without credentials with 401.</summary>
    public static T Requires<T>(this T endpoint, Permission permission)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequiredPermission(permission));

    /// <summary>Some requests also require this permission: the endpoint calls <see cref="Demand"/> when it has recognised one.</summary>
    /// <inheritdoc cref="ConditionalPermission" path="/param"/>
    public static T MayRequire<T>(this T endpoint, Permission permission, string when)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ConditionalPermission(permission, when));

    /// <param name="reason">Why no authentication is needed.</param>
    public static T Open<T>(this T endpoint, string reason)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OpenEndpoint(reason)).AllowAnonymous();

    /// <param name="reason">Why no permission is needed.</param>
    public static T Own<T>(this T endpoint, string reason)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OwnEndpoint(reason));

    public static bool Has(this ClaimsPrincipal caller, Permission permission) => caller.HasClaim(ClaimType, permission.Name);

    /// <exception cref="ProblemException">403: the caller does not have it.</exception>
    public static void Demand(this HttpContext http, Permission permission)
    {
        if (http.User.Has(permission)) return;
        Missed(http, permission);
        throw Refusal(permission);
    }

    /// <summary>Records with the request which permission its caller lacks.</summary>
    public static void Missed(HttpContext http, Permission permission) => http.Items[typeof(Permission)] = permission;

    /// <summary>The missing permission for which the request was refused; null: it was not refused, or for another reason.</summary>
    public static Permission? MissedIn(HttpContext http) => http.Items[typeof(Permission)] as Permission;

    public static ProblemException Refusal(Permission permission) => new(403, "Not allowed.", $"This requires the permission {permission}.");

    /// <exception cref="StartException">Some endpoints do not declare who may call them, or do so twice.</exception>
    public static void CheckPermissions(this IEndpointRouteBuilder routes)
    {
        var faults = routes.DataSources.SelectMany(x => x.Endpoints).Where(x => !IsDeclared(x.Metadata)).Select(NameOf).Distinct().ToList();
        if (faults.Count > 0)
            throw new StartException(
                $"An endpoint must declare exactly one of .Requires(Permission.…), .Own(\"why\") and .Open(\"why\"). These do not: {string.Join(", ", faults)}.");
    }

    /// <summary>Method and address: <c>GET /api/v1/alarms/{id}</c>.</summary>
    public static string NameOf(Endpoint endpoint) => endpoint is not RouteEndpoint route ? endpoint.DisplayName ?? "?" :
        $"{string.Join(',', route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"])} /{route.RoutePattern.RawText!.Trim('/')}";

    private static bool IsDeclared(EndpointMetadataCollection metadata)
    {
        var (required, open) = (metadata.GetOrderedMetadata<RequiredPermission>().Count, metadata.GetOrderedMetadata<OpenEndpoint>().Count);
        var own = metadata.GetOrderedMetadata<OwnEndpoint>().Count;
        return (required, own, open, metadata.GetMetadata<IAllowAnonymous>()) is (1, 0, 0, null) or (0, 1, 0, null) or (0, 0, 1, not null);
    }
}
