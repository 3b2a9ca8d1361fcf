using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Operation.Rebuild;

/// <summary><c>POST /operation/rebuild</c> makes read models again from the events while Notify runs; <c>GET</c> says how far that is.</summary>
internal static class RebuildEndpoints
{
    private const string Address = "/api/v1/operation/rebuild";

    private sealed record Request(IReadOnlyList<string?>? Models);

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
        group.MapGet("", (HttpContext http, Rebuilds rebuilds) => rebuilds.StateAsync(http.RequestAborted)).Requires(Permission.OperationRead)
            .Document("getRebuild", "Progress of a rebuild", "Of the rebuild that runs, on whichever node, or the result of the last one.");
    }
}
