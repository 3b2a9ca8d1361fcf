using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Access.Policies;

/// <summary>Reads approvals, emergencies and the policy from their events, in the session that decides by them: changing a row of a table approves
/// nothing.</summary>
public abstract class EventsOnRecord(EventCatalog catalog, ILogger logger)
{
    protected EventCatalog Catalog => catalog;

    /// <param name="wanted">The SQL condition after <c>where</c>, with the order.</param>
    /// <returns>The events; an <see cref="UnreadableEvent"/> in place of one that was changed in the database.</returns>
    protected Task<List<IEvent>> ReadAsync(IQuerySession session, string wanted, CancellationToken cancellation, params object[] values) =>
        EventRecord.ReadAsync(session, wanted, values, catalog, logger, cancellation);

    /// <summary>The ids of the newest streams of a kind, and the one before which the next page begins; null on the last page. Taken from the ids,
    /// since those that cannot be read are left out of a page and do not end the list.</summary>
    /// <param name="before">Only streams older than this one; null: from the newest on.</param>
    /// <param name="condition">An SQL condition on the first event <c>e</c>, with parameters from <c>$4</c> on.</param>
    protected static async Task<(string[] Ids, string? Next)> NewestAsync(
        IQuerySession session, string kind, string? before, int limit, CancellationToken cancellation, string condition = "true",
        params object[] values)
    {
        var (first, last) = Ids.Range(kind);
        await using var command = new NpgsqlCommand(
            $"""
            select e.stream_id from {EventTables.Events} e
            where e.stream_id >= $1 and e.stream_id < $2 and starts_with(e.stream_id, $1) and e.version = 1 and ({condition})
            order by e.stream_id desc limit $3 + 1
            """);
        foreach (var value in values.Prepend(limit).Prepend(before ?? last).Prepend(first)) command.Parameters.AddWithValue(value);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellation)) ids.Add(reader.GetString(0));
        return ([.. ids.Take(limit)], ids.Count > limit ? ids[limit - 1] : null);
    }

    /// <summary>Folds events to entities, newest first, leaving out those with an unreadable event.</summary>
    protected static List<T> Fold<T>(IEnumerable<IEvent> events, string noun, Func<T?, string, IEvent, T?> apply)
        where T : class =>
    [
        .. events.GroupBy(x => x.StreamKey!, StringComparer.Ordinal)
            .Where(x => x.Key.StartsWith(noun + "-", StringComparison.Ordinal) && x.All(e => e.Data is not UnreadableEvent))
            .OrderByDescending(x => x.Key, StringComparer.Ordinal)
            .Select(x => x.Aggregate((T?)null, (state, e) => apply(state, x.Key, e))).OfType<T>(),
    ];
}
