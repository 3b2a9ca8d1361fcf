using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Texts;

namespace Notify.Rules.Schedules;

/// <summary>Creates a standard schedule that is open all week at the first start. Once deleted, it is not created again.</summary>
public sealed class DefaultSchedule(
    IDocumentStore store, CurrentResources<Schedule, ScheduleSettings> schedules, IConfiguration configuration,
    TimeProvider time) : IHostedService
{
    public static readonly string Id = Ids.Derived("schedule", "default");

    /// <summary>As stored in English, and as shown until somebody changes it.</summary>
    internal static readonly BilingualText Description = new("Open all week.", "全周开放。");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        // Advancing the stamp also locks, so that two nodes that start together do not both create it.
        await ConfigurationStamp.AdvanceAsync(session, cancellationToken);
        if (await session.Events.FetchStreamStateAsync(Id, cancellationToken) is not null) return;
        if ((await schedules.AllAsync(session, cancellationToken)).Any(x => x.NameKey == Names.KeyOf("Default"))) return;
        AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"), reason: "start").ApplyTo(session);
        var settings = new ScheduleSettings().WithDefaults(TimeZones.Default(configuration));
        session.Events.StartStream<Schedule>(Id, new ScheduleCreated("Default", Description.En, settings));
        await session.SaveChangesAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
