using Microsoft.AspNetCore.Authorization;
using Notify.Kernel.Http;

namespace Notify.Access;

/// <summary>Lets a caller through to an endpoint whose permission they have.</summary>
internal sealed class PermissionHandler : AuthorizationHandler<RequiredPermission>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RequiredPermission requirement)
    {
        if (context.User.Has(requirement.Permission)) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
