using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Notify.Access.SignIns;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Host;

/// <summary>What operating needs: the request pipeline, health, logs.</summary>
public static class Operation
{
    public static void AddOperation(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(options => NotifyJson.Configure(options.SerializerOptions));
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: ["ready"]);
        builder.Logging.AddSimpleConsole(options => options.SingleLine = true);
    }

    public static void UseRequestPipeline(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Notify.Requests");
        var idempotency = app.Services.GetRequiredService<Idempotency>();
        var refusals = app.Services.GetRequiredService<Refusals>();
        var signIns = app.Services.GetRequiredService<SignIns>();
        app.Use((http, next) => refusals.InvokeAsync(http, next));
        app.Use((http, next) => ProblemResponses.InvokeAsync(http, next, logger));
        app.UseRouting();
        app.UseAuthentication();
        app.Use((http, next) => RequestAudit.InvokeAsync(http, next));
        app.Use((http, next) => signIns.InvokeAsync(http, next));
        app.UseAuthorization();
        app.Use((http, next) => idempotency.InvokeAsync(http, next));
    }

    public static void MapOperation(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous();
    }

    /// <summary>Ready means able to accept: an alarm accepted now would reach the disk.</summary>
    private sealed class DatabaseHealth(NpgsqlDataSource database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = database.CreateCommand("select 1");
                command.CommandTimeout = 2;
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception e) when (ProblemResponses.IsStoreDown(e))
            {
                return HealthCheckResult.Unhealthy("The database cannot be reached.");
            }
        }
    }
}
