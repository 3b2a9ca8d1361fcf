using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Http;

/// <summary>The endpoint makes changes that may need approval: then it answers 202 with the proposal.</summary>
/// <param name="Kinds">As the approval policy names them.</param>
public sealed record MayNeedApproval(IReadOnlyList<string> Kinds);

/// <summary>A change that is only proposed is answered 202, whichever endpoint was asked for it.</summary>
public static class ProposedAnswers
{
    /// <summary>Middleware, inside of what keeps answers for a repeat.</summary>
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (ChangeProposedException proposed) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            http.Response.Headers.Location = http.RequestServices.GetRequiredService<PublicAddress>().PathTo($"api/v1/proposals/{proposed.Id}");
            http.Response.Headers.CacheControl = "no-store";
            await http.Response.WriteAsJsonAsync(proposed.Proposal, NotifyJson.Options, http.RequestAborted);
        }
    }

    /// <param name="kinds">As the approval policy names them.</param>
    public static T MayNeedApproval<T>(this T endpoint, params string[] kinds)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new MayNeedApproval(kinds));
}
