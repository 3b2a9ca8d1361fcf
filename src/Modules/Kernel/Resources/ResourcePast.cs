using JasperFx.Events;
using Marten;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>Reads as few events of a resource's stream as the question needs, however many there are.</summary>
public sealed class ResourcePast(IQuerySession session, EventCatalog catalog)
{
    /// <summary>
    /// The events from which the state at a moment follows: the first, the last that holds all settings, the last that switched it on or off, and the
    /// last of all. What is between is overwritten by them. Exactly one of version and moment is given.
    /// </summary>
    /// <returns>In stream order; the last is the last before that moment. Empty when there was none.</returns>
    public async Task<IReadOnlyList<IEvent>> EventsOfStateAsync<TSettings>(string id, long? version, DateTimeOffset? asOf, CancellationToken cancellation)
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
        return versions.Count == 0 ? [] : await session.Events.QueryAllRawEvents()
            .Where(x => x.StreamKey == id && versions.Contains(x.Version)).OrderBy(x => x.Version).ToListAsync(cancellation);
    }

    /// <returns>The last ones, or the last before a version, in stream order.</returns>
    public async Task<IReadOnlyList<IEvent>> NewestAsync(string id, long? before, int limit, CancellationToken cancellation)
    {
        var end = before ?? long.MaxValue;
        var events = await session.Events.QueryAllRawEvents()
            .Where(x => x.StreamKey == id && x.Version < end).OrderByDescending(x => x.Version).Take(limit).ToListAsync(cancellation);
        return [.. events.Reverse()];
    }
}
