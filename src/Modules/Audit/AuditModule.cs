using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.History;
using Notify.Audit.Proofs;

namespace Notify.Audit;

/// <summary>The history as people read it.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAuditModule(this IServiceCollection services)
    {
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.AddRange(FollowerTables.All()));
        services.AddSingleton<EventFollower>();
        services.AddHostedService(x => x.GetRequiredService<EventFollower>());
        services.AddHealthChecks().AddCheck<FollowerHealth>("audit", tags: ["ready"]);
        services.AddSingleton<AuditLog>();
        services.AddProofs();
        return services;
    }

    public static void MapAuditModule(this IEndpointRouteBuilder routes)
    {
        ReadAudit.Map(routes);
        routes.MapProofs();
    }
}
