using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Operation.Keys;
using Npgsql;

namespace Notify.Operation.Nodes;

/// <summary>A process of Notify, from the record of its start.</summary>
/// <param name="Id">The id by which attempts and lanes name it; null: it is not running, and this was the machine's last start.</param>
/// <param name="Name">The name of the machine.</param>
/// <param name="Process">The process id there.</param>
/// <param name="Settings">The settings at the start; of secrets the fingerprints.</param>
/// <param name="StoppedAt">Null: it is running or was killed.</param>
/// <param name="IsThis">Whether it gives this answer.</param>
public sealed record NodeView(
    string? Id, string Name, int Process, string Version, string Runtime, string Database, DateTimeOffset StartedAt, DateTimeOffset? StoppedAt,
    bool IsAlive, bool IsThis, IReadOnlyDictionary<string, string> Settings);

/// <summary><c>GET /operation/nodes</c>: which processes run, since when, which program and with which settings.</summary>
internal sealed class ReadNodes(SealingKeys keys, ThisNode node, EventCatalog catalog, NpgsqlDataSource database)
{
    /// <summary>How long the last start is shown of a machine on which nothing runs any more.</summary>
    private const string Remembered = "30 days";

    /// <param name="Items">Running ones first, each machine's newest start first.</param>
    internal sealed record Answer(IReadOnlyList<NodeView> Items);

    private sealed record Start(NodeStarted Started, DateTimeOffset At, DateTimeOffset? StoppedAt, bool IsLast);

    public async Task<Answer> RunAsync(CancellationToken cancellation)
    {
        var alive = (await keys.NodesAsync(cancellation)).ConvertAll(x => x.Node);
        var found = new List<NodeView>();
        foreach (var (started, at, stoppedAt, isLast) in await StartsAsync(alive, cancellation))
        {
            // Process ids are reused: the newest start with the id is the running one.
            var id = alive.Find(x => x.StartsWith($"{started.Name}/{started.Process}/", StringComparison.Ordinal));
            if (id is null && !isLast) continue;
            if (id is not null) alive.Remove(id);
            found.Add(new(
                id, started.Name, started.Process, started.Version, started.Runtime, started.Database, at, id is null ? stoppedAt : null,
                id is not null, id == node.Id, started.Settings));
        }

        return new([.. found.OrderByDescending(x => x.IsAlive).ThenBy(x => x.Name, StringComparer.Ordinal).ThenByDescending(x => x.StartedAt)]);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/operation/nodes", (HttpContext http, ReadNodes read) => read.RunAsync(http.RequestAborted)).WithTags("operation")
            .Requires(Permission.OperationRead).ShowsFingerprints()
            .Document(
                "listNodes", "List nodes",
                "Each running process: its version, its start, and the settings it was started with; secrets as fingerprints. For machines "
                + "on which nothing runs, the last start, for 30 days.");

    /// <summary>Newest first; each with the stop that followed it in the same process.</summary>
    /// <param name="alive">The running nodes, which are found however long ago they started.</param>
    private async Task<List<Start>> StartsAsync(IEnumerable<string> alive, CancellationToken cancellation)
    {
        var type = catalog[typeof(NodeStarted)].Name;
        await using var command = database.CreateCommand(
            $"""
            select s.data, s.timestamp, (
                select e.timestamp from {EventTables.Events} e
                where e.stream_id = s.stream_id and e.version > s.version and e.type = 'kernel.node_stopped.v1' and e.data->>'process' = s.data->>'process'
                order by e.version limit 1),
              not exists (select from {EventTables.Events} e where e.stream_id = s.stream_id and e.version > s.version and e.type = s.type)
            from {EventTables.Events} s
            where s.stream_id >= $1 and s.stream_id <= $2 and s.type = '{type}'
              and (s.timestamp > now() - interval '{Remembered}' or concat(s.data->>'name', '/', s.data->>'process') = any($3))
            order by s.seq_id desc limit 1000
            """);
        var (first, last) = Ids.Range("node");
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
        command.Parameters.AddWithValue(alive.Select(x => x[..x.LastIndexOf('/')]).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var starts = new List<Start>();
        while (await reader.ReadAsync(cancellation))
        {
            if (catalog.TryRead(type, reader.GetFieldValue<byte[]>(0)) is NodeStarted started) starts.Add(new(
                started, reader.GetFieldValue<DateTimeOffset>(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetBoolean(3)));
        }

        return starts;
    }
}
