using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Rules.Drills;

/// <summary><c>POST /drills/{id}/run</c>: runs a drill now, even if it is disabled. <c>GET /drills/{id}/runs</c>: its runs and their
/// results.</summary>
public sealed class RunDrill(IQuerySession session, CurrentResources<Drill, DrillSettings> drills, DrillSender sender, DrillRuns runs)
{
    public sealed record Runs(IReadOnlyList<DrillRun> Items);

    /// <exception cref="ProblemException">404: the drill does not exist.</exception>
    public async Task<DrillRun> RunAsync(string id, AuditContext audit, CancellationToken cancellation)
    {
        var drill = await drills.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound("drill", id);
        return (await sender.RunAsync(drill, null, audit))!;
    }

    /// <param name="limit">1 to 1,000.</param>
    /// <exception cref="ProblemException">404: the drill does not exist, and no deleted drill with this id ever ran.</exception>
    public async Task<Runs> ReadAsync(string id, int limit, CancellationToken cancellation)
    {
        var found = await runs.NewestAsync(id, limit, cancellation);
        if (found.Count == 0 && await drills.FindAsync(session, id, cancellation) is null) throw ProblemException.NotFound("drill", id);
        return new(found);
    }

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/{id}/run", async (string id, HttpContext http, RunDrill run) => await run.RunAsync(id, http.Audit(), http.RequestAborted))
            .Idempotent().Requires(Permission.ConfigurationChange)
            .Document(
                "runDrill", "Run a drill now",
                "Sends the drill's message now, even if the drill is disabled, after the alarms that wait for the same lane. The answer has the platform's code and message for each "
                + "receiver. Recorded in the history.");
        group.MapGet("/{id}/runs", async (string id, HttpContext http, RunDrill run) =>
        {
            var query = http.Query();
            var limit = query.Number("limit", 100, 1, 1000);
            query.ThrowIfInvalid();
            return await run.ReadAsync(id, limit, http.RequestAborted);
        }).Query(QueryParameter.Limit).Requires(Permission.ConfigurationRead)
            .Document("listDrillRuns", "Runs of a drill", "Newest first: when each run began, the result for each receiver, and who confirmed it.");
    }
}
