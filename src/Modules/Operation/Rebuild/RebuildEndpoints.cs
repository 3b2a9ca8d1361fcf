using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Operation.Rebuild;

/// <summary><c>POST /operation/rebuild</c> rebuilds read models from the events while Notify runs; <c>GET</c> returns the progress.</summary>
internal static class RebuildEndpoints
{
    private const string Address = "/api/v1/operation/rebuild";

    private sealed record Request(IReadOnlyList<string?>? Models);

    /// <inheritdoc cref="RebuildState" path="/param"/>
    /// <param name="Known">All that can be rebuilt.</param>
    internal sealed record Answer(
        string? Id, bool Running, IReadOnlyList<RebuiltModel> Models, IReadOnlyList<string> Waiting, DateTimeOffset? StartedAt,
        DateTimeOffset? EndedAt, string? Failure, IReadOnlyList<string> Known);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Address).WithTags("operation");
        group.MapPost("", async (HttpContext http, Rebuilds rebuilds, IHostApplicationLifetime life, PublicAddress address) =>
        {
            var request = await http.Request.ReadAsync<Request>();
            var (begun, _) = await rebuilds.BeginAsync(rebuilds.Choose(request.Models ?? []), http.Audit(), life.ApplicationStopping);
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            http.Response.Headers.Location = address.PathTo(Address[1..]);
            return begun;
        }).Requires(Permission.OperationManage)
            .Document(
                "rebuildReadModels", "Rebuild tables from the events",
                "While Notify runs: `alarms`, `notifications`, `lanes` and the others, or `all`. Only rows that differ from their events are written. "
                + "The work continues after the answer.")
            .Takes<Request>("""{ "models": ["alarms", "notifications"] }""")
            .Answers(StatusCodes.Status202Accepted, "Accepted.");
        group.MapGet("", async (HttpContext http, Rebuilds rebuilds) =>
        {
            var x = await rebuilds.StateAsync(http.RequestAborted);
            return new Answer(x.Id, x.Running, x.Models, x.Waiting, x.StartedAt, x.EndedAt, x.Failure, rebuilds.Names);
        }).Requires(Permission.OperationRead)
            .Document("getRebuild", "Progress of a rebuild", "The progress of the running rebuild, on any node, or the result of the last one; and what can be rebuilt.");
    }
}
