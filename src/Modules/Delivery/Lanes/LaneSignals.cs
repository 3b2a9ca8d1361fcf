using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Receives announcements of work from other nodes. A signal is lost while the connection is down, and a pooler in transaction mode passes
/// none on; therefore each node also checks by itself every few seconds.</summary>
public sealed class LaneSignals(NpgsqlDataSource database, LaneWaking waking, TimeProvider time, ILogger<LaneSignals> logger) : BackgroundService
{
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The connection for signals from other nodes was lost; reconnecting");
                await Task.Delay(pause, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        connection.Notification += (_, signal) => waking.Hear(signal.Payload.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await using (var listen = new NpgsqlCommand($"listen {LaneNodes.Channel}", connection)) await listen.ExecuteNonQueryAsync(cancellation);
        waking.Hear([]);
        while (true) await connection.WaitAsync(cancellation);
    }
}
