using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Http;

/// <summary>The endpoint makes changes that may need approval: then it answers 202 with the proposal.</summary>
/// <param name="Kinds">As the approval policy names them.</param>
/// <param name="Answer">What it answers then, where it makes several changes and each is a proposal of its own; null: the proposal.</param>
public sealed record MayNeedApproval(IReadOnlyList<string> Kinds, Type? Answer = null);

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

    /// <summary>Some of the changes that the endpoint makes may need approval: its usual answer names their proposals, with status 202.</summary>
    /// <inheritdoc cref="MayNeedApproval{T}" path="/param"/>
    public static RouteHandlerBuilder MayNeedApprovals<TAnswer>(this RouteHandlerBuilder endpoint, params string[] kinds) =>
        endpoint.WithMetadata(new MayNeedApproval(kinds, typeof(TAnswer)));
}
