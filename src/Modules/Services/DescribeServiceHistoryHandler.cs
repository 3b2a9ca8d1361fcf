using Notify.Channels;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>Tells other modules the history of the services, for looking at past decisions.</summary>
public static class DescribeServiceHistoryHandler
{
    public static async Task<ServiceHistoryDescribed> Handle(
        DescribeServiceHistory query, ResourceLog<Service, ServiceSettings> log, ChannelCatalog channels, CancellationToken cancellation) =>
        new([.. (await log.ReadAsync(x => DescribeServicesHandler.Describe(x, channels), cancellation))
            .Select(x => new ServiceAsOf(x.ConfigurationVersion, x.Id, x.State))]);
}
