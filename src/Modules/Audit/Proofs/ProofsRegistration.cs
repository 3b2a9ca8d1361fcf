using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Erasing;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Export;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Reading;
using Notify.Audit.Proofs.Signatures;
using Notify.Audit.Proofs.Verification;
using Notify.Audit.Retention;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;

namespace Notify.Audit.Proofs;

/// <summary>Registers the proofs of the history (docs/proofs.md).</summary>
public static class ProofsRegistration
{
    public static void AddProofs(this IServiceCollection services)
    {
        services.AddEventSummaries(ProofEvents.Summaries);
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.AddRange([.. LogTables.All(), HoldTable.Table()]));
        services.AddOwnedTables(HoldTable.Owned);
        services.AddSingleton<IEventStep, MerkleLog>();
        services.AddSingleton<IErasures, Erasures>();
        services.AddSingleton<LogKeys>();
        services.AddSingleton<Marks>();
        services.AddSingleton<CheckpointFile>();
        services.AddSingleton<CheckpointGuard>();
        services.AddSingleton<LogIntegrity>();
        services.AddSingleton<CheckpointWebhook>();
        services.AddHostedService(x => x.GetRequiredService<CheckpointWebhook>());
        services.AddSingleton<CheckpointSigner>();
        services.AddHostedService(x => x.GetRequiredService<CheckpointSigner>());
        services.AddHistoryCheck<ErasureRecords>();
        services.AddHistoryCheck<FollowedCheck>();
        services.AddHistoryCheck<RecordedSignatures>();
        services.AddSingleton<HoldTable>();
        services.AddSingleton<IHistoryCheck>(x => x.GetRequiredService<HoldTable>());
        services.AddSingleton<FoldedTableWatch>();
        services.AddHostedService(x => x.GetRequiredService<FoldedTableWatch>());
        services.AddSingleton<LogVerifier>();
        services.AddSingleton<Verifications>();
        services.AddSingleton<HistoryExport>();
        services.AddSingleton<ExportHistory>();
        services.AddSingleton<OwnWords>();
        services.AddScoped<Erasure>().AddScoped<ErasePersonalData>();
        services.AddScoped<IApprovedChanges>(x => x.GetRequiredService<ErasePersonalData>());
        services.AddSingleton<ReadProofs>().AddSingleton<SigningKeys>().AddSingleton<AcceptCheckpoints>().AddSingleton<LegalHolds>();
        services.AddSingleton<IApprovedChanges>(x => x.GetRequiredService<LegalHolds>());
        services.AddSingleton<RetentionPolicy>();
        services.AddSingleton<Expiry>();
        services.AddHostedService(x => x.GetRequiredService<Verifications>());
        services.AddSingleton<VerificationWatch>();
        services.AddHostedService(x => x.GetRequiredService<VerificationWatch>());
        services.AddHealthChecks().AddCheck<LogIntegrity>("audit-proofs", tags: ["ready"]);
    }

    public static void MapProofs(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/v1/audit").WithTags("audit");
        ReadProofs.Map(audit);
        VerifyHistoryEndpoints.Map(audit);
        SigningKeys.Map(audit);
        AcceptCheckpoints.Map(audit);
        ExportHistory.Map(audit);
        ErasePersonalData.Map(audit);
        LegalHolds.Map(audit);
        ExportHistory.MapReceipts(routes);
    }
}
