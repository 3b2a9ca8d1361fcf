using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary>
/// Rebuilds the table of replays from their events. The position of an open replay and the bytes of reports do not follow from events: a replay
/// without a position starts again, and a report is checked against its recorded fingerprint.
/// </summary>
internal sealed class ReplayRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time) : StreamRows<Replay>(database, catalog, time)
{
    public override string Name => "replays";

    protected override string Kind => "replay";
    protected override string Table => "replay";
    protected override IReadOnlyList<string> Columns => ["mode", "status", "body", "state", .. RowLease.Columns];

    protected override Replay Apply(Replay? state, AttributedEvent e) =>
        Replay.Apply(state, e.Event.StreamId, e.Event.Data, e.Event.At, e.Actor, e.Event.CorrelationId ?? "");

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var replay = stream.State;
        // Progress is recorded at each quarter only; the row is more precise.
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

    private static Replay? Kept(JsonObject? row) =>
        EventRecord.ReadOrDefault(() => row?["body"].Deserialize<Replay>(NotifyJson.Options));
}
