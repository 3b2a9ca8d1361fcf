using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Npgsql;

namespace Notify.Alarms;

/// <summary>Performs changes that are due by time alone: shelving ends, and alarms whose source has fallen silent are cleared. Every node does this;
/// each change takes effect once.</summary>
public sealed class AlarmClock(AlarmWriter writer, NpgsqlDataSource database, TimeProvider time, ILogger<AlarmClock> logger)
    : Worker("Due changes of alarms", logger, startsAfter: tick)
{
    private static readonly TimeSpan tick = TimeSpan.FromSeconds(1);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        var due = await AlarmTable.DueAsync(database, time.GetUtcNow(), cancellation);
        if (due.Count == 0) return tick;
        var audit = AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"), reason: "time");
        await writer.WriteAsync([.. due.Select(id => new AlarmCommand(id, alarm => alarm?.Elapse(time.GetUtcNow()), audit))]);
        return tick;
    }
}
