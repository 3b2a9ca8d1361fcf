using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.History;
using Notify.Audit.Replays;

namespace Notify.Audit;

/// <summary>The history as people read it, and what was seen of it again.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAuditModule(this IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        return services.AddReplays();
    }

    public static void MapAuditModule(this IEndpointRouteBuilder routes)
    {
        ReadAudit.Map(routes);
        routes.MapReplays();
    }
}
