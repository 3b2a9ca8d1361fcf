using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>
/// Where there can be one node only, since the database is its own, no other serves a lane: after a kill the next start goes on at once, instead of
/// waiting for the leases of the one that was killed.
/// </summary>
public sealed class LaneTakeover(NpgsqlDataSource database, IConfiguration settings) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        settings.GetValue("Notify:SingleNode", false) ? LaneTable.ForgetNodesAsync(database, cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
