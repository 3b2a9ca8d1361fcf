using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Notify.Kernel.Http;

/// <summary>Marks the endpoints that imitate another API, whose errors are a JSON string instead of a problem document.</summary>
public sealed class TextErrors;

/// <summary>Turns an error into an RFC 9457 problem document. It reveals nothing internal: no stack trace, SQL or address.</summary>
public static class ProblemResponses
{
    private sealed record Problem(
        string Type,
        string Title,
        int Status,
        string? Detail,
        [property: JsonPropertyName("traceId")] string TraceId,
        IDictionary<string, string[]>? Errors,
        long? ErrorsLeftOut);

    private const int LongestDetail = 4000;

    /// <summary>Middleware, outermost.</summary>
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next, StoreState store, ILogger logger)
    {
        // The trace id, which is in every log line about this request and in the problem document.
        using var activity = Activity.Current is null ? new Activity("request").Start() : null;
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
                await WriteAsync(http, OfStatus(http));
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            if (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested) return;
            var problem = Of(e);
            if (StoreFault.IsStoreDown(e)) store.Failed(e);
            if (problem.Status >= 500 || e is IRefusal) logger.LogError(
                e, "{Method} {Path} failed with {Status}", http.Request.Method, AcknowledgeLinks.Loggable(http.Request.Path.Value ?? ""),
                problem.Status);
            await WriteAsync(http, problem);
        }
    }

    /// <summary>Sets the detail of a refusal for which only the status is set.</summary>
    public static void Explain(HttpContext http, string detail) => http.Items[typeof(ProblemResponses)] = detail;

    public static Task WriteAsync(HttpContext http, ProblemException problem)
    {
        http.Response.StatusCode = problem.Status;
        if (problem.RetryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (http.GetEndpoint()?.Metadata.GetMetadata<TextErrors>() is not null)
            return http.Response.WriteAsJsonAsync(problem.Detail ?? problem.Title, NotifyJson.Options, http.RequestAborted);
        http.Response.Headers.ContentLanguage = http.PrefersChinese() ? "zh" : "en";
        var body = new Problem(
            $"https://httpstatuses.io/{problem.Status}",
            http.InCallersLanguage(problem.Title),
            problem.Status,
            problem.Detail is { } detail ? Kernel.Errors.Cut(http.InCallersLanguage(detail), LongestDetail) : null,
            Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier,
            problem.Errors is { } errors ? http.InCallersLanguage(errors) : null,
            problem.ErrorsLeftOut > 0 ? problem.ErrorsLeftOut : null);
        return http.Response.WriteAsJsonAsync(body, NotifyJson.Options, "application/problem+json", http.RequestAborted);
    }

    private static ProblemException Of(Exception e) => e switch
    {
        ProblemException problem => problem,
        IRefusal stored => stored.Refusal,
        BadHttpRequestException { StatusCode: 413 } => new(413, "Too large.", "The body is larger than this endpoint accepts."),
        BadHttpRequestException bad => new(bad.StatusCode, "The request is not valid.", "The request could not be read."),
        _ when StoreFault.Passes(e) => ProblemException.Unavailable($"{StoreState.Describe(e)} Nothing was changed; try again shortly."),
        _ when IsOfFile(e) => ProblemException.Unavailable(
            "This node cannot read or write one of its files: its disk may be full, or the file's permissions were changed. The log names the file."),
        _ => new(500, "Internal error.", "An internal error occurred. The log contains it under the trace id."),
    };

    /// <summary>Connections and cut data fail with an <see cref="IOException"/> too, but of types of their own.</summary>
    private static bool IsOfFile(Exception e) => e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException
        || e.GetType() == typeof(IOException);

    private static ProblemException OfStatus(HttpContext http) => http.Response.StatusCode switch
    {
        401 => new(401, "Not authenticated.", http.Items[typeof(ProblemResponses)] as string
            ?? "No credentials were sent. Send an API key: Authorization: Bearer ntf_…"),
        429 => new(429, "Too many requests.", http.Items[typeof(ProblemResponses)] as string ?? "Try again after Retry-After seconds."),
        403 when http.Items[typeof(ProblemResponses)] is string why => new(403, "Not allowed.", why),
        403 when http.GetEndpoint()?.Metadata.GetMetadata<RequiredPermission>() is { } required => EndpointPermissions.Refusal(required.Permission),
        403 => new(403, "Not allowed."),
        404 => new(404, "Not found.", "There is no resource at this address."),
        405 => new(405, "Method not allowed.", $"{http.Request.Method} is not possible here."),
        415 => new(415, "Unsupported media type.", "The body must be JSON, with Content-Type: application/json."),
        var status => new(status, Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status)),
    };
}
