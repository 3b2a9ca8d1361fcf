using System.Globalization;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>A resource of one kind from one version of the configuration on.</summary>
/// <param name="State">Null: it is gone.</param>
public sealed record ResourceAsOf<T>(long ConfigurationVersion, string Id, T? State)
    where T : class;

/// <summary>All that the resources of one kind have ever been, in the order in which it came about: with it the configuration of any moment is made
/// again.</summary>
public sealed class ResourceLog<TResource, TSettings>(
    NpgsqlDataSource database, EventCatalog catalog, ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection,
    ILogger<ResourceLog<TResource, TSettings>> logger)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <param name="select">What is kept of each state; the resource itself changes with its next event.</param>
    public async Task<IReadOnlyList<ResourceAsOf<T>>> ReadAsync<T>(Func<TResource, T> select, CancellationToken cancellation)
        where T : class
    {
        // The deleted ones too, which only their streams remember.
        string[] ids = [.. await Streams.OfKindAsync(database, kind.Noun, cancellation)];
        await using var command = database.CreateCommand(
            $"select {EventRecord.Columns} from {EventTables.Events} where stream_id = any($1) and not is_archived order by seq_id");
        command.Parameters.AddWithValue(ids);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var states = new Dictionary<string, TResource?>(StringComparer.Ordinal);
        var steps = new List<ResourceAsOf<T>>();
        while (await reader.ReadAsync(cancellation))
        {
            // One that cannot be read changes nothing; of the others the configuration is known.
            if (EventRecord.TryRead(reader, catalog, logger) is not { } e) continue;
            var state = states[e.StreamKey!] = projection.Evolve(states.GetValueOrDefault(e.StreamKey!), e.StreamKey!, e);
            steps.Add(new(VersionOf(e), e.StreamKey!, state is null ? null : select(state)));
        }

        return steps;
    }

    /// <summary>Events from before versions were recorded are part of every configuration.</summary>
    private static long VersionOf(IEvent e) =>
        long.TryParse(e.Header(ConfigurationStamp.Header), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
