using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Http;

/// <summary>The endpoint makes changes that may need approval: then it answers 202 with the proposal.</summary>
/// <param name="Kinds">The kinds in the approval policy.</param>
/// <param name="Answer">The type of its answer if it makes several changes, each of which is a separate proposal; null: the proposal.</param>
public sealed record MayNeedApproval(IReadOnlyList<string> Kinds, Type? Answer = null);

/// <summary>Answers 202 if a change was only proposed, for every endpoint.</summary>
public static class ProposedAnswers
{
    /// <summary>Middleware, inside the one that keeps answers for repeats.</summary>
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

    /// <param name="kinds">The kinds in the approval policy.</param>
    public static T MayNeedApproval<T>(this T endpoint, params string[] kinds)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new MayNeedApproval(kinds));

    /// <summary>Some of the endpoint's changes may need approval: its usual answer then names their proposals, with status 202.</summary>
    /// <inheritdoc cref="MayNeedApproval{T}" path="/param"/>
    public static RouteHandlerBuilder MayNeedApprovals<TAnswer>(this RouteHandlerBuilder endpoint, params string[] kinds) =>
        endpoint.WithMetadata(new MayNeedApproval(kinds, typeof(TAnswer)));
}
