using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Notify.Access.Sessions;
using Notify.Kernel.Http;

namespace Notify.Access;

/// <summary>Admits callers who have the permission that the endpoint requires.</summary>
internal sealed class PermissionHandler : AuthorizationHandler<RequiredPermission>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RequiredPermission requirement)
    {
        var http = context.Resource as HttpContext;
        if (context.User.Has(requirement.Permission))
        {
            if (http is not null && CallerPaths.FaultOf(http, requirement.Permission) is { } fault) ProblemResponses.Explain(http, fault);
            else context.Succeed(requirement);
        }

        // A missing permission is recorded only for authenticated callers.
        else if (http is not null && context.User.Identity is { IsAuthenticated: true })
        {
            var duty = context.User.FindFirst(SessionCheck.DutyClaim)?.Value;
            if (duty == SessionCheck.ChangePasswordDuty)
                ProblemResponses.Explain(http, "Choose a password of your own first: POST /api/v1/session/password.");
            else if (duty == SessionCheck.SecondFactorDuty)
                ProblemResponses.Explain(http, "Set up a second factor first: POST /api/v1/session/second-factor.");
            else EndpointPermissions.Missed(http, requirement.Permission);
        }

        return Task.CompletedTask;
    }
}
