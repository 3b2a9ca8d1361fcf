using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Following;
using Notify.Audit.Retention;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary><c>POST /audit/rebuild</c> rebuilds the index of the history and the table of holds; <c>GET</c> returns the progress, and how far the
/// index follows the events.</summary>
internal sealed class RebuildIndex(IndexRebuild rebuild, HoldTable holds, NpgsqlDataSource database, EventFollower follower)
{
    /// <param name="Position">The last event in the index.</param>
    /// <param name="Lag">How many events are not in the index yet.</param>
    public sealed record Answer(long Position, long Lag, RebuildProgress Rebuild);

    /// <returns>The state once the rebuild has begun.</returns>
    public async Task<Answer> RunAsync(AuditContext audit, CancellationToken cancellation)
    {
        await holds.RebuildAsync(database, cancellation);
        await rebuild.BeginAsync(audit, rests: false, CancellationToken.None);
        return await StateAsync(cancellation);
    }

    public async Task<Answer> StateAsync(CancellationToken cancellation)
    {
        var lag = await follower.LagAsync(cancellation);
        return new(follower.Position, lag, rebuild.Progress);
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/audit/rebuild").WithTags("audit");
        group.MapPost("", async (HttpContext http, RebuildIndex index) =>
        {
            http.Response.StatusCode = 202;
            return await index.RunAsync(http.Audit(), http.RequestAborted);
        }).Requires(Permission.OperationManage)
            .Document("rebuildAuditIndex", "Rebuild the index of the history", "From the events, while the old index continues to answer.")
            .Answers(StatusCodes.Status202Accepted, "Accepted.");
        group.MapGet("", (HttpContext http, RebuildIndex index) => index.StateAsync(http.RequestAborted)).Requires(Permission.OperationRead)
            .Document("getAuditIndex", "State of the index of the history", "How far it follows the events, and the progress of a rebuild.");
    }
}
