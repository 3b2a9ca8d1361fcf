using Marten;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Access.SignIns;

/// <summary>Requests came with credentials that are unknown or revoked. Stream <c>refusal-…</c>.</summary>
/// <param name="Count">How many, from <paramref name="FirstAt"/> to <paramref name="LastAt"/>.</param>
public sealed record SignInFailed(string Method, string Path, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Requests were refused: as not allowed (401, 403), or as invalid changes (400, 404, 409, 412, 413, 415, 428). Stream
/// <c>refusal-…</c>.</summary>
/// <param name="Path">The route of the endpoint, without ids; <c>*</c>: several, counted together.</param>
public sealed record RequestRefused(string Method, string Path, int Status, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Requests were refused (403) because the caller lacks a permission. Stream <c>refusal-…</c>.</summary>
/// <param name="Path">As in <see cref="RequestRefused"/>.</param>
public sealed record PermissionMissed(string Method, string Path, string Permission, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Marks endpoints that take credentials in the body: a 401 there is a failed sign-in.</summary>
public sealed record TakesCredentials;

/// <summary>
/// Records refused requests: one event for each actor, address, endpoint and status a minute, at most <see cref="MaxPerMinute"/>, and beyond that one
/// event for each status. So a flood of refused requests can neither hide a refusal nor fill the disk. Since a refused request changes nothing, it
/// may be recorded later: the first of a kind within seconds, the count of the rest within a minute.
/// </summary>
public sealed class Refusals(IDocumentStore store, EventBatches batches, TimeProvider time, ILogger<Refusals> logger)
    : CountedRecords<Refusals.Kind>("refused requests", "refusal", TimeSpan.FromMinutes(1), store, batches, time, logger)
{
    private const int MaxPerMinute = 100;

    private static readonly int[] ofChanges = [400, 404, 409, 412, 413, 415, 428];

    private readonly RefusalLines lines = new(time, logger);

    public sealed record Kind(
        string Actor, string? Address, string Method, string Path, int Status, bool WithCredentials, string? Permission = null);

    /// <summary>Middleware, outermost, so that it sees the final status.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var status = http.Response.StatusCode;
        if (status < 400) return;
        var changes = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
            && !HttpMethods.IsOptions(http.Request.Method);
        if (status is not (401 or 403 or 429) && !(changes && ofChanges.Contains(status))) return;
        // By route, or each nonexistent address would be a kind of its own.
        Telemetry.Observe((Self: this, http, status), static x => x.Self.Note(
            RequestAudit.OfRefused(x.http), x.http.Request.Method,
            (x.http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/') ?? "*", x.status,
            (x.http.Request.Headers.Authorization.Count > 0 && x.http.User.Identity is not { IsAuthenticated: true })
                || x.http.GetEndpoint()?.Metadata.GetMetadata<TakesCredentials>() is not null,
            EndpointPermissions.MissedIn(x.http)?.Name));
    }

    protected override Task RecordAsync(bool all)
    {
        lines.Tell();
        return base.RecordAsync(all);
    }

    protected override (Kind Kind, AuditContext Audit) Bound(
        Kind kind, AuditContext audit, IReadOnlyDictionary<Kind, Counted> waiting, ICollection<Kind> recorded) =>
        !waiting.ContainsKey(kind) && !recorded.Contains(kind) && waiting.Keys.Union(recorded).Count() >= MaxPerMinute
            ? (new Kind("", null, "*", "*", kind.Status, kind.WithCredentials), AuditContext.OfSystem(audit.CorrelationId)) : (kind, audit);

    protected override object EventOf(Kind kind, Counted counted, bool isRepeat)
    {
        var (count, first, last) = (counted.Count, counted.FirstAt, counted.LastAt);
        return kind.WithCredentials ? new SignInFailed(kind.Method, kind.Path, count, first, last)
            : kind.Permission is { } permission ? new PermissionMissed(kind.Method, kind.Path, permission, count, first, last)
            : new RequestRefused(kind.Method, kind.Path, kind.Status, count, first, last);
    }

    private void Note(AuditContext audit, string method, string path, int status, bool withCredentials, string? permission)
    {
        if (status is 401 or 403 or 429) lines.Note(audit.SourceIp, method, path == "*" ? "another address" : path, status);
        Count(new Kind(audit.Actor.Id, audit.SourceIp, method, path, status, status is 401 or 429 && withCredentials, permission), audit);
    }
}
