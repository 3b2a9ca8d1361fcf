using System.Text.Json;
using Marten;
using Notify.Channels;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>Describes a service as it would be after a proposed change.</summary>
public static class DescribeProposedServiceHandler
{
    public static async Task<ProposedServiceDescribed> Handle(
        DescribeProposedService query, IQuerySession session, CurrentResources<Service, ServiceSettings> resources,
        ResourceProjection<Service, ServiceSettings> projection, EventCatalog catalog, ChannelCatalog channels, CancellationToken cancellation)
    {
        var service = await resources.FindAsync(session, query.Id, cancellation);
        if (catalog.TryRead(query.EventType, JsonSerializer.SerializeToUtf8Bytes(query.EventData, NotifyJson.Options)) is { } e)
            service = projection.After(service, query.Id, e);
        return new(service is null ? null : DescribeServicesHandler.Describe(service, channels));
    }
}
