using Marten;
using Notify.Channels;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>Provides what other modules need to know about services: the reachable receivers, and references to the sealed credentials.</summary>
public static class DescribeServicesHandler
{
    public static async Task<ServicesDescribed> Handle(
        DescribeServices query, IQuerySession session, CurrentResources<Service, ServiceSettings> resources, ChannelCatalog channels,
        CancellationToken cancellation)
    {
        session = ChangeUnderWay.SessionOr(session);
        var services = query.Id is { } id
            ? await resources.FindAsync(session, id, cancellation) is { } one ? [one] : []
            : await resources.AllAsync(session, cancellation);
        return new ServicesDescribed([.. services.Select(x => Describe(x, channels))]);
    }

    internal static ServiceDescription Describe(Service service, ChannelCatalog channels) => new(
        service.Id, service.Version, service.Name, service.Enabled, service.Settings.Type, channels.Find(service.Settings.Type) is { } channel
        ? service.Settings.In(channel) : []);
}
