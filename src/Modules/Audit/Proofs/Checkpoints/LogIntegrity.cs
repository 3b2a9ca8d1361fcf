using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Knows the current faults of the history and its proofs. Each fault raises an alarm of Notify's own at the path <c>Notify/Audit</c>, and again on
/// each day on which it persists, even if somebody has acknowledged it; rules decide who is notified. A verification that finds nothing clears the
/// alarm, whichever node raised it and before whatever restart. Health is "degraded", because alarms are still accepted and delivered.
/// </summary>
public sealed class LogIntegrity(OwnAlarms alarms, ProblemTexts texts, TimeProvider time, ILogger<LogIntegrity> logger) : IHealthCheck
{
    public const string AlarmPath = "Notify/Audit";

    private static readonly OwnAlarm damaged = new("verification", "The audit history does not verify / 审计记录验证不通过");
    private static readonly OwnAlarm unwatched = new("watch", "The audit history is no longer verified / 审计记录已停止验证");
    private static readonly OwnAlarm tables = new("tables", "Configuration tables differ from their events / 配置表与事件记录不一致");

    /// <summary>Each node has an alarm of its own for signing: a node whose file is in order must not clear that of another.</summary>
    private static readonly OwnAlarm unsigned = new(
        $"signing/{Environment.MachineName}", "Checkpoints of the audit history are not signed / 审计记录的检查点未签名");

    /// <param name="About">Identifies the alarm; must not change when its name does.</param>
    private sealed record OwnAlarm(string About, string Name)
    {
        public string SourceId => $"notify/audit/{About}";
    }

    /// <summary>Why no checkpoint is signed; null while they are.</summary>
    public string? SigningFault { get; private set; }

    /// <summary>What the last verification found; null when it found nothing.</summary>
    public string? VerificationFault { get; private set; }

    /// <summary>How tables of the configuration differ from their events; null: they do not.</summary>
    public string? TableFault { get; private set; }

    /// <summary>Why a change of the history would go unnoticed: the history is not being verified, signed or followed; null: it is.</summary>
    public string? WatchFault { get; private set; }

    /// <summary>When <see cref="WatchFault"/> was last seen.</summary>
    public DateTimeOffset WatchFaultAt { get; private set; }

    /// <summary>Reports on the tables, by an alarm of its own that ends when the rows are right again.</summary>
    /// <param name="fault">Null: all rows match their events.</param>
    /// <param name="isNews">Whether the rows have just been compared; otherwise it is told once a day.</param>
    public async Task TablesAsync(string? fault, CancellationToken cancellation, bool isNews = true)
    {
        await TellAsync(tables, fault, "All rows match their events.", cancellation, again: isNews && fault is not null);
        TableFault = fault;
    }

    public Task SigningWorksAsync(CancellationToken cancellation)
    {
        SigningFault = null;
        return TellAsync(unsigned, null, "Checkpoints are being signed.", cancellation);
    }

    public async Task ReportAsync(string fault, CancellationToken cancellation)
    {
        SigningFault = fault;
        if (await TellAsync(unsigned, fault, "", cancellation)) Log(unsigned, fault);
    }

    /// <param name="fault">Null: everything was verified and is good.</param>
    public Task VerifiedAsync(string? fault, CancellationToken cancellation)
    {
        VerificationFault = fault;
        if (fault is not null) Log(damaged, fault);
        return TellAsync(damaged, fault, "The whole history was verified.", cancellation, again: true);
    }

    /// <summary>Reports that a verification ended with an error, that none was done for too long, or that following or signing has stopped.</summary>
    public async Task UnwatchedAsync(string fault, CancellationToken cancellation)
    {
        (WatchFault, WatchFaultAt) = (fault, time.GetUtcNow());
        if (await TellAsync(unwatched, fault, "", cancellation)) Log(unwatched, fault);
    }

    /// <summary>Reports that the whole history was verified, whatever was found, or that what had stopped continues.</summary>
    public Task WatchedAsync(CancellationToken cancellation)
    {
        WatchFault = null;
        return TellAsync(unwatched, null, "The history is followed, signed and verified again.", cancellation, again: true);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((SigningFault ?? VerificationFault ?? TableFault ?? WatchFault) is { } fault
            ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy());

    private void Log(OwnAlarm alarm, string fault) => logger.LogCritical("{Name}: {Fault}", alarm.Name, fault);

    private Task<bool> TellAsync(OwnAlarm about, string? fault, string end, CancellationToken cancellation, bool again = false)
    {
        cancellation.ThrowIfCancellationRequested();
        var alarm = new RaiseAlarm(
            about.SourceId, about.Name, AlarmPath, AlarmLevel.Critical, fault is null ? AlarmState.ClearedUnacked : AlarmState.ActiveUnacked,
            InBothLanguages(fault ?? end));
        return alarms.TellAsync(about.SourceId, fault, alarm, again);
    }

    /// <summary>Rules decide who reads the text, so their language is not known here.</summary>
    private string InBothLanguages(string english) => texts.Chinese(english) is var chinese && chinese == english ? english : $"{chinese}\n{english}";
}
