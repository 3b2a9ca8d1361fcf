using System.Text.Json.Nodes;
using Marten;

namespace Notify.Kernel.Resources;

/// <summary>The configuration as it was at an instant, made from the events alone. Resources refer to each other by name, secrets are fingerprints.</summary>
public sealed class ConfigurationAt(IEnumerable<ConfiguredKind> kinds, IDocumentStore store)
{
    public IReadOnlyList<ConfiguredKind> Kinds { get; } = [.. kinds];

    /// <param name="streams">Of all resources there ever were.</param>
    /// <returns>For each kind, the resources there were, by id, sorted by name.</returns>
    public async Task<Dictionary<ConfiguredKind, Dictionary<string, JsonObject>>> ReadAsync(string[] streams, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var until = at.ToUniversalTime();
        var events = (await session.Events.QueryAllRawEvents().Where(x => streams.Contains(x.StreamKey) && x.Timestamp <= until).ToListAsync(cancellation))
            .OrderBy(x => x.Version).ToLookup(x => x.StreamKey!, StringComparer.Ordinal);
        var states = Kinds.ToDictionary(x => x, x => x.Fold(events));
        var names = Kinds.ToDictionary(x => x.Noun, x => states[x].ToDictionary(y => y.Key, y => y.Value["name"]!.GetValue<string>(), StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var kind in Kinds)
            foreach (var resource in states[kind].Values) kind.ReplaceIds(resource, (noun, id) => names[noun].GetValueOrDefault(id));
        return states;
    }
}
