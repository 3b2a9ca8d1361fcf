using System.Reflection;
using Notify.Access;
using Notify.Alarms;
using Notify.Audit;
using Notify.Channels;
using Notify.Delivery;
using Notify.Kernel;
using Notify.Operation;
using Notify.Rules;
using Notify.Services;

namespace Notify.Host;

/// <summary>All modules, for whatever iterates over them.</summary>
public static class Modules
{
    public static readonly IReadOnlyList<Assembly> All =
    [
        typeof(AccessModule).Assembly,
        typeof(AlarmsModule).Assembly,
        typeof(AuditModule).Assembly,
        typeof(DeliveryModule).Assembly,
        typeof(OperationModule).Assembly,
        typeof(RulesModule).Assembly,
        typeof(ServicesModule).Assembly,
    ];

    public static IServiceCollection AddModules(this IServiceCollection services, IConfiguration configuration) =>
        services
            .AddKernel()
            .AddChannels(configuration)
            .AddAccessModule(configuration)
            .AddServicesModule()
            .AddRulesModule(configuration)
            .AddAlarmsModule(configuration)
            .AddDeliveryModule()
            .AddAuditModule()
            .AddOperationModule();

    public static void MapModules(this IEndpointRouteBuilder routes)
    {
        routes.MapAccessModule();
        routes.MapServicesModule();
        routes.MapRulesModule();
        routes.MapAlarmsModule();
        routes.MapDeliveryModule();
        routes.MapAuditModule();
        routes.MapOperationModule();
    }
}
