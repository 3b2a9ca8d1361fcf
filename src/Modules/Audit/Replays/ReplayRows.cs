using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary>
/// The table of replays, made again from their events. Where an open one goes on, and the bytes of reports, are records of their own: a replay
/// without its place begins again, and a report is checked by its fingerprint on record.
/// </summary>
internal sealed class ReplayRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows(database, catalog, time)
{
    public override string Name => "replays";

    protected override string Kind => "replay";
    protected override string Table => "replay";
    protected override IReadOnlyList<string> Columns => ["mode", "status", "body", "state", .. RowLease.Columns];

    protected override JsonObject? Fold(IReadOnlyList<AttributedEvent> events, JsonObject? row, DateTimeOffset now)
    {
        var replay = events.Aggregate(
            (Replay?)null, (replay, x) => Replay.Apply(replay, x.Event.StreamId, x.Event.Data, x.Event.At, x.Actor, x.Event.CorrelationId ?? ""))!;
        // How far it is, is on record at each quarter; the row knows more.
        if (replay.IsOpen && Kept(row) is { IsOpen: true } kept && kept.Version == replay.Version) replay = replay with
        {
            Status = kept.Status,
            Done = kept.Done,
            Total = kept.Total
        };
        var made = new JsonObject
        {
            ["mode"] = replay.Request.Mode.ToString(),
            ["status"] = replay.Status.ToString(),
            ["body"] = JsonSerializer.SerializeToNode(replay, NotifyJson.Options),
            ["state"] = replay.IsOpen ? row?["state"]?.DeepClone() : null,
        };
        RowLease.Keep(made, row, replay.IsOpen);
        return made;
    }

    private static Replay? Kept(JsonObject? row)
    {
        try
        {
            return row?["body"].Deserialize<Replay>(NotifyJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
