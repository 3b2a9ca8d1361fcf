using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Silences;

/// <summary>Rebuilds the table of silences from their events. The due time is working state: if it is lost, the silence is applied again.</summary>
public sealed class SilenceRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows<Silence>(database, catalog, time)
{
    public override string Name => "silences";

    protected override string Kind => "silence";
    protected override string Table => "silence";
    protected override IReadOnlyList<string> Columns => ["changed", "ends_at", "due_at", "body"];

    protected override Silence Apply(Silence? state, AttributedEvent e) => Silence.Apply(state, e.Event.StreamId, e.Event.Data, e.Event.At);

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var silence = stream.State;
        var (body, ends) = (JsonSerializer.SerializeToNode(silence, NotifyJson.Options), Json(silence.EndsAt));
        var isKept = row is not null && JsonNode.DeepEquals(row["body"], body);
        return new JsonObject
        {
            ["changed"] = stream.Last.Sequence,
            ["ends_at"] = ends,
            ["due_at"] = isKept ? row!["due_at"]?.DeepClone() : Json(now),
            ["body"] = body,
        };
    }

    private static JsonNode? Json(DateTimeOffset instant) => JsonSerializer.SerializeToNode(Instants.Cut(instant), NotifyJson.Options);
}
