using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Http;

/// <summary>Who sends the request, from where and why; read once and kept with the request.</summary>
public static class RequestAudit
{
    public const string ActorKindClaim = "notify:actor-kind";

    /// <summary>How the caller was authenticated.</summary>
    public const string AuthenticationClaim = "notify:authentication";

    /// <summary>The id of the request's session.</summary>
    public const string SessionClaim = "notify:session";

    /// <summary>A pattern of the alarms that the caller is limited to; a caller without any is not limited.</summary>
    public const string PathClaim = "notify:path";

    private const string CorrelationHeader = "X-Correlation-Id";
    private const string ReasonHeader = "X-Change-Reason";
    private const int LongestClient = 100;

    public static AuditContext Audit(this HttpContext http) =>
        http.Items[typeof(AuditContext)] as AuditContext
            ?? throw new InvalidOperationException("The request has no audit context: is UseRequestAudit in the pipeline?");

    /// <summary>Null if the request was refused before the context was set.</summary>
    public static AuditContext? TryAudit(this HttpContext http) => http.Items[typeof(AuditContext)] as AuditContext;

    /// <summary>The context of a request from an unauthenticated caller.</summary>
    public static AuditContext OfNobody(HttpContext http) =>
        new(http.User.Actor(), NewCorrelation(http), SourceIp: AddressOf(http),
            Client: ClientOf(http));

    /// <summary>Records with a refused request whose credentials were presented.</summary>
    public static void NotePresented(HttpContext http, Actor known) => http.Items[typeof(Actor)] = known;

    /// <summary>The context of a refused request: with the actor whose credentials were presented, if known.</summary>
    public static AuditContext OfRefused(HttpContext http)
    {
        var audit = http.TryAudit() ?? OfNobody(http);
        return http.Items[typeof(Actor)] is Actor known ? audit with { Actor = known } : audit;
    }

    public static Actor Actor(this ClaimsPrincipal user) =>
        new(user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "anonymous", user.Identity?.Name ?? "anonymous",
            user.FindFirstValue(ActorKindClaim) ?? Kernel.Actor.AnonymousKind);

    /// <summary>Middleware, after authentication. 400 if the reason or the correlation id is malformed.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Request.Headers;
        var known = http.RequestServices.GetRequiredService<KnownSecrets>();
        // Masking keeps the length and stays in visible ASCII.
        string correlation = headers[CorrelationHeader].ToString() is { Length: > 0 } given ? known.Mask(given) : NewCorrelation(http);
        if (correlation.Length > 128 || correlation.Any(c => c is < '!' or > '~'))
            throw ProblemException.Invalid(CorrelationHeader, "A correlation id has 1 to 128 visible ASCII characters.");
        http.Response.Headers[CorrelationHeader] = correlation;
        var reason = known.Strike(DecodeReason(headers[ReasonHeader].ToString()));
        http.Items[typeof(AuditContext)] = new AuditContext(
            http.User.Actor(),
            correlation,
            SourceIp: AddressOf(http),
            Reason: reason,
            Client: ClientOf(http),
            TraceParent: Telemetry.TraceParent,
            Authentication: AuthenticationOf(http.User),
            Session: http.User.FindFirstValue(SessionClaim));
        return next(http);
    }

    private static string NewCorrelation(HttpContext http) =>
        Ids.NewGuid(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()).ToString("N");

    public static string? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;

    private static string? AuthenticationOf(ClaimsPrincipal user) =>
        user.FindFirstValue(AuthenticationClaim) is { } how && how != user.FindFirstValue(ActorKindClaim) ? how : null;

    /// <summary>Header values are ASCII; a reason in another script is percent-encoded UTF-8 or raw UTF-8, and both are accepted.</summary>
    private static string? DecodeReason(string value)
    {
        if (value.Length == 0) return null;
        var text = Uri.UnescapeDataString(value).Trim();
        if (text.EnumerateRunes().Count() > 500) throw ProblemException.Invalid(ReasonHeader, "A reason has at most 500 characters.");
        if (text.Any(char.IsControl)) throw ProblemException.Invalid(ReasonHeader, "A reason may not contain control characters.");
        return text.Length == 0 ? null : text;
    }

    /// <summary>Secrets are removed before it is cut, since the rest of a cut secret might not be recognised.</summary>
    private static string? ClientOf(HttpContext http) =>
        http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent
            ? Errors.Cut(http.RequestServices.GetRequiredService<KnownSecrets>().Strike(agent), LongestClient) : null;
}
