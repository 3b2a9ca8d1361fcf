using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Bulk;

/// <summary>Rebuilds the tables of bulk operations from their events.</summary>
public sealed class BulkRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time)
    : StreamRows<List<AttributedEvent>>(database, catalog, time)
{
    public override string Name => "bulk";

    public override IReadOnlyList<string> Tables => ["bulk", "bulk_item"];

    protected override string Kind => "bulk";
    protected override string Table => "bulk";
    protected override IReadOnlyList<string> Columns => ["verb", "reason", "total", "requested_at", "completed_at", .. RowLease.Columns];

    /// <summary>An operation has few events, and is folded from all of them.</summary>
    protected override List<AttributedEvent> Apply(List<AttributedEvent>? state, AttributedEvent e)
    {
        var events = state ?? [];
        events.Add(e);
        return events;
    }

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var bulk = BulkOperation.Fold(stream.State);
        var made = new JsonObject
        {
            ["verb"] = bulk.Request.Verb.ToString(),
            ["reason"] = bulk.Request.Reason,
            ["total"] = bulk.Request.Total,
            ["requested_at"] = JsonSerializer.SerializeToNode(bulk.RequestedAt, NotifyJson.Options),
            ["completed_at"] = JsonSerializer.SerializeToNode(bulk.CompletedAt, NotifyJson.Options),
        };
        RowLease.Keep(made, row, isOpen: bulk.CompletedAt is null);
        return made;
    }

    protected override Task<RebuiltRows> RebuildPartsAsync(
        NpgsqlConnection connection, IReadOnlyList<List<AttributedEvent>> streams, CancellationToken cancellation) =>
        BulkTable.RebuildItemsAsync(connection, [.. streams.Select(BulkOperation.Fold)], cancellation);

    protected override async Task<RebuiltRows> EndAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        new(0, 0, await BulkTable.RemoveInventedItemsAsync(database, cancellation));
}
