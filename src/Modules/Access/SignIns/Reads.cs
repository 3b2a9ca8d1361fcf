using Marten;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Access.SignIns;

/// <summary>Somebody has read the history, an export, what is kept of people, or secrets by their fingerprints. Stream <c>read-…</c>.</summary>
/// <param name="Path">The route of the endpoint, without ids.</param>
/// <param name="Id">The id of what was read, if it was one thing.</param>
/// <param name="Query">The decoded query string, cut to 500 characters. Null also in further events of a stream, which are about the query of its first
/// one: a person's name that was erased there must not come back.</param>
/// <param name="Count">How often, from <paramref name="FirstAt"/> to <paramref name="LastAt"/>.</param>
public sealed record RecordsRead(string Path, string? Id, string? Query, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Records who reads the history, exports, personal data and fingerprints of secrets: the first read within seconds, further ones of the
/// same caller and query once an hour, with their count.</summary>
public sealed class Reads(IDocumentStore store, EventBatches batches, IConfiguration configuration, TimeProvider time, ILogger<Reads> logger)
    : CountedRecords<Reads.Kind>("reads of the history", "read", TimeSpan.FromHours(1), store, batches, time, logger)
{
    /// <summary><c>false</c> turns this off; default <c>true</c>.</summary>
    public const string Setting = "Notify:Access:RecordReads";

    private const int MostKinds = 2000;
    private const int MostQuery = 500;

    private static readonly HashSet<Permission> onRecord = [Permission.HistoryRead, Permission.HistoryExport, Permission.PeopleRead];

    private readonly bool isOn = configuration.GetValue(Setting, true);

    public sealed record Kind(string Actor, string Path, string? Id, string? Query);

    /// <summary>Middleware, after authorization.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        return isOn && HttpMethods.IsGet(http.Request.Method) && http.GetEndpoint() is RouteEndpoint endpoint
            && (endpoint.Metadata.GetMetadata<FingerprintsShown>() is not null
                || (endpoint.Metadata.GetMetadata<RequiredPermission>() is { } required && onRecord.Contains(required.Permission)))
                ? RecordAsync(endpoint) : next(http);

        async Task RecordAsync(RouteEndpoint endpoint)
        {
            await next(http);
            if (http.Response.StatusCode is < 200 or >= 300) return;
            Telemetry.Observe((Self: this, http, endpoint), static x => x.Self.Note(
                x.http.Audit(), $"/{x.endpoint.RoutePattern.RawText!.Trim('/')}", x.http.Request.RouteValues.GetValueOrDefault("id")?.ToString(),
                x.http.Request.QueryString.HasValue ? QueryOf(x.http.Request.QueryString.Value!) : null));
        }
    }

    /// <summary>A caller with too many different queries is counted by route only.</summary>
    protected override (Kind Kind, AuditContext Audit) Bound(
        Kind kind, AuditContext audit, IReadOnlyDictionary<Kind, Counted> waiting, ICollection<Kind> recorded) =>
        !waiting.ContainsKey(kind) && waiting.Count + recorded.Count >= MostKinds ? (kind with { Id = null, Query = null }, audit) : (kind, audit);

    protected override object EventOf(Kind kind, Counted counted, bool isRepeat) =>
        new RecordsRead(kind.Path, kind.Id, isRepeat ? null : kind.Query, counted.Count, counted.FirstAt, counted.LastAt);

    /// <summary>As it was meant: an erasure looks for names as they are written.</summary>
    private static string QueryOf(string query) => Uri.UnescapeDataString(query[1..].Replace('+', ' '));

    private void Note(AuditContext audit, string path, string? id, string? query) => Count(
        new Kind(audit.Actor.Id, path, id, query is null ? null : Errors.Cut(query, MostQuery)), audit with { Reason = null });
}
