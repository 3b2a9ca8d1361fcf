using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>Reads as few events of a resource's stream as the question needs, however many there are.</summary>
public sealed class ResourcePast(IQuerySession session, EventCatalog catalog, ILogger<ResourcePast> logger)
{
    /// <summary>
    /// The events from which the state at a moment follows: the first, the last that holds all settings, the last that switched it on or off, and the
    /// last of all. What is between is overwritten by them. Exactly one of version and moment is given.
    /// </summary>
    /// <returns>In stream order; the last is the last before that moment. Empty when there was none.</returns>
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
        // One that cannot be read changes nothing.
        var events = await ReadAsync("stream_id = $1 and version = any($2) order by version", [id, versions.ToArray()], cancellation);
        return events.FindAll(x => x.Data is not UnreadableEvent);
    }

    /// <returns>The last ones, or the last before a version, in stream order; an <see cref="UnreadableEvent"/> in place of one that cannot be
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
