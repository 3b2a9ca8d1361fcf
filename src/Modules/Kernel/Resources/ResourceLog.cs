using System.Globalization;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>A resource from one version of the configuration on.</summary>
/// <param name="State">Null: deleted.</param>
public sealed record ResourceAsOf<T>(long ConfigurationVersion, string Id, T? State)
    where T : class;

/// <summary>All versions of the resources of one kind, in chronological order, from which the configuration at any time can be
/// restored.</summary>
public sealed class ResourceLog<TResource, TSettings>(
    NpgsqlDataSource database, EventCatalog catalog, ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection,
    ILogger<ResourceLog<TResource, TSettings>> logger)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <param name="select">Returns what to keep of each state; the resource itself is modified by its next event.</param>
    public async Task<IReadOnlyList<ResourceAsOf<T>>> ReadAsync<T>(Func<TResource, T> select, CancellationToken cancellation)
        where T : class
    {
        // Including deleted ones, which only have streams.
        string[] ids = [.. await Streams.OfKindAsync(database, kind.Noun, cancellation)];
        await using var command = database.CreateCommand(
            $"select {EventRecord.Columns} from {EventTables.Events} where stream_id = any($1) and not is_archived order by seq_id");
        command.Parameters.AddWithValue(ids);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var states = new Dictionary<string, TResource?>(StringComparer.Ordinal);
        var steps = new List<ResourceAsOf<T>>();
        while (await reader.ReadAsync(cancellation))
        {
            // Unreadable events are skipped; the others still define the configuration.
            if (EventRecord.TryRead(reader, catalog, logger) is not { } e) continue;
            var state = states[e.StreamKey!] = projection.Evolve(states.GetValueOrDefault(e.StreamKey!), e.StreamKey!, e);
            steps.Add(new(VersionOf(e), e.StreamKey!, state is null ? null : select(state)));
        }

        return steps;
    }

    /// <summary>Events from before versions were recorded belong to every configuration.</summary>
    private static long VersionOf(IEvent e) =>
        long.TryParse(e.Header(ConfigurationStamp.Header), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
