using Microsoft.Extensions.Diagnostics.HealthChecks;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Audit.Following;

/// <summary>Degraded while the audit history is far behind the events. Alarms are accepted and delivered all the same, so it is never
/// unhealthy.</summary>
public sealed class FollowerHealth(EventFollower follower) : IHealthCheck
{
    private const long Far = 100_000;

    /// <summary>Callers give up after a few seconds; a hanging database must not make the check hang.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var lag = await follower.LagAsync(limit.Token);
            var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["lag"] = lag, ["position"] = follower.Position };
            return lag < Far ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded(
                $"The audit history is {lag} events behind.", data: data);
        }
        catch (Exception e) when (StoreFault.IsStoreDown(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return HealthCheckResult.Degraded("The database does not answer.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Left to ASP.NET, it would be unhealthy, with the database's own words for everybody to read.
            return HealthCheckResult.Degraded("How far the audit history is behind cannot be read; the log says why.", e);
        }
    }
}
