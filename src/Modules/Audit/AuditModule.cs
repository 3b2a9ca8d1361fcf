using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.History;
using Notify.Audit.HistoryReviews;
using Notify.Audit.Index;
using Notify.Audit.PointInTime;
using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Replays;
using Notify.Audit.Retention;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Audit;

/// <summary>The history as people read it, its proofs, and replays.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAuditModule(this IServiceCollection services)
    {
        services.AddProblemTexts(AuditProblemTexts.Lines);
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.AddRange([.. FollowerTables.All(), .. AuditTables.All()]));
        // A row of the search index stands for its text: erasing the text deletes the row.
        services.AddOwnedTables(new OwnedTable("audit_term") { Texts = ["value", "detail"], RowsAreTexts = true });
        services.AddSealedColumns(LogTables.SealedKeys);
        services.AddSingleton<IEventStep, AuditIndex>();
        services.AddHistoryCheck<IndexCheck>();
        services.AddSingleton<EventFollower>();
        services.AddHostedService(x => x.GetRequiredService<EventFollower>());
        services.AddStoreFigures(new StoreFigures(
            $"select {EventTables.HighestNumber} - (select coalesce(min(position), 0) from {FollowerTables.Step})", null,
            new StoreFigure("notify.audit.lag", "{event}", "Events not yet processed by the audit history and its proofs.")));
        services.AddHealthChecks().AddCheck<FollowerHealth>("audit", tags: ["ready"]);
        services.AddEventSummaries([
            new("audit.audit_index_rebuilt.v1", "The index of the audit history was rebuilt", "重建审计记录索引"),
            .. ReplayWiring.Summaries,
        ]);
        services.AddEvents(
            "audit",
            [
                EventType.Of<AuditIndexRebuilt>("audit.audit_index_rebuilt.v1",
                "The index of the audit history was rebuilt, on request or because it had an earlier version's format."),
                .. ProofEvents.All,
                .. ReplayWiring.Events,
            ]);
        services.CheckDuration("Notify:Audit:LongestSearch", Durations.LongestWait, mayBeZero: true);
        foreach (var setting in (string[])["UpgradeCheckInterval", "VerificationCheckInterval", "TableCheckInterval"])
            services.CheckDuration($"Notify:Audit:{setting}", Durations.LongestInterval);
        services.AddSingleton<IndexRebuild>();
        services.AddHostedService(x => x.GetRequiredService<IndexRebuild>());
        services.AddReadModel<ReplayRows>();
        services.AddReadModel<HoldReadModel>();
        services.AddReadModel<IndexReadModel>();
        services.AddSingleton<AuditSearch>();
        services.AddSingleton<PathSight>();
        services.AddSingleton<AuditLog>();
        services.AddProofs();
        services.AddSingleton<SummaryWriter>();
        services.AddSingleton<AuditEntryWriter>();
        services.AddSingleton<ReadAudit>().AddSingleton<ReadHistogram>();
        services.AddSingleton<CorrelationTree>().AddSingleton<RebuildIndex>().AddSingleton<ReadState>();
        return services.AddReplays().AddHistoryReviews();
    }

    public static void MapAuditModule(this IEndpointRouteBuilder routes)
    {
        ReadAudit.Map(routes);
        ReadHistogram.Map(routes);
        routes.MapReplays();
        routes.MapProofs();
        CorrelationTree.Map(routes);
        RebuildIndex.Map(routes);
        ReadState.Map(routes);
        routes.MapHistoryReviews();
    }
}
