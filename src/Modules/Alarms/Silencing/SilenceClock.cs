using Microsoft.Extensions.Logging;
using Notify.Alarms.Silences;
using Notify.Kernel;
using Npgsql;

namespace Notify.Alarms.Silencing;

/// <summary>Applies silences that are due by time alone: they begin or end, or the process that changed one did not apply it. Every node does this;
/// each change takes effect once.</summary>
public sealed class SilenceClock(
    SilenceWriter writer, ApplySilence apply, NpgsqlDataSource database, TimeProvider time, ILogger<SilenceClock> logger)
    : Worker("Due silences", logger, startsAfter: tick)
{
    private static readonly TimeSpan tick = TimeSpan.FromSeconds(1);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        foreach (var id in await SilenceTable.DueAsync(database, time.GetUtcNow(), cancellation)) await TryAsync(id, cancellation);
        return tick;
    }

    /// <summary>A failure does not delay other due silences.</summary>
    private async Task TryAsync(string id, CancellationToken cancellation)
    {
        try
        {
            var audit = AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"), reason: "time");
            if (await writer.ElapseAsync(id, audit, cancellation) is { } silence) await apply.RunAsync(silence, audit, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.LogWarning(e, "Performing what is due of silence {Silence} failed; trying again", id);
        }
    }
}
