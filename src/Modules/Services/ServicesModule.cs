using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;
using Notify.Services.AccountImport;

namespace Notify.Services;

/// <summary>Notification services: the configured ways to send notifications, and their secrets.</summary>
public static class ServicesModule
{
    public static IServiceCollection AddServicesModule(this IServiceCollection services) =>
        services.AddProblemTexts(ServicesProblemTexts.Lines)
            .AddEventSummaries(EventSummaries.All)
            .AddReview(new ModuleReview("services.", [], []))
            .AddEvents(
                "services",
                EventType.Of<ServiceCreated>("services.service_created.v1", "A notification service was created."),
                EventType.Of<ServiceChanged>("services.service_changed.v1", "The settings of a notification service were replaced."),
                EventType.Of<ServiceAccountsImported>(
                "services.service_accounts_imported.v1", "The accounts of a notification service were imported from a file."),
                EventType.Of<ServiceEnabled>("services.service_enabled.v1", "A notification service was enabled."),
                EventType.Of<ServiceDisabled>("services.service_disabled.v1", "A notification service was disabled."),
                EventType.Of<ServiceDeleted>("services.service_deleted.v1", "A notification service was deleted."),
                EventType.Of<ConnectionTested>(
                "services.connection_tested.v1", "Somebody tested the connection of a notification service, and what its platform said."))
            .AddExpiringStreams("connection", "connection")
            .AddSingleton(x => ChannelShapes.OfServices(x.GetRequiredService<ChannelCatalog>(), typeof(ServiceInput), shown: false))
            .AddSingleton(x => ChannelShapes.OfServices(x.GetRequiredService<ChannelCatalog>(), typeof(ServiceView), shown: true))
            .AddSingleton(x => ChannelShapes.OfReceivers(x.GetRequiredService<ChannelCatalog>(), typeof(Receiver)))
            .AddResource("service", x => new ServiceKind(x.GetRequiredService<ChannelCatalog>()), new ServiceProjection())
            .AddScoped<SendServiceTest>()
            .AddScoped<TestConnection>()
            .AddScoped<ImportAccounts>();

    public static void MapServicesModule(this IEndpointRouteBuilder routes)
    {
        var services = routes.MapResource(
            routes.ServiceProvider.GetRequiredService<ResourceKind<Service, ServiceSettings>>(),
            ServiceDocument.Of(routes.ServiceProvider.GetRequiredService<ChannelCatalog>()));
        SendServiceTest.Map(services);
        TestConnection.Map(services);
        ImportAccountsEndpoint.Map(routes);
        ReadChannels.Map(routes);
    }
}
