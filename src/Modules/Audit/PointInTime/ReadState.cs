using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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
internal sealed class ReadState(ConfigurationAt configuration, TimeProvider time)
{
    /// <param name="Counts">How many resources of each kind there were at both instants.</param>
    public sealed record DifferenceAnswer(
        DateTimeOffset From, DateTimeOffset To, IReadOnlyList<StateDifference> Differences, IReadOnlyList<ConfigurationCount> Counts);

    /// <summary>Fields that differ after every change and do not say what changed.</summary>
    private static readonly string[] bookkeeping = ["id", "version", "createdAt", "createdBy", "updatedAt", "updatedBy"];

    /// <param name="asOf">Null, or later than now: now.</param>
    /// <param name="mayRead">Whether the caller has the permission to read a kind; others are left out.</param>
    /// <returns>The resources of each kind, under its plural name.</returns>
    public async Task<JsonObject> AtAsync(DateTimeOffset? asOf, Func<Permission, bool> mayRead, CancellationToken cancellation)
    {
        var at = UpToNow(asOf);
        var state = new JsonObject { ["asOf"] = System.Text.Json.JsonSerializer.SerializeToNode(at, NotifyJson.Options) };
        foreach (var (kind, items) in await configuration.ReadAsync(Shown(mayRead), at, cancellation))
            state[kind.Plural] = new JsonArray([.. items.Values]);
        return state;
    }

    /// <param name="to">Null, or later than now: now.</param>
    /// <param name="mayRead">As in <see cref="AtAsync"/>.</param>
    public async Task<DifferenceAnswer> BetweenAsync(
        DateTimeOffset from, DateTimeOffset? to, Func<Permission, bool> mayRead, CancellationToken cancellation)
    {
        var (start, end) = (UpToNow(from), UpToNow(to));
        // From a later instant back to an earlier one, the same differs the other way round.
        var changes = start <= end ? await configuration.BetweenAsync(Shown(mayRead), start, end, cancellation)
            : Reversed(await configuration.BetweenAsync(Shown(mayRead), end, start, cancellation));
        return new(start, end, [.. changes.Now.Keys.SelectMany(kind => Between(kind, changes.Then[kind], changes.Now[kind]))], changes.Counts);
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/state").WithTags("audit");
        group.MapGet("", async (HttpContext http, ReadState read) =>
        {
            var query = http.Query();
            var asOf = query.Instant("asOf");
            query.ThrowIfInvalid();
            return await read.AtAsync(asOf, http.User.Has, http.RequestAborted);
        }).Query(QueryParameter.Instant("asOf")).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document(
                "getState", "The whole configuration at an instant",
                "Reconstructed from the events alone; by default as of now. Kinds that the caller may not read are left out: users, groups, roles and "
                + "API keys need people.read, the others configuration.read.");

        group.MapGet("/diff", async (HttpContext http, ReadState read) =>
        {
            var query = http.Query();
            var (from, to) = (query.RequiredInstant("from"), query.Instant("to"));
            query.ThrowIfInvalid();
            return await read.BetweenAsync(from, to, http.User.Has, http.RequestAborted);
        }).Query(QueryParameter.Instant("from").Required, QueryParameter.Instant("to")).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document(
                "getStateDifference", "What changed between two instants",
                "Each resource that was created, changed or deleted, field by field, and how many there were of each kind. Kinds that the caller may not "
                + "read are left out: users, groups, roles and API keys need people.read, the others configuration.read.");
    }

    /// <summary>Limits an instant to now, because the future is unknown; the answer contains the instant used.</summary>
    private DateTimeOffset UpToNow(DateTimeOffset? instant) => time.GetUtcNow() is var now && instant < now ? instant.Value : now;

    private List<ConfiguredKind> Shown(Func<Permission, bool> mayRead) => [.. configuration.Kinds.Where(x => mayRead(x.Reading))];

    private static ConfigurationChanges Reversed(ConfigurationChanges changes) =>
        new(changes.Now, changes.Then, [.. changes.Counts.Select(x => new ConfigurationCount(x.Kind, x.Now, x.Then))]);

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
