using System.Text.Json;
using Marten;
using Notify.Kernel.Events.Store;

namespace Notify.Kernel.Events;

/// <summary>
/// Appends many events to many streams with one SQL statement, inside the session's own transaction and round trip.
/// Marten's appender costs a statement for each stream; the way of an alarm cannot afford that (docs/decisions/0003).
/// The rows are the same as Marten's own: a test holds them equal.
/// </summary>
public sealed class EventBatch(EventCatalog catalog, TimeProvider time)
{
    private readonly List<Row> rows = [];

    private readonly record struct Row(string StreamId, long Version, Guid Id, string Data, EventType Type, AuditContext Audit);

    public int Count => rows.Count;

    /// <param name="version">The version the stream has with this event. If another writer was faster, saving throws (<see cref="WriteConflict"/>)
    /// and nothing is kept.</param>
    /// <returns>The event's id.</returns>
    public Guid Append(string streamId, long version, object data, AuditContext audit, Guid? id = null)
    {
        var eventId = id ?? Guid.CreateVersion7(time.GetUtcNow());
        var type = catalog[data.GetType()];
        rows.Add(new Row(streamId, version, eventId, JsonSerializer.Serialize(data, type.ClrType, NotifyJson.Options), type, audit));
        return eventId;
    }

    /// <param name="at">The instant of the events, where something was decided for just that instant; now when it is left out.</param>
    public void QueueTo(IDocumentSession session, DateTimeOffset? at = null)
    {
        if (rows.Count == 0) return;
        var now = at ?? time.GetUtcNow();
        // Streams in one order, so that two transactions that touch the same ones cannot deadlock.
        var streams = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var n = rows.Count;
        var (ids, streamIds, versions, data) = (new Guid[n], new string[n], new long[n], new string[n]);
        var (types, dotNetTypes, correlations, causations) = (new string[n], new string[n], new string[n], new string?[n]);
        var (headers, users) = (new string[n], new string[n]);
        (AuditContext? Audit, string Json) lastHeaders = (null, "");
        for (var i = 0; i < n; i++)
        {
            var row = rows[i];
            streams[row.StreamId] = row.Version;
            (ids[i], streamIds[i], versions[i], data[i]) = (row.Id, row.StreamId, row.Version, row.Data);
            (types[i], dotNetTypes[i]) = (row.Type.Name, row.Type.DotNetTypeName);
            (correlations[i], causations[i], users[i]) = (row.Audit.CorrelationId, row.Audit.CausationId, row.Audit.Actor.Id);
            if (lastHeaders.Audit is not { } last || !SameHeaders(last, row.Audit))
                lastHeaders = (row.Audit, JsonSerializer.Serialize(row.Audit.Headers(), NotifyJson.Options));
            headers[i] = lastHeaders.Json;
        }

        session.QueueSqlCommand(
            EventTables.Append,
            now, now, streams.Keys.ToArray(), streams.Values.ToArray(),
            now, ids, streamIds, versions, data, types, dotNetTypes, correlations, causations, headers, users);
    }

    private static bool SameHeaders(AuditContext a, AuditContext b) =>
        ReferenceEquals(a, b) || (a.Actor == b.Actor && a.SourceIp == b.SourceIp && a.Reason == b.Reason && a.Client == b.Client
            && a.TraceParent == b.TraceParent && a.RequestCorrelationId == b.RequestCorrelationId);
}
