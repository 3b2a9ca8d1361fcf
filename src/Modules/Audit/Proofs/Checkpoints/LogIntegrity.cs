using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Wolverine;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// What is known to be wrong with the record. Each fault raises an alarm in Notify itself, at the path <c>Notify/Audit</c>, and again on each day on which it
/// is still there, also when somebody has acknowledged it; rules decide who hears of it. Which node raised it, and before which restart, does not matter: a
/// verification that finds nothing clears it. Health says "degraded": alarms are still taken and delivered.
/// </summary>
public sealed class LogIntegrity(IServiceScopeFactory scopes, TimeProvider time, ILogger<LogIntegrity> logger) : IHealthCheck
{
    public const string AlarmPath = "Notify/Audit";

    private const string AlarmName = "The audit history does not verify";

    private const string TablesName = "The configuration is not what its events say";

    /// <summary>Signing is tried every few seconds; the alarm's module need not be asked each time whether it knows.</summary>
    private (string Fault, DateTime Day)? told;

    /// <summary>Another node, or this one before its restart, may have raised what is over.</summary>
    private bool tablesCompared;

    /// <summary>Why no checkpoint is signed; null while they are.</summary>
    public string? SigningFault { get; private set; }

    /// <summary>What the last verification found; null when it found nothing.</summary>
    public string? VerificationFault { get; private set; }

    /// <summary>What of the tables of the configuration is not what their events say; null when all is.</summary>
    public string? TableFault { get; private set; }

    /// <summary>An alarm of its own, since it ends by itself when the rows are right again.</summary>
    /// <param name="fault">Null: all rows are what their events say.</param>
    public async Task TablesAsync(string? fault, CancellationToken cancellation)
    {
        if (fault is not null) await PublishAsync(new RaiseAlarm(TablesName, AlarmPath, AlarmLevel.Critical, AlarmState.ActiveUnacked, fault), cancellation);
        else if (TableFault is not null || !tablesCompared) await PublishAsync(new RaiseAlarm(TablesName, AlarmPath, AlarmLevel.Critical, AlarmState.ClearedUnacked, "All rows are what their events say."), cancellation);
        (TableFault, tablesCompared) = (fault, true);
    }

    public void SigningWorks()
    {
        SigningFault = null;
        told = null;
    }

    public async Task ReportAsync(string fault, CancellationToken cancellation)
    {
        SigningFault = fault;
        var now = (fault, time.GetUtcNow().UtcDateTime.Date);
        if (told == now) return;
        await RaiseAsync(fault, cancellation);
        told = now;
    }

    /// <param name="fault">Null: everything was verified and is good.</param>
    public async Task VerifiedAsync(string? fault, CancellationToken cancellation)
    {
        VerificationFault = fault;
        if (fault is not null) await RaiseAsync(fault, cancellation);
        else if (SigningFault is null) await ClearAsync(cancellation);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((SigningFault ?? VerificationFault ?? TableFault) is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy());

    private async Task RaiseAsync(string fault, CancellationToken cancellation)
    {
        logger.LogCritical("The audit history does not verify: {Fault}", fault);
        await PublishAsync(new RaiseAlarm(AlarmName, AlarmPath, AlarmLevel.Critical, AlarmState.ActiveUnacked, fault), cancellation);
    }

    private Task ClearAsync(CancellationToken cancellation) =>
        PublishAsync(new RaiseAlarm(AlarmName, AlarmPath, AlarmLevel.Critical, AlarmState.ClearedUnacked, "The whole history was verified."), cancellation);

    private async Task PublishAsync(RaiseAlarm alarm, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(alarm);
    }
}
