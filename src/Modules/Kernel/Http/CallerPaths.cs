using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>
/// Callers who are limited to some paths (<see cref="RequestAudit.PathClaim"/>). An endpoint that shows or changes alarms, notifications or their
/// history declares with <see cref="KeepsToPaths"/> that it respects <see cref="PathLimit.Current"/>; others are closed to such callers.
/// </summary>
public static class CallerPaths
{
    /// <summary>Prefixes of permissions whose endpoints show nothing about alarms.</summary>
    private static readonly string[] withoutAlarms = ["configuration.", "people."];

    private sealed record Kept;

    /// <summary>Declares that the endpoint shows and changes nothing outside the caller's paths.</summary>
    public static T KeepsToPaths<T>(this T endpoint)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new Kept());

    /// <summary>Middleware, after authentication.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next) =>
        http.User.HasClaim(static x => x.Type == RequestAudit.PathClaim) ? LimitedAsync(http, next) : next(http);

    /// <summary>Whether the endpoint is closed to callers who are limited to paths.</summary>
    public static bool IsClosed(Endpoint? endpoint, Permission permission) => endpoint?.Metadata.GetMetadata<Kept>() is null
        && !Array.Exists(withoutAlarms, x => permission.Name.StartsWith(x, StringComparison.Ordinal));

    /// <summary>Why the endpoint is closed to this caller, who has the permission; null: it is not.</summary>
    public static string? FaultOf(HttpContext http, Permission permission) =>
        http.User.HasClaim(static x => x.Type == RequestAudit.PathClaim) && IsClosed(http.GetEndpoint(), permission)
            ? "This shows or changes data outside the paths that you are limited to." : null;

    private static async Task LimitedAsync(HttpContext http, RequestDelegate next)
    {
        PathLimit.To(http.User.FindAll(RequestAudit.PathClaim).Select(x => x.Value)).Apply();
        await next(http);
    }
}
