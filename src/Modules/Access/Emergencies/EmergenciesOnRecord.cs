using System.Text;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Access.Policies;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Signing;
using Npgsql;

namespace Notify.Access.Emergencies;

/// <summary>Reads emergencies from their events.</summary>
public sealed class EmergenciesOnRecord(EventCatalog catalog, ILogger<EmergenciesOnRecord> logger) : EventsOnRecord(catalog, logger)
{
    /// <summary>Null: it does not exist or cannot be read.</summary>
    public async Task<Emergency?> FindAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        (await FoldAsync(session, [id], withChanges: true, cancellation)).SingleOrDefault();

    /// <summary>The most recent emergency, the only one that can be open; without the changes made in it.</summary>
    public async Task<Emergency?> LastAsync(IQuerySession session, CancellationToken cancellation) =>
        (await NewestAsync(session, before: null, 1, cancellation)).Found.SingleOrDefault();

    /// <summary>Newest first, without the changes made in them.</summary>
    /// <param name="before">Only emergencies requested before this one; null: from the newest on.</param>
    /// <param name="limit">The greatest number to return.</param>
    /// <returns>Those that can be read, and the emergency before which the next page begins; null on the last page.</returns>
    public async Task<(List<Emergency> Found, string? Next)> NewestAsync(
        IQuerySession session, string? before, int limit, CancellationToken cancellation)
    {
        var (ids, next) = await NewestAsync(session, Emergency.Noun, before, limit, cancellation);
        return (await FoldAsync(session, ids, withChanges: false, cancellation), next);
    }

    /// <summary>SHA-256 over all events of an emergency, which the reviewer signs.</summary>
    /// <param name="version">The version of the last event to include.</param>
    public static async Task<string> ContentAsync(IQuerySession session, string id, long version, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select data from {EventTables.Events} where stream_id = $1 and version <= $2 order by version")
        { Parameters = { new() { Value = id }, new() { Value = version } } };
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var all = new StringBuilder("{\"events\":[");
        while (await reader.ReadAsync(cancellation)) all.Append(all[^1] == '[' ? "" : ",").Append(reader.GetString(0));
        return OwnSignature.ContentOf(all.Append("]}").ToString());
    }

    private async Task<List<Emergency>> FoldAsync(IQuerySession session, string[] ids, bool withChanges, CancellationToken cancellation) =>
        Fold<Emergency>(
            await ReadAsync(
                session, "stream_id = any($1) and ($2 or type <> $3) order by stream_id, version", cancellation, ids, withChanges,
                Catalog[typeof(EmergencyUsed)].Name), Emergency.Noun, Emergency.Apply);
}
