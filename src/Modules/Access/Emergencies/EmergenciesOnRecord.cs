using System.Text;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Access.Policies;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Signing;
using Npgsql;

namespace Notify.Access.Emergencies;

/// <summary>The emergencies as their events say.</summary>
public sealed class EmergenciesOnRecord(EventCatalog catalog, ILogger<EmergenciesOnRecord> logger) : EventsOnRecord(catalog, logger)
{
    /// <summary>Null: there is none, or it cannot be read.</summary>
    public async Task<Emergency?> FindAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        (await FoldAsync(session, [id], withChanges: true, cancellation)).SingleOrDefault();

    /// <summary>The most recent one: only it can be open. Without its changes.</summary>
    public async Task<Emergency?> LastAsync(IQuerySession session, CancellationToken cancellation) =>
        (await NewestAsync(session, before: null, 1, cancellation)).SingleOrDefault();

    /// <summary>Without their changes.</summary>
    /// <param name="before">Only those that were asked for before this one; null: from the newest on.</param>
    /// <param name="limit">At most so many, newest first.</param>
    public async Task<List<Emergency>> NewestAsync(IQuerySession session, string? before, int limit, CancellationToken cancellation) =>
        await FoldAsync(session, await NewestAsync(session, Emergency.Noun, before, limit, cancellation), withChanges: false, cancellation);

    /// <summary>SHA-256 over all that is on record of one, to be signed by who reviews it.</summary>
    /// <param name="version">Up to this one.</param>
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
