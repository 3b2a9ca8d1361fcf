using System.Text.Json;
using Marten;
using Notify.Kernel.Events.Store;

namespace Notify.Kernel.Events;

/// <summary>
/// Rows that belong to new events and contain their sequence numbers. The statement that appends the events writes them too: looking the events up
/// again by stream and version would cost up to a third of the append.
/// </summary>
/// <param name="Sql">Follows <c>with … as (…)</c>, and joins <see cref="EventTables.Appended"/>.</param>
public sealed record RowsOfEvents(string Sql, params object[] Values);

/// <summary>
/// Appends many events to many streams with one SQL statement, inside the session's own transaction and round trip.
/// Marten's appender needs a statement for each stream, which is too slow for the alarm path (docs/decisions/0003).
/// The rows equal those that Marten writes, which a test verifies.
/// </summary>
public sealed class EventBatch(EventCatalog catalog, TimeProvider time)
{
    private readonly List<Row> appended = [];

    private readonly record struct Row(string StreamId, long Version, Guid Id, string Data, EventType Type, AuditContext Audit);

    public int Count => appended.Count;

    /// <param name="version">The stream's version with this event. If another writer was faster, saving throws (<see cref="WriteConflict"/>)
    /// and nothing is stored.</param>
    /// <returns>The event's id.</returns>
    public Guid Append(string streamId, long version, object data, AuditContext audit, Guid? id = null)
    {
        var eventId = id ?? Ids.NewGuid(time.GetUtcNow());
        var type = catalog[data.GetType()];
        appended.Add(new Row(streamId, version, eventId, JsonSerializer.Serialize(data, type.ClrType, NotifyJson.Options), type, audit));
        return eventId;
    }

    /// <param name="at">The time of the events, if they were decided for a given time; null: now.</param>
    /// <param name="rows">Rows to write with them; null: none.</param>
    public void QueueTo(IDocumentSession session, DateTimeOffset? at = null, RowsOfEvents? rows = null)
    {
        if (Count == 0) return;
        var now = at ?? time.GetUtcNow();
        // Streams in a fixed order, so that transactions with common streams cannot deadlock.
        var streams = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var n = Count;
        var (ids, streamIds, versions, data) = (new Guid[n], new string[n], new long[n], new string[n]);
        var (types, dotNetTypes, correlations, causations) = (new string[n], new string[n], new string[n], new string?[n]);
        var (headers, users) = (new string[n], new string[n]);
        (AuditContext? Audit, string Json) lastHeaders = (null, "");
        for (var i = 0; i < n; i++)
        {
            var row = appended[i];
            streams[row.StreamId] = row.Version;
            (ids[i], streamIds[i], versions[i], data[i]) = (row.Id, row.StreamId, row.Version, row.Data);
            (types[i], dotNetTypes[i]) = (row.Type.Name, row.Type.DotNetTypeName);
            (correlations[i], causations[i], users[i]) = (row.Audit.CorrelationId, row.Audit.CausationId, row.Audit.Actor.Id);
            if (lastHeaders.Audit is not { } last || !SameHeaders(last, row.Audit))
                lastHeaders = (row.Audit, JsonSerializer.Serialize(row.Audit.Headers(), NotifyJson.Options));
            headers[i] = lastHeaders.Json;
        }

        object[] values =
        [
            now, now, streams.Keys.ToArray(), streams.Values.ToArray(),
            now, ids, streamIds, versions, data, types, dotNetTypes, correlations, causations, headers, users,
        ];
        if (rows is null) session.QueueSqlCommand(EventTables.Append, values);
        else session.QueueSqlCommand(EventTables.AppendAnd + rows.Sql, [.. values, .. rows.Values]);
    }

    /// <summary>Only the ids of trails are not in the headers, so contexts that differ in nothing else have the same: a part that is added later is
    /// compared too.</summary>
    private static bool SameHeaders(AuditContext a, AuditContext b) =>
        ReferenceEquals(a, b) || a == b with { CorrelationId = a.CorrelationId, CausationId = a.CausationId };
}
