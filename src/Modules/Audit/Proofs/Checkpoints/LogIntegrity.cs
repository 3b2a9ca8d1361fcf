using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel.Http;
using Wolverine;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// The known faults of the record. Each fault raises an alarm in Notify itself, at the path <c>Notify/Audit</c>, and again on each day on which it is
/// still there, also when somebody has acknowledged it; rules decide who hears of it. Which node raised it, and before which restart, does not
/// matter: a verification that finds nothing clears it. Health says "degraded": alarms are still taken and delivered.
/// </summary>
public sealed class LogIntegrity(IServiceScopeFactory scopes, ProblemTexts texts, TimeProvider time, ILogger<LogIntegrity> logger) : IHealthCheck
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

    private readonly ConcurrentDictionary<string, bool> raised = new(StringComparer.Ordinal);

    /// <summary>Signing is tried every few seconds; the alarm's module need not be asked each time whether it knows.</summary>
    private (string Fault, DateTime Day)? told;

    /// <summary>Another node, or this one before its restart, may have raised what is over.</summary>
    private bool tablesCompared;

    /// <summary>After a start it is not known whether the alarm is still active.</summary>
    private bool signingCleared;

    private (string Fault, DateTime Day)? unwatchedTold;

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
        if (fault is not null) await PublishAsync(Of(tables, AlarmState.ActiveUnacked, fault), cancellation);
        else if (TableFault is not null || !tablesCompared) await PublishAsync(
            Of(tables, AlarmState.ClearedUnacked, "All rows match their events."), cancellation);
        (TableFault, tablesCompared) = (fault, true);
    }

    public async Task SigningWorksAsync(CancellationToken cancellation)
    {
        (SigningFault, told) = (null, null);
        if (signingCleared) return;
        await PublishAsync(Of(unsigned, AlarmState.ClearedUnacked, "Checkpoints are being signed."), cancellation);
        signingCleared = true;
    }

    public async Task ReportAsync(string fault, CancellationToken cancellation)
    {
        (SigningFault, signingCleared) = (fault, false);
        var now = (fault, time.GetUtcNow().UtcDateTime.Date);
        if (told == now) return;
        await RaiseAsync(unsigned, fault, cancellation);
        told = now;
    }

    /// <param name="fault">Null: everything was verified and is good.</param>
    public async Task VerifiedAsync(string? fault, CancellationToken cancellation)
    {
        VerificationFault = fault;
        if (fault is not null) await RaiseAsync(damaged, fault, cancellation);
        else await PublishAsync(Of(damaged, AlarmState.ClearedUnacked, "The whole history was verified."), cancellation);
    }

    /// <summary>A verification ended by an error, or none was done for too long, or what it rests on stands still.</summary>
    public async Task UnwatchedAsync(string fault, CancellationToken cancellation)
    {
        (WatchFault, WatchFaultAt) = (fault, time.GetUtcNow());
        var now = (fault, time.GetUtcNow().UtcDateTime.Date);
        if (unwatchedTold == now) return;
        await RaiseAsync(unwatched, fault, cancellation);
        unwatchedTold = now;
    }

    /// <summary>The whole history was verified, whatever was found; or what stood still continues.</summary>
    public async Task WatchedAsync(CancellationToken cancellation)
    {
        (WatchFault, unwatchedTold) = (null, null);
        await PublishAsync(Of(unwatched, AlarmState.ClearedUnacked, "The history is followed, signed and verified again."), cancellation);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((SigningFault ?? VerificationFault ?? TableFault ?? WatchFault) is { } fault
            ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy());

    private async Task RaiseAsync(OwnAlarm alarm, string fault, CancellationToken cancellation)
    {
        logger.LogCritical("{Name}: {Fault}", alarm.Name, fault);
        await PublishAsync(Of(alarm, AlarmState.ActiveUnacked, fault), cancellation);
    }

    private RaiseAlarm Of(OwnAlarm alarm, AlarmState state, string description) =>
        new(alarm.SourceId, alarm.Name, AlarmPath, AlarmLevel.Critical, state, InBothLanguages(description));

    /// <summary>Rules decide who reads it, in whatever language.</summary>
    private string InBothLanguages(string english) => texts.Chinese(english) is var chinese && chinese == english ? english : $"{chinese}\n{english}";

    /// <summary>Takes moments, and is not cut off by a stop: the bus would log that as a failure.</summary>
    private static async Task<bool> IsActiveAsync(RaiseAlarm alarm, IMessageBus bus) =>
        (await bus.InvokeAsync<OwnAlarmAnswered>(new AskOwnAlarm(alarm.SourceId), CancellationToken.None)).IsActive;

    private async Task PublishAsync(RaiseAlarm alarm, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<IMessageBus>();
        if (alarm.State == AlarmState.ActiveUnacked) raised.TryAdd(alarm.SourceId, true);
        // What this node has raised may still be on its way to the alarm's module. What another raised, or this one before its restart, is asked for.
        else if (!raised.TryRemove(alarm.SourceId, out _) && !await IsActiveAsync(alarm, bus)) return;
        await bus.PublishAsync(alarm);
    }
}
