using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>Reads only those events of a resource's stream that are needed, however many there are.</summary>
public sealed class ResourcePast(IQuerySession session, EventCatalog catalog, ILogger<ResourcePast> logger)
{
    /// <summary>
    /// The events that determine the state at a version or a time: the first, the last with all settings, the last that enabled or disabled it, and
    /// the last of all; they override those between. Exactly one of version and time must be given.
    /// </summary>
    /// <returns>In stream order; the last one is the last until then. Empty if there were none.</returns>
    public async Task<IReadOnlyList<IEvent>> EventsOfStateAsync<TSettings>(
        string id, long? version, DateTimeOffset? asOf, CancellationToken cancellation)
        where TSettings : class
    {
        const string until = $"from {EventTables.Events} where stream_id = $1 and version <= $2 and timestamp <= $3";
        const string newest = "order by version desc limit 1";
        await using var command = new NpgsqlCommand(
            $"""
            select version {until} and version = 1
            union (select version {until} and type = any($4) {newest})
            union (select version {until} and type = any($5) {newest})
            union (select version {until} {newest})
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(version ?? long.MaxValue);
        command.Parameters.AddWithValue((asOf ?? DateTimeOffset.MaxValue).ToUniversalTime());
        command.Parameters.AddWithValue(catalog.NamesOf(typeof(IResourceChanged<TSettings>)));
        command.Parameters.AddWithValue(catalog.NamesOf(typeof(IResourceEnabled), typeof(IResourceDisabled)));
        var versions = new List<long>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellation))
            while (await reader.ReadAsync(cancellation)) versions.Add(reader.GetInt64(0));
        if (versions.Count == 0) return [];
        // Unreadable events are skipped.
        var events = await ReadAsync("stream_id = $1 and version = any($2) order by version", [id, versions.ToArray()], cancellation);
        return events.FindAll(x => x.Data is not UnreadableEvent);
    }

    /// <returns>The last events, or the last before a version, in stream order; an <see cref="UnreadableEvent"/> replaces one that cannot be
    /// read.</returns>
    public async Task<IReadOnlyList<IEvent>> NewestAsync(string id, long? before, int limit, CancellationToken cancellation)
    {
        var events = await ReadAsync(
            $"stream_id = $1 and version < $2 order by version desc limit {limit}", [id, before ?? long.MaxValue], cancellation);
        events.Reverse();
        return events;
    }

    private Task<List<IEvent>> ReadAsync(string wanted, object[] values, CancellationToken cancellation) =>
        EventRecord.ReadAsync(session, wanted, values, catalog, logger, cancellation);
}
