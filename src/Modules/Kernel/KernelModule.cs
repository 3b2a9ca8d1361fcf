using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Kernel;

public static class KernelModule
{
    /// <summary>Registers what all kinds of configuration resources need, and common texts.</summary>
    public static IServiceCollection AddKernel(this IServiceCollection services) =>
        services
            .AddSingleton<Gauges>()
            .AddSingleton<ProblemTexts>()
            .AddSingleton<OutgoingAddresses>()
            .AddSingleton<WrongKeys>()
            .AddSingleton<OwnAlarms>()
            .AddAcknowledgeLinks()
            .AddProblemTexts(KernelProblemTexts.Lines)
            .AddSingleton<ConfigurationAt>()
            .AddSingleton<FoldedTables>()
            .AddSingleton<IHistoryCheck>(x => x.GetRequiredService<FoldedTables>())
            .AddHistoryCheck<SealedSecrets>()
            .AddEventSummaries(
            [
                new("kernel.master_key_recorded.v1",
                "Secrets are sealed with the master key {fingerprint} ({file} on {machine})[, in place of {replaces}]",
                "密封机密的主密钥为 {fingerprint}（{machine} 上的 {file}）[，替换 {replaces}]"),
                new(StoreKey.RotatedEvent, "Secrets are sealed with the key {key} from now on, in place of {replaces}", "此后用密钥 {key} 密封机密，替换 {replaces}"),
            ])
            .AddSealedColumns(
                new SealedColumn("secret", "sealed", "ref"),
                new SealedColumn(IdempotencyTable.TableName, "answer", "'idempotency ' || actor || ' ' || path || ' ' || key"))
            .AddEvents(
                "kernel",
                EventType.Of<MasterKeyRecorded>("kernel.master_key_recorded.v1",
                "The master key with which the store's secrets are sealed; a node with a different one does not start."),
                EventType.Of<SealingKeyRotated>(StoreKey.RotatedEvent,
                "Somebody made a newer key of the key file the one that seals secrets; those sealed before are sealed anew."));
}
