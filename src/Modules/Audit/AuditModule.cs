using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.History;

namespace Notify.Audit;

/// <summary>The history as people read it.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAuditModule(this IServiceCollection services) => services.AddSingleton<AuditLog>();

    public static void MapAuditModule(this IEndpointRouteBuilder routes) => ReadAudit.Map(routes);
}
