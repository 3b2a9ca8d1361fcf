using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Audit.PointInTime;

/// <summary><c>GET /state?asOf=</c>: the whole configuration as it was at an instant; <c>GET /state/diff?from=&amp;to=</c>: what changed between two.</summary>
internal static class ReadState
{
    /// <param name="Change"><c>created</c>, <c>changed</c> or <c>deleted</c>.</param>
    private sealed record Difference(string Kind, string Id, string Name, string Change, long? FromVersion, long? ToVersion, IReadOnlyList<FieldChange> Changes);

    private sealed record DifferenceAnswer(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Difference> Differences);

    /// <summary>What differs with every change, and says nothing of it.</summary>
    private static readonly string[] bookkeeping = ["id", "version", "createdAt", "createdBy", "updatedAt", "updatedBy"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/state").WithTags("audit");
        group.MapGet("", async (HttpContext http, AuditLog log, ConfigurationAt configuration, TimeProvider time) =>
        {
            var query = http.Query();
            var asOf = UpToNow(query.Instant("asOf"), time);
            query.ThrowIfInvalid();
            var state = new JsonObject { ["asOf"] = System.Text.Json.JsonSerializer.SerializeToNode(asOf, NotifyJson.Options) };
            foreach (var (kind, items) in await ReadAsync(asOf, log, configuration, http.RequestAborted)) state[kind.Plural] = new JsonArray([.. items.Values]);
            return state;
        }).Query(QueryParameter.Instant("asOf")).Requires(Permission.HistoryRead)
            .Document("getState", "The whole configuration at an instant", "Reconstructed from the events alone; by default as of now.");

        group.MapGet("/diff", async (HttpContext http, AuditLog log, ConfigurationAt configuration, TimeProvider time) =>
        {
            var query = http.Query();
            var (from, to) = (UpToNow(query.Instant("from"), time), UpToNow(query.Instant("to"), time));
            if (query.Text("from") is null) query.Fault("from", Instants.Wanted);
            query.ThrowIfInvalid();
            var before = await ReadAsync(from, log, configuration, http.RequestAborted);
            var after = await ReadAsync(to, log, configuration, http.RequestAborted);
            return new DifferenceAnswer(from, to, [.. after.Keys.SelectMany(kind => Between(kind, before[kind], after[kind]))]);
        }).Query(QueryParameter.Instant("from").Required, QueryParameter.Instant("to")).Requires(Permission.HistoryRead)
            .Document(
                "getStateDifference", "What changed between two instants",
                "Each resource that was created, changed or deleted, field by field.");
    }

    /// <summary>What will be, nobody knows: the answer says of when it is.</summary>
    private static DateTimeOffset UpToNow(DateTimeOffset? instant, TimeProvider time) => time.GetUtcNow() is var now && instant < now ? instant.Value : now;

    private static async Task<Dictionary<ConfiguredKind, Dictionary<string, JsonObject>>> ReadAsync(
        DateTimeOffset at, AuditLog log, ConfigurationAt configuration, CancellationToken cancellation) =>
        await configuration.ReadAsync(await log.StreamsOfAsync([.. configuration.Kinds.Select(x => x.Noun)], cancellation), at, cancellation);

    private static IEnumerable<Difference> Between(ConfiguredKind kind, Dictionary<string, JsonObject> before, Dictionary<string, JsonObject> after)
    {
        foreach (var id in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var (a, b) = (before.GetValueOrDefault(id), after.GetValueOrDefault(id));
            var changes = FieldChange.Between(Facts(a), Facts(b));
            if (changes.Count == 0) continue;
            yield return new Difference(
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
