using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Host.Operating;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: an alarm accepted now would reach the disk.</summary>
internal static class Health
{
    private const string Ready = "ready";

    public static void AddHealth(this IServiceCollection services) =>
        services.AddSingleton<StoreState>().AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: [Ready])
            .AddCheck<DeadLetterHealth>("deadLetters", tags: [Ready]);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Map("/health/live", _ => false);
        Map("/health/ready", check => check.Tags.Contains(Ready));

        // Without authentication, which needs the database: a caller that sends its key gets the same answer.
        void Map(string path, Func<HealthCheckRegistration, bool> checks) =>
            routes.MapHealthChecks(path, new HealthCheckOptions { Predicate = checks, ResponseWriter = WriteAsync })
                .Open("Asked by load balancers and orchestrators, which have no key.").ShortCircuit();
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(
        new { status = report.Status, checks = report.Entries.ToDictionary(x => x.Key, x => new { status = x.Value.Status, x.Value.Description }) },
        NotifyJson.Options, http.RequestAborted);

    /// <summary>Only degraded, because alarms are still accepted; but some work was not done.</summary>
    private sealed class DeadLetterHealth(StoreGauges gauges) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await gauges.RefreshAsync(cancellationToken);
            return gauges.DeadLetters == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(
                    $"{gauges.DeadLetters} internal messages failed after all retries; see GET /api/v1/operation/dead-letters.");
        }
    }

    private sealed class DatabaseHealth(NpgsqlDataSource database, StoreState state, IEnumerable<OwnedTable> tables) : IHealthCheck
    {
        /// <summary>Callers give up after a few seconds; a hanging database must not make the check hang.</summary>
        private static readonly TimeSpan patience = TimeSpan.FromSeconds(2);

        private static readonly TimeSpan recently = TimeSpan.FromSeconds(5);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(patience);
            try
            {
                await using var command = database.CreateCommand(
                    $"select current_setting('transaction_read_only') = 'off', {EventTables.Exist} and not exists (select from unnest($1) as t(name) where to_regclass(t.name) is null)");
                command.Parameters.AddWithValue(tables.Select(x => x.FullName).ToArray());
                await using var reader = await command.ExecuteReaderAsync(limit.Token);
                await reader.ReadAsync(limit.Token);
                if (!reader.GetBoolean(0)) return HealthCheckResult.Unhealthy("The database is read-only; it may be a standby.");
                if (!reader.GetBoolean(1)) return HealthCheckResult.Unhealthy(
                    "The database has no schema. Create it with: dotnet Notify.Host.dll db-apply.");
                return state.WriteFaultWithin(recently) is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy();
            }
            catch (Exception e) when (StoreFault.IsStoreDown(e))
            {
                return HealthCheckResult.Unhealthy(StoreState.Describe(e), e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                var late = new TimeoutException("The health check timed out.", e);
                return HealthCheckResult.Unhealthy("The database did not answer in time.", late);
            }
        }
    }
}
