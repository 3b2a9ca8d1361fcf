using System.Data.Common;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>
/// The resources of one kind, derived from their events. Decisions, routing and changes use these, so that somebody who changes the read model
/// tables by SQL affects only what lists show, and is detected (<see cref="FoldedTables"/>). Known states are cached: after a change only streams
/// with new events are read.
/// </summary>
public sealed class CurrentResources<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, EventCatalog catalog,
    ILogger<CurrentResources<TResource, TSettings>> logger)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary>Replaced as a whole, never modified.</summary>
    private volatile Dictionary<string, Known> known = [];

    /// <param name="State">Shared by all callers, never modified; null: deleted.</param>
    private sealed record Known(long Version, TResource? State);

    /// <summary>Executes a query, in a session or on a connection.</summary>
    private delegate Task<DbDataReader> Ask(NpgsqlCommand command);

    /// <summary>All existing resources, as this session sees them; in no particular order.</summary>
    public async Task<IReadOnlyList<TResource>> AllAsync(IQuerySession session, CancellationToken cancellation)
    {
        var ask = In(session, cancellation);
        var versions = await VersionsAsync(ask, cancellation);
        var before = known;
        string[] moved = [.. versions.Where(x => before.GetValueOrDefault(x.Key)?.Version != x.Value).Select(x => x.Key)];
        var after = before;
        if (moved.Length > 0 || before.Count != versions.Count)
        {
            var states = await FoldAsync(ask, moved, cancellation);
            // An unreadable stream keeps its last state, so that an event written by something else does not remove a resource.
            after = versions.ToDictionary(
                x => x.Key, x => states.GetValueOrDefault(x.Key) ?? new Known(x.Value, before.GetValueOrDefault(x.Key)?.State),
                StringComparer.Ordinal);
            // Uncommitted states are not cached.
            if (!ChangeUnderWay.Is) known = after;
        }

        return [.. after.Values.Select(x => x.State).OfType<TResource>()];
    }

    /// <summary>One resource, as this session sees it; a copy that the caller may modify.</summary>
    public async Task<TResource?> FindAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        id.StartsWith(kind.Noun + "-", StringComparison.Ordinal)
            ? (await FoldAsync(In(session, cancellation), [id], cancellation)).GetValueOrDefault(id)?.State : null;

    /// <summary>Those of these resources that exist and whose events can be read, by id.</summary>
    public async Task<Dictionary<string, TResource>> FindAsync(IQuerySession session, string[] ids, CancellationToken cancellation) =>
        (await FoldAsync(In(session, cancellation), ids, cancellation)).Where(x => x.Value.State is not null)
            .ToDictionary(x => x.Key, x => x.Value.State!, StringComparer.Ordinal);

    /// <summary>All existing resources, derived from events as this connection sees them.</summary>
    /// <param name="unreadable">Receives the ids of those with an event that cannot be read; they are not returned.</param>
    internal async Task<IEnumerable<TResource>> FoldAllAsync(
        NpgsqlConnection snapshot, CancellationToken cancellation, HashSet<string>? unreadable = null)
    {
        Ask ask = async command =>
        {
            command.Connection = snapshot;
            return await command.ExecuteReaderAsync(cancellation);
        };
        return (await FoldAsync(ask, [.. (await VersionsAsync(ask, cancellation)).Keys], cancellation, unreadable)).Values.Select(x => x.State)
            .OfType<TResource>();
    }

    private static Ask In(IQuerySession session, CancellationToken cancellation) => command => session.ExecuteReaderAsync(command, cancellation);

    /// <summary>From the events and not from the table of streams, which somebody could have changed. The index covers the query.</summary>
    private async Task<Dictionary<string, long>> VersionsAsync(Ask ask, CancellationToken cancellation)
    {
        var (first, last) = Ids.Range(kind.Noun);
        await using var command = new NpgsqlCommand(
            $"select stream_id, max(version) from {EventTables.Events} where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1) group by stream_id")
        {
            Parameters = { new() { Value = first }, new() { Value = last } },
        };
        await using var reader = await ask(command);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

    /// <summary>Needs only the first event of each stream, the last with all settings, the last that enabled or disabled it, and the last of all,
    /// like <see cref="ResourcePast"/> for one resource.</summary>
    private async Task<Dictionary<string, Known>> FoldAsync(
        Ask ask, string[] ids, CancellationToken cancellation, HashSet<string>? unreadable = null)
    {
        if (ids.Length == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
            select {EventRecord.Columns} from {EventTables.Events} where seq_id = any(array(
              select (array_agg(seq_id order by version desc))[1] from {EventTables.Events} where stream_id = any($1) and not is_archived
              group by stream_id, case when type = any($2) then 1 when type = any($3) then 2 else 3 end
              union select seq_id from {EventTables.Events} where stream_id = any($1) and version = 1 and not is_archived))
            order by stream_id, version
            """)
        {
            Parameters =
            {
                new() { Value = ids },
                new() { Value = catalog.NamesOf(typeof(IResourceChanged<TSettings>)) },
                new() { Value = catalog.NamesOf(typeof(IResourceEnabled), typeof(IResourceDisabled)) },
            },
        };
        var states = new Dictionary<string, Known>(StringComparer.Ordinal);
        unreadable ??= new(StringComparer.Ordinal);
        await using var reader = await ask(command);
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetString(1);
            if (unreadable.Contains(id)) continue;
            if (EventRecord.TryRead(reader, catalog, logger) is { } e)
            {
                states[id] = new Known(e.Version, projection.Evolve(states.GetValueOrDefault(id)?.State, id, e));
                continue;
            }

            unreadable.Add(id);
            states.Remove(id);
        }

        return states;
    }
}
