using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Bulk;

/// <summary>
/// The table of bulk operations, made again from their events. Which notifications were chosen is the work itself (<c>bulk_item</c>), and a record of
/// its own; what became of each is in its own events.
/// </summary>
public sealed class BulkRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows(database, catalog, time)
{
    public override string Name => "bulk";

    protected override string Kind => "bulk";
    protected override string Table => "bulk";
    protected override IReadOnlyList<string> Columns => ["verb", "reason", "audit", "total", "requested_at", "completed_at", .. RowLease.Columns];

    protected override JsonObject? Fold(IReadOnlyList<AttributedEvent> events, JsonObject? row, DateTimeOffset now)
    {
        if (events[0] is not { Event: { Data: BulkRequested requested } first } asked) throw new InvalidOperationException(
            "A bulk operation begins with its request.");
        var completed = events.FirstOrDefault(x => x.Event.Data is BulkCompleted)?.Event.At;
        var made = new JsonObject
        {
            ["verb"] = requested.Verb.ToString(),
            ["reason"] = requested.Reason,
            ["audit"] = JsonSerializer.SerializeToNode(asked.Audit(), NotifyJson.Options),
            ["total"] = requested.Total,
            ["requested_at"] = JsonSerializer.SerializeToNode(first.At, NotifyJson.Options),
            ["completed_at"] = JsonSerializer.SerializeToNode(completed, NotifyJson.Options),
        };
        RowLease.Keep(made, row, isOpen: completed is null);
        return made;
    }
}
