using System.Text.Json.Nodes;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>The configuration as it was at a given time, derived only from events. Resources refer to each other by name, secrets are shown as
/// fingerprints.</summary>
public sealed class ConfigurationAt(
    IEnumerable<ConfiguredKind> kinds, NpgsqlDataSource database, EventCatalog catalog, ILogger<ConfigurationAt> logger)
{
    public IReadOnlyList<ConfiguredKind> Kinds { get; } = [.. kinds];

    /// <param name="streams">The streams of all resources, including deleted ones.</param>
    /// <returns>For each kind, its resources at that time by id, sorted by name.</returns>
    public async Task<Dictionary<ConfiguredKind, Dictionary<string, JsonObject>>> ReadAsync(
        string[] streams, DateTimeOffset at, CancellationToken cancellation)
    {
        var events = (await EventsAsync(streams, at.ToUniversalTime(), cancellation)).ToLookup(x => x.StreamKey!, StringComparer.Ordinal);
        var states = Kinds.ToDictionary(x => x, x => x.Fold(events));
        var names = Kinds.ToDictionary(x => x.Noun,
            x => states[x].ToDictionary(y => y.Key, y => y.Value["name"]!.GetValue<string>(), StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var kind in Kinds)
            foreach (var resource in states[kind].Values) kind.ReplaceIds(resource, (noun, id) => names[noun].GetValueOrDefault(id));
        return states;
    }

    /// <summary>In stream order, without events that somebody has made unreadable.</summary>
    private async Task<List<IEvent>> EventsAsync(string[] streams, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {EventRecord.Columns} from {EventTables.Events} where stream_id = any($1) and timestamp <= $2 and not is_archived order by stream_id, version");
        command.Parameters.AddWithValue(streams);
        command.Parameters.AddWithValue(until);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<IEvent>();
        while (await reader.ReadAsync(cancellation))
            if (EventRecord.TryRead(reader, catalog, logger) is { } e) events.Add(e);
        return events;
    }
}
