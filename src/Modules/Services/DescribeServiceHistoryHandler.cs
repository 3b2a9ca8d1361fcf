using Notify.Channels;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>Provides the history of the services to other modules, which use it to evaluate past decisions.</summary>
public static class DescribeServiceHistoryHandler
{
    public static async Task<ServiceHistoryDescribed> Handle(
        DescribeServiceHistory query, ResourceLog<Service, ServiceSettings> log, ChannelCatalog channels, CancellationToken cancellation) =>
        new([.. (await log.ReadAsync(x => DescribeServicesHandler.Describe(x, channels), cancellation))
            .Select(x => new ServiceAsOf(x.ConfigurationVersion, x.Id, x.State))]);
}
