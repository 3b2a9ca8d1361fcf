using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>If Notify runs its own database, there can be only one node, so no other serves a lane: after a kill the next start continues at once,
/// without waiting for the leases of the killed process to expire.</summary>
public sealed class LaneTakeover(NpgsqlDataSource database, IConfiguration settings) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        settings.GetValue("Notify:SingleNode", false) ? LaneTable.ForgetNodesAsync(database, cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
