using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// The known faults of the record. Each fault raises an alarm in Notify itself, at the path <c>Notify/Audit</c>, and again on each day on which it is
/// still there, also when somebody has acknowledged it; rules decide who hears of it. Which node raised it, and before which restart, does not
/// matter: a verification that finds nothing clears it. Health says "degraded": alarms are still taken and delivered.
/// </summary>
public sealed class LogIntegrity(OwnAlarms alarms, ProblemTexts texts, TimeProvider time, ILogger<LogIntegrity> logger) : IHealthCheck
{
    public const string AlarmPath = "Notify/Audit";

    private static readonly OwnAlarm damaged = new("verification", "The audit history does not verify / 审计记录校验不通过");
    private static readonly OwnAlarm unwatched = new("watch", "The audit history is no longer verified / 审计记录已停止校验");
    private static readonly OwnAlarm tables = new("tables", "Configuration tables differ from their events / 配置表与事件记录不一致");

    /// <summary>What a node cannot sign is that node's alarm: one whose own file is in order does not clear it.</summary>
    private static readonly OwnAlarm unsigned = new(
        $"signing/{Environment.MachineName}", "Checkpoints of the audit history are not signed / 审计记录的检查点未签名");

    /// <param name="About">Which it stays when it is called something else.</param>
    private sealed record OwnAlarm(string About, string Name)
    {
        public string SourceId => $"notify/audit/{About}";
    }

    /// <summary>Why no checkpoint is signed; null while they are.</summary>
    public string? SigningFault { get; private set; }

    /// <summary>What the last verification found; null when it found nothing.</summary>
    public string? VerificationFault { get; private set; }

    /// <summary>What of the tables of the configuration is not what their events say; null when all is.</summary>
    public string? TableFault { get; private set; }

    /// <summary>Why nobody would notice that the history is changed: it is not verified, signed or followed; null while it is.</summary>
    public string? WatchFault { get; private set; }

    /// <summary>When that was seen last.</summary>
    public DateTimeOffset WatchFaultAt { get; private set; }

    /// <summary>An alarm of its own, since it ends by itself when the rows are right again.</summary>
    /// <param name="fault">Null: all rows are what their events say.</param>
    public async Task TablesAsync(string? fault, CancellationToken cancellation)
    {
        await TellAsync(tables, fault, "All rows match their events.", cancellation, again: fault is not null);
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

    /// <summary>A verification ended by an error, or none was done for too long, or what it rests on stands still.</summary>
    public async Task UnwatchedAsync(string fault, CancellationToken cancellation)
    {
        (WatchFault, WatchFaultAt) = (fault, time.GetUtcNow());
        if (await TellAsync(unwatched, fault, "", cancellation)) Log(unwatched, fault);
    }

    /// <summary>The whole history was verified, whatever was found; or what stood still continues.</summary>
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
        return alarms.TellAsync(about.SourceId, fault, alarm, new AskOwnAlarm(about.SourceId), (OwnAlarmAnswered x) => x.IsActive, again);
    }

    /// <summary>Rules decide who reads it, in whatever language.</summary>
    private string InBothLanguages(string english) => texts.Chinese(english) is var chinese && chinese == english ? english : $"{chinese}\n{english}";
}
