using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Silences;

/// <summary>Rebuilds the table of silences from their events. The due time is working state: if it is lost, the silence is applied again.</summary>
public sealed class SilenceRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows(database, catalog, time)
{
    public override string Name => "silences";

    protected override string Kind => "silence";
    protected override string Table => "silence";
    protected override IReadOnlyList<string> Columns => ["changed", "ends_at", "due_at", "body"];

    protected override JsonObject? Fold(IReadOnlyList<AttributedEvent> events, JsonObject? row, DateTimeOffset now)
    {
        var silence = events.Select(x => x.Event).Aggregate((Silence?)null, (silence, e) => Silence.Apply(silence, e.StreamId, e.Data, e.At))!;
        var (body, ends) = (JsonSerializer.SerializeToNode(silence, NotifyJson.Options), Json(silence.EndsAt));
        var isKept = row is not null && JsonNode.DeepEquals(row["body"], body);
        return new JsonObject
        {
            ["changed"] = events[^1].Event.Sequence,
            ["ends_at"] = ends,
            ["due_at"] = isKept ? row!["due_at"]?.DeepClone() : Json(now),
            ["body"] = body,
        };
    }

    private static JsonNode? Json(DateTimeOffset instant) => JsonSerializer.SerializeToNode(Instants.Cut(instant), NotifyJson.Options);
}
