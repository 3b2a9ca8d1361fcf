using System.Data;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Configuration = System.Collections.Generic.Dictionary<
    Notify.Kernel.Resources.ConfiguredKind, System.Collections.Generic.Dictionary<string, System.Text.Json.Nodes.JsonObject>>;

namespace Notify.Kernel.Resources;

/// <summary>How many resources of a kind there were at two instants.</summary>
public sealed record ConfigurationCount(string Kind, long Then, long Now);

/// <summary>What may differ between two instants: for each kind, resources by id.</summary>
public sealed record ConfigurationChanges(Configuration Then, Configuration Now, IReadOnlyList<ConfigurationCount> Counts);

/// <summary>The configuration as it was at a given time, derived only from events. Resources refer to each other by the names that they had then,
/// secrets are shown as fingerprints.</summary>
public sealed class ConfigurationAt(
    IEnumerable<ConfiguredKind> kinds, NpgsqlDataSource database, EventCatalog catalog, ILogger<ConfigurationAt> logger)
{
    private const string OfKinds =
        $"unnest($1::text[], $2::text[]) k(first, last) join {EventTables.Events} e on e.stream_id >= k.first and e.stream_id <= k.last and starts_with(e.stream_id, k.first)";

    private readonly string[] deletions =
        [.. catalog.Modules.SelectMany(x => x.Types).Where(x => x.ClrType.IsAssignableTo(typeof(IResourceDeleted))).Select(x => x.Name)];

    public IReadOnlyList<ConfiguredKind> Kinds { get; } = [.. kinds];

    /// <param name="shown">The kinds to read. To resources of other kinds the others refer by id.</param>
    /// <returns>For each kind, its resources at that time by id, sorted by name.</returns>
    public async Task<Configuration> ReadAsync(IReadOnlyList<ConfiguredKind> shown, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var state = Fold(shown, await EventsAsync(connection, shown, null, at, cancellation));
        return Named(state, NamesIn(state));
    }

    /// <summary>Reads only what changed after the first instant and until the second, and what that refers to; everything if a name changed, since
    /// whatever refers to it then differs too.</summary>
    /// <param name="shown">As in <see cref="ReadAsync"/>.</param>
    public async Task<ConfigurationChanges> BetweenAsync(
        IReadOnlyList<ConfiguredKind> shown, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // One snapshot for all that is read.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var (changed, counts) = await ChangedAsync(connection, shown, from, to, cancellation);
        var (then, now) = await FoldAsync(changed);
        if (then.Any(kind => kind.Value.Any(x => NameOf(x.Value) != (now[kind.Key].GetValueOrDefault(x.Key) is { } later ? NameOf(later) : null))))
        {
            (then, now) = await FoldAsync(null);
            return new(Named(then, NamesIn(then)), Named(now, NamesIn(now)), counts);
        }

        var referred = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (kind, resources) in then.Concat(now))
        {
            foreach (var resource in resources.Values)
            {
                kind.ReplaceIds(resource, (_, id) =>
                {
                    referred.Add(id);
                    return null;
                });
            }
        }

        referred.ExceptWith(changed);
        var names = NamesIn(Fold(shown, await EventsAsync(connection, shown, [.. referred], to, cancellation)), NamesIn(now));
        return new(Named(then, names), Named(now, names), counts);

        async Task<(Configuration Then, Configuration Now)> FoldAsync(string[]? streams)
        {
            var events = await EventsAsync(connection, shown, streams, to, cancellation);
            return (Fold(shown, events.Where(x => x.Timestamp <= from)), Fold(shown, events));
        }
    }

    /// <summary>The streams with events after the first instant and until the second, and how many resources there were at both.</summary>
    private async Task<(string[] Streams, List<ConfigurationCount> Counts)> ChangedAsync(
        NpgsqlConnection connection, IReadOnlyList<ConfiguredKind> shown, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with s as (
              select k.first, e.stream_id, max(e.timestamp) > $4 as changed, not bool_or(e.type = any($5)) as now,
                min(e.timestamp) <= $4 and not bool_or(e.type = any($5) and e.timestamp <= $4) as before
              from {OfKinds} where e.timestamp <= $3 and not e.is_archived group by 1, 2)
            select first, count(*) filter (where before), count(*) filter (where now), coalesce(array_agg(stream_id) filter (where changed), array[]::text[])
            from s group by 1
            """, connection);
        AddRanges(command, shown);
        command.Parameters.AddWithValue(to.ToUniversalTime());
        command.Parameters.AddWithValue(from.ToUniversalTime());
        command.Parameters.AddWithValue(deletions);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (streams, counts) = (new List<string>(), new Dictionary<string, (long Then, long Now)>(StringComparer.Ordinal));
        while (await reader.ReadAsync(cancellation))
        {
            counts[reader.GetString(0)] = (reader.GetInt64(1), reader.GetInt64(2));
            streams.AddRange(reader.GetFieldValue<string[]>(3));
        }

        return ([.. streams], [.. shown.Select(x => (x.Noun, Count: counts.GetValueOrDefault(Ids.Range(x.Noun).First)))
            .Select(x => new ConfigurationCount(x.Noun, x.Count.Then, x.Count.Now))]);
    }

    /// <summary>In stream order, without events that somebody has made unreadable.</summary>
    /// <param name="streams">Null: all of these kinds.</param>
    private async Task<List<IEvent>> EventsAsync(
        NpgsqlConnection connection, IReadOnlyList<ConfiguredKind> shown, string[]? streams, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {EventRecord.Columns} from {(streams is null ? OfKinds : $"unnest($1::text[]) k(id) join {EventTables.Events} e on e.stream_id = k.id")}
            where e.timestamp <= {(streams is null ? "$3" : "$2")} and not e.is_archived order by e.stream_id, e.version
            """, connection);
        if (streams is null) AddRanges(command, shown);
        else command.Parameters.AddWithValue(streams);
        command.Parameters.AddWithValue(until.ToUniversalTime());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<IEvent>();
        while (await reader.ReadAsync(cancellation))
            if (EventRecord.TryRead(reader, catalog, logger) is { } e) events.Add(e);
        return events;
    }

    private static void AddRanges(NpgsqlCommand command, IReadOnlyList<ConfiguredKind> shown)
    {
        var ranges = shown.Select(x => Ids.Range(x.Noun)).ToList();
        command.Parameters.AddWithValue(ranges.Select(x => x.First).ToArray());
        command.Parameters.AddWithValue(ranges.Select(x => x.Last).ToArray());
    }

    private static Configuration Fold(IReadOnlyList<ConfiguredKind> shown, IEnumerable<IEvent> events)
    {
        var streams = events.ToLookup(x => x.StreamKey!, StringComparer.Ordinal);
        return shown.ToDictionary(x => x, x => x.Fold(streams));
    }

    /// <summary>The names by id: of what comes with Notify, and of these resources, in addition to those given.</summary>
    private static Dictionary<string, string> NamesIn(Configuration state, Dictionary<string, string>? more = null)
    {
        var names = more ?? new(StringComparer.Ordinal);
        foreach (var (kind, resources) in state)
        {
            foreach (var (id, name) in kind.BuiltIn) names[id] = name;
            foreach (var (id, resource) in resources) names[id] = NameOf(resource);
        }

        return names;
    }

    private static string NameOf(JsonObject resource) => resource["name"]!.GetValue<string>();

    private static Configuration Named(Configuration state, Dictionary<string, string> names)
    {
        foreach (var (kind, resources) in state)
            foreach (var resource in resources.Values)
                kind.ReplaceIds(resource, (noun, id) => id.StartsWith($"{noun}-", StringComparison.Ordinal) ? names.GetValueOrDefault(id) : null);
        return state;
    }
}
