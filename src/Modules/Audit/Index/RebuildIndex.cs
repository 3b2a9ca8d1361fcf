using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Following;
using Notify.Audit.Retention;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary><c>POST /audit/rebuild</c> writes the index of the history anew, and the table of holds; <c>GET</c> says how far that is, and how far the index follows the events.</summary>
internal static class RebuildIndex
{
    private sealed record Answer(long Position, long Lag, RebuildProgress Rebuild);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/audit/rebuild").WithTags("audit");
        group.MapPost("", async (HttpContext http, IndexRebuild rebuild, HoldTable holds, NpgsqlDataSource database, EventFollower follower) =>
        {
            await holds.RebuildAsync(database, http.RequestAborted);
            await rebuild.BeginAsync(http.Audit(), rests: false, CancellationToken.None);
            http.Response.StatusCode = 202;
            return await AnswerAsync(rebuild, follower, http.RequestAborted);
        }).Requires(Permission.OperationManage)
            .Document("rebuildAuditIndex", "Rebuild the index of the history", "From the events, while the old index continues to answer.")
            .Answers(StatusCodes.Status202Accepted, "Accepted.");
        group.MapGet("", (HttpContext http, IndexRebuild rebuild, EventFollower follower) => AnswerAsync(rebuild, follower, http.RequestAborted)).Requires(Permission.OperationRead)
            .Document("getAuditIndex", "State of the index of the history", "How far it follows the events, and the progress of a rebuild.");
    }

    private static async Task<Answer> AnswerAsync(IndexRebuild rebuild, EventFollower follower, CancellationToken cancellation)
    {
        var lag = await follower.LagAsync(cancellation);
        return new(follower.Position, lag, rebuild.Progress);
    }
}
