using Microsoft.Extensions.Diagnostics.HealthChecks;
using Notify.Kernel.Http;

namespace Notify.Audit.Following;

/// <summary>Degraded while the audit history is far behind the events. Alarms are accepted and delivered all the same, so it is never unhealthy.</summary>
public sealed class FollowerHealth(EventFollower follower) : IHealthCheck
{
    private const long Far = 100_000;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var lag = await follower.LagAsync(cancellationToken);
            var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["lag"] = lag, ["position"] = follower.Position };
            return lag < Far ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded($"The audit history is {lag} events behind.", data: data);
        }
        catch (Exception e) when (ProblemResponses.IsStoreDown(e))
        {
            return HealthCheckResult.Degraded("The database cannot be reached.");
        }
    }
}
