using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Console;
using Notify.Access.ApiKeys;
using Notify.Access.SignIns;
using Notify.Host.Operating;
using Notify.Host.Shell;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Ui.Api;

namespace Notify.Host;

/// <summary>The request pipeline, health, metrics, traces, logs.</summary>
public static class Operation
{
    public static void AddOperation(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<PublicAddress>();
        // After everybody else: what the framework adds for its own types (problem details) would keep hosts from sharing what is known of each type.
        builder.Services.PostConfigure<JsonOptions>(options => NotifyJson.Configure(options.SerializerOptions));
        Tls.AddTls(builder);
        builder.Services.AddHealth();
        builder.AddObservability();
        ConsoleLines.AddTo(builder.Logging, builder.Configuration);
        GuardedLogging.AddTo(builder.Services);
    }

    public static void UseRequestPipeline(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(ConsoleLines.Requests);
        var idempotency = app.Services.GetRequiredService<Idempotency>();
        var refusals = app.Services.GetRequiredService<Refusals>();
        var signIns = app.Services.GetRequiredService<RecordSignIns>();
        var uses = app.Services.GetRequiredService<ApiKeyUses>();
        var limits = app.Services.GetRequiredService<IntakeLimits>();
        var callers = app.Services.GetRequiredService<CallerLimit>();
        var reads = app.Services.GetRequiredService<Reads>();
        var turns = app.Services.GetRequiredService<ReadTurns>();
        var store = app.Services.GetRequiredService<StoreState>();
        app.UseProxies();
        app.Use(SecurityHeaders.InvokeAsync);
        // A proxy may leave in the request the path below which it publishes Notify, or remove it.
        if (app.Services.GetRequiredService<PublicAddress>().PathBase is { Length: > 0 } path) app.UsePathBase(path);
        app.UseConsoleFiles();
        // Requests of the console's pages go through everything that follows, like a request from outside.
        app.Use(next =>
        {
            app.Services.GetRequiredService<PageRequests>().GoThrough(next);
            return next;
        });
        app.Use((http, next) => refusals.InvokeAsync(http, next));
        app.Use((http, next) => ProblemResponses.InvokeAsync(http, next, store, logger));
        app.UseOpenMetrics();
        app.Use(ConsolePages.AsGetAsync);
        app.UseRouting();
        app.UseAuthentication();
        app.Use((http, next) => PresentedKey.InvokeAsync(http, next));
        app.Use((http, next) => QuerySecrets.InvokeAsync(http, next));
        app.Use((http, next) => RequestAudit.InvokeAsync(http, next));
        app.Use((http, next) => CallerPaths.InvokeAsync(http, next));
        app.Use((http, next) => signIns.InvokeAsync(http, next));
        app.Use(ConsolePages.InvokeAsync);
        app.UseAuthorization();
        app.UseAntiforgery();
        app.Use((http, next) => uses.InvokeAsync(http, next));
        app.Use((http, next) => limits.InvokeAsync(http, next));
        app.Use((http, next) => callers.InvokeAsync(http, next));
        app.Use((http, next) => reads.InvokeAsync(http, next));
        app.Use((http, next) => UnknownParameters.InvokeAsync(http, next));
        app.Use((http, next) => turns.InvokeAsync(http, next));
        app.Use((http, next) => idempotency.InvokeAsync(http, next));
        app.Use((http, next) => ProposedAnswers.InvokeAsync(http, next));
    }

    public static void MapOperation(this WebApplication app)
    {
        app.MapHealth();
        app.MapMetrics();
    }
}
