using System.Globalization;
using JasperFx.Events;
using Marten;
using Marten.Linq.MatchesSql;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>A resource of one kind from one version of the configuration on.</summary>
/// <param name="State">Null: it is gone.</param>
public sealed record ResourceAsOf<T>(long ConfigurationVersion, string Id, T? State)
    where T : class;

/// <summary>All that the resources of one kind have ever been, in the order in which it came about: with it the configuration of any moment is made again.</summary>
public sealed class ResourceLog<TResource, TSettings>(
    NpgsqlDataSource database, IDocumentStore store, ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <param name="select">What is kept of each state; the resource itself changes with its next event.</param>
    public async Task<IReadOnlyList<ResourceAsOf<T>>> ReadAsync<T>(Func<TResource, T> select, CancellationToken cancellation)
        where T : class
    {
        // The deleted ones too, which only their streams remember.
        string[] ids = [.. await Streams.OfKindAsync(database, kind.Noun, cancellation)];
        await using var session = store.QuerySession();
        var events = await session.Events.QueryAllRawEvents().Where(x => x.MatchesSql("stream_id = any(?)", new object[] { ids })).OrderBy(x => x.Sequence).ToListAsync(cancellation);
        var states = new Dictionary<string, TResource?>(StringComparer.Ordinal);
        var steps = new List<ResourceAsOf<T>>();
        foreach (var e in events)
        {
            var state = states[e.StreamKey!] = projection.Evolve(states.GetValueOrDefault(e.StreamKey!), e.StreamKey!, e);
            steps.Add(new(VersionOf(e), e.StreamKey!, state is null ? null : select(state)));
        }

        return steps;
    }

    /// <summary>What was recorded before versions were counted is part of every configuration.</summary>
    private static long VersionOf(IEvent e) =>
        long.TryParse(e.Header(ConfigurationStamp.Header), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
