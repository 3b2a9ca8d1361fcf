using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Audit.PointInTime;

/// <summary>How a resource differs between two instants.</summary>
/// <param name="Change"><c>created</c>, <c>changed</c> or <c>deleted</c>.</param>
public sealed record StateDifference(
    string Kind, string Id, string Name, string Change, long? FromVersion, long? ToVersion, IReadOnlyList<FieldChange> Changes);

/// <summary><c>GET /state?asOf=</c>: the whole configuration as it was at an instant; <c>GET /state/diff?from=&amp;to=</c>: what changed between
/// two.</summary>
internal sealed class ReadState(AuditLog log, ConfigurationAt configuration, TimeProvider time)
{
    public sealed record DifferenceAnswer(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<StateDifference> Differences);

    /// <summary>Fields that differ after every change and do not say what changed.</summary>
    private static readonly string[] bookkeeping = ["id", "version", "createdAt", "createdBy", "updatedAt", "updatedBy"];

    /// <param name="asOf">Null, or later than now: now.</param>
    /// <returns>The resources of each kind, under its plural name.</returns>
    public async Task<JsonObject> AtAsync(DateTimeOffset? asOf, CancellationToken cancellation)
    {
        var at = UpToNow(asOf);
        var state = new JsonObject { ["asOf"] = System.Text.Json.JsonSerializer.SerializeToNode(at, NotifyJson.Options) };
        foreach (var (kind, items) in await ReadAsync(at, cancellation)) state[kind.Plural] = new JsonArray([.. items.Values]);
        return state;
    }

    /// <param name="to">Null, or later than now: now.</param>
    public async Task<DifferenceAnswer> BetweenAsync(DateTimeOffset from, DateTimeOffset? to, CancellationToken cancellation)
    {
        var (start, end) = (UpToNow(from), UpToNow(to));
        var before = await ReadAsync(start, cancellation);
        var after = await ReadAsync(end, cancellation);
        return new(start, end, [.. after.Keys.SelectMany(kind => Between(kind, before[kind], after[kind]))]);
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/state").WithTags("audit");
        group.MapGet("", async (HttpContext http, ReadState read) =>
        {
            var query = http.Query();
            var asOf = query.Instant("asOf");
            query.ThrowIfInvalid();
            return await read.AtAsync(asOf, http.RequestAborted);
        }).Query(QueryParameter.Instant("asOf")).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("getState", "The whole configuration at an instant", "Reconstructed from the events alone; by default as of now.");

        group.MapGet("/diff", async (HttpContext http, ReadState read) =>
        {
            var query = http.Query();
            var (from, to) = (query.RequiredInstant("from"), query.Instant("to"));
            query.ThrowIfInvalid();
            return await read.BetweenAsync(from, to, http.RequestAborted);
        }).Query(QueryParameter.Instant("from").Required, QueryParameter.Instant("to")).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document(
                "getStateDifference", "What changed between two instants",
                "Each resource that was created, changed or deleted, field by field.");
    }

    /// <summary>Limits an instant to now, because the future is unknown; the answer contains the instant used.</summary>
    private DateTimeOffset UpToNow(DateTimeOffset? instant) => time.GetUtcNow() is var now && instant < now ? instant.Value : now;

    private async Task<Dictionary<ConfiguredKind, Dictionary<string, JsonObject>>> ReadAsync(DateTimeOffset at, CancellationToken cancellation) =>
        await configuration.ReadAsync(await log.StreamsOfAsync([.. configuration.Kinds.Select(x => x.Noun)], cancellation), at, cancellation);

    private static IEnumerable<StateDifference> Between(
        ConfiguredKind kind, Dictionary<string, JsonObject> before, Dictionary<string, JsonObject> after)
    {
        foreach (var id in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var (a, b) = (before.GetValueOrDefault(id), after.GetValueOrDefault(id));
            var changes = FieldChange.Between(Facts(a), Facts(b));
            if (changes.Count == 0) continue;
            yield return new StateDifference(
                kind.Noun, id, ((b ?? a)!["name"])!.GetValue<string>(), a is null ? "created" : b is null ? "deleted" : "changed",
                a?["version"]?.GetValue<long>(), b?["version"]?.GetValue<long>(), changes);
        }
    }

    private static JsonObject Facts(JsonObject? resource)
    {
        var facts = resource?.DeepClone().AsObject() ?? [];
        foreach (var field in bookkeeping) facts.Remove(field);
        return facts;
    }
}
