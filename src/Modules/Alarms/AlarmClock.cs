using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Npgsql;

namespace Notify.Alarms;

/// <summary>Performs what is due by time alone: shelving ends, and alarms whose source has fallen silent are cleared. Every node may do it; it takes
/// effect once.</summary>
public sealed class AlarmClock(AlarmWriter writer, NpgsqlDataSource database, TimeProvider time, ILogger<AlarmClock> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var due = await AlarmTable.DueAsync(database, time.GetUtcNow(), stoppingToken);
                if (due.Count == 0) continue;
                var audit = AuditContext.OfSystem(Guid.CreateVersion7().ToString("N"), reason: "time");
                await writer.WriteAsync([.. due.Select(id => new AlarmCommand(id, alarm => alarm?.Elapse(time.GetUtcNow()), audit))]);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogWarning(e, "Writing due changes of alarms failed; trying again");
            }
        }
    }
}
