using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>The query parameters that an endpoint takes. The check, the reader and the OpenAPI document know them from here.</summary>
public sealed record QueryParameters(IReadOnlyList<QueryParameter> All)
{
    public static readonly QueryParameters None = new([]);

    public IReadOnlyList<string> Names { get; } = [.. All.Select(x => x.Name)];

    public static QueryParameters Of(EndpointMetadataCollection metadata) => metadata.GetMetadata<QueryParameters>() ?? None;
}

/// <summary>
/// The endpoint speaks the language of another product, whose senders say more than Notify knows: unknown fields and parameters are ignored, as
/// that product does. An alarm that arrives is worth more than the fault in the address of a webhook.
/// </summary>
public sealed record ForeignFormat;

/// <summary>
/// Whatever an address under <c>/api/</c> does not take is refused before anything is done: <c>?dry_run=true</c> may not apply what was only to be
/// tried, nor <c>?user=bob</c> show everybody. An endpoint that says nothing takes no parameters.
/// </summary>
public static class UnknownParameters
{
    /// <summary>Middleware, after authorization: who may not come in learns nothing of an address.</summary>
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
    /// <summary>The endpoint takes these query parameters, and no others.</summary>
    public static T Query<T>(this T endpoint, params QueryParameter[] parameters)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new QueryParameters(parameters));

    /// <inheritdoc cref="ForeignFormat"/>
    public static T ForeignFormat<T>(this T endpoint)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ForeignFormat());

    /// <summary>A reader of the parameters that the endpoint takes.</summary>
    public static QueryReader Query(this HttpContext http)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        var query = http.Request.Query;
        return new(x => query[x], metadata is null || metadata.GetMetadata<ForeignFormat>() is not null ? null : QueryParameters.Of(metadata).Names);
    }
}
