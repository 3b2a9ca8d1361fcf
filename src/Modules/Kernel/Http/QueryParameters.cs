using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>The query parameters of an endpoint, used by the check, the reader and the OpenAPI document.</summary>
public sealed record QueryParameters(IReadOnlyList<QueryParameter> All)
{
    public static readonly QueryParameters None = new([]);

    public IReadOnlyList<string> Names { get; } = [.. All.Select(x => x.Name)];

    public static QueryParameters Of(EndpointMetadataCollection metadata) => metadata.GetMetadata<QueryParameters>() ?? None;
}

/// <summary>
/// The endpoint implements another product's format, whose senders may send more than Notify knows: unknown fields and parameters are ignored, as in
/// that product. Accepting an alarm matters more than reporting a fault in a webhook's address.
/// </summary>
public sealed record ForeignFormat;

/// <summary>
/// Refuses unknown query parameters below <c>/api/</c> before anything is done: a mistyped <c>?dry_run=true</c> must not apply a change, nor
/// <c>?user=bob</c> show everybody. An endpoint that declares none accepts none.
/// </summary>
public static class UnknownParameters
{
    /// <summary>Middleware, after authorization, so that callers without permission learn nothing about an address.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.QueryString.HasValue && http.GetEndpoint() is { } endpoint && IsChecked(http.Request.Path, endpoint)) Check(
            http.Request.Query, endpoint);
        return next(http);
    }

    private static bool IsChecked(PathString path, Endpoint endpoint) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && endpoint.Metadata.GetMetadata<ForeignFormat>() is null;

    /// <exception cref="ProblemException">400, naming each.</exception>
    private static void Check(IQueryCollection query, Endpoint endpoint)
    {
        var (known, errors) = (QueryParameters.Of(endpoint.Metadata).Names, new Errors());
        foreach (var name in query.Keys)
            if (!known.Contains(name, StringComparer.Ordinal)) errors.Add(name, Misspelling.Of("parameter", name, known));
        errors.ThrowIfAny();
    }
}

public static class QueryParameterEndpoints
{
    /// <summary>Declares that the endpoint accepts these query parameters, and no others.</summary>
    public static T Query<T>(this T endpoint, params QueryParameter[] parameters)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new QueryParameters(parameters));

    /// <inheritdoc cref="ForeignFormat"/>
    public static T ForeignFormat<T>(this T endpoint)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ForeignFormat());

    /// <summary>A reader of the endpoint's parameters.</summary>
    public static QueryReader Query(this HttpContext http)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        var query = http.Request.Query;
        return new(x => query[x], metadata is null || metadata.GetMetadata<ForeignFormat>() is not null ? null : QueryParameters.Of(metadata).Names);
    }
}
