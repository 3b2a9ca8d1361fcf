using System.Collections.Frozen;
using JasperFx.Events;
using Marten;
using Marten.Linq.MatchesSql;
using Notify.Kernel.Events;
using Notify.Kernel.Resources.Transfer;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>
/// The resources of one kind as their events say: what decides, routes or is changed is taken from here, so that whoever changes the table of read models by SQL
/// changes nothing but what lists show, and is found (<see cref="ConfigurationCheck"/>). Known states are kept: after a change only the streams that have new
/// events are read.
/// </summary>
public sealed class CurrentResources<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, EventCatalog catalog)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    private volatile FrozenDictionary<string, Known> known = FrozenDictionary<string, Known>.Empty;

    /// <param name="State">Shared by all who ask, and never changed; null: it is gone.</param>
    private sealed record Known(long Version, TResource? State);

    /// <summary>All that there are, as this session sees them; in no order.</summary>
    public async Task<IReadOnlyList<TResource>> AllAsync(IQuerySession session, CancellationToken cancellation)
    {
        var versions = await VersionsAsync(session, cancellation);
        var before = known;
        string[] moved = [.. versions.Where(x => before.GetValueOrDefault(x.Key)?.Version != x.Value).Select(x => x.Key)];
        var after = before;
        if (moved.Length > 0 || before.Count != versions.Count)
        {
            var states = await FoldAsync(session, moved, cancellation);
            after = versions.Select(x => KeyValuePair.Create(x.Key, states.TryGetValue(x.Key, out var state) ? state : before.GetValueOrDefault(x.Key) ?? new Known(x.Value, null)))
                .ToFrozenDictionary(StringComparer.Ordinal);
            // What is not committed may never be.
            if (!ChangeUnderWay.Is) known = after;
        }

        return [.. after.Values.Select(x => x.State).OfType<TResource>()];
    }

    /// <summary>One, as this session sees it; the caller's own, and free to be changed.</summary>
    public async Task<TResource?> FindAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        id.StartsWith(kind.Noun + "-", StringComparison.Ordinal) ? (await FoldAsync(session, [id], cancellation)).GetValueOrDefault(id)?.State : null;

    private async Task<Dictionary<string, long>> VersionsAsync(IQuerySession session, CancellationToken cancellation)
    {
        // Of the events and not of the streams' own table, which could say less. The index holds all that is asked for.
        await using var command = new NpgsqlCommand(
            $"select stream_id, max(version) from {Database.Schema}.mt_events where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1) group by stream_id");
        var (first, last) = Ids.Range(kind.Noun);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

    /// <summary>From the first event of each, the last that holds all settings, the last that switched it on or off, and the last of all: as <see cref="ResourcePast"/> for one.</summary>
    private async Task<Dictionary<string, Known>> FoldAsync(IQuerySession session, string[] ids, CancellationToken cancellation)
    {
        if (ids.Length == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
            select (array_agg(seq_id order by version desc))[1] from {Database.Schema}.mt_events where stream_id = any($1) and not is_archived
            group by stream_id, case when type = any($2) then 1 when type = any($3) then 2 else 3 end
            union select seq_id from {Database.Schema}.mt_events where stream_id = any($1) and version = 1 and not is_archived
            """);
        command.Parameters.AddWithValue(ids);
        command.Parameters.AddWithValue(catalog.NamesOf(typeof(IResourceChanged<TSettings>)));
        command.Parameters.AddWithValue(catalog.NamesOf(typeof(IResourceEnabled), typeof(IResourceDisabled)));
        var numbers = new List<long>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellation))
            while (await reader.ReadAsync(cancellation)) numbers.Add(reader.GetInt64(0));

        var events = await session.Events.QueryAllRawEvents().Where(x => x.MatchesSql("seq_id = any(?)", new object[] { numbers.ToArray() })).ToListAsync(cancellation);
        return events.GroupBy(x => x.StreamKey!, StringComparer.Ordinal).ToDictionary(x => x.Key, x => Fold(x.Key, [.. x.OrderBy(e => e.Version)]), StringComparer.Ordinal);
    }

    private Known Fold(string id, IReadOnlyList<IEvent> events) =>
        new(events[^1].Version, events.Aggregate((TResource?)null, (state, e) => projection.Evolve(state, id, e)));
}
