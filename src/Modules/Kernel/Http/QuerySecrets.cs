using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Http;

/// <summary>Masks each known secret in the query, however it is percent-encoded, since queries may be recorded.</summary>
public static class QuerySecrets
{
    /// <summary>Middleware, before anything that reads the query.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.QueryString.HasValue) Mask(http.Request, http.RequestServices.GetRequiredService<KnownSecrets>());
        return next(http);
    }

    private static void Mask(HttpRequest request, KnownSecrets known)
    {
        var hasSecret = false;
        var masked = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Query)
            masked[MaskOne(name)] = new([.. values.Select(x => x is null ? null : MaskOne(x))]);
        // This also rewrites the query string.
        if (hasSecret) request.Query = new QueryCollection(masked);

        string MaskOne(string text)
        {
            var left = known.Mask(text);
            hasSecret |= !ReferenceEquals(left, text);
            return left;
        }
    }
}
