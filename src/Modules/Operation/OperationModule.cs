using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;
using Notify.Kernel.Secrets;
using Notify.Operation.Backups;
using Notify.Operation.DeadLetters;
using Notify.Operation.Keys;
using Notify.Operation.Nodes;
using Notify.Operation.Rebuild;
using Notify.Operation.Transfer;

namespace Notify.Operation;

/// <summary>
/// The operation of Notify itself: nodes, schema, keys, backups, dead letters, the configuration as a document, rebuilds of read models. Some of its
/// events have the prefix of the module that had them first, because the name of an event never changes.
/// </summary>
public static class OperationModule
{
    private const string DeadLetterFoundEvent = DeadLetterWatch.FoundEvent;

    public static IServiceCollection AddOperationModule(this IServiceCollection services) =>
        services
            .ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.Add(RebuildProgress.Table()))
            .AddOwnedTables(RebuildProgress.Owned)
            .AddProblemTexts(OperationProblemTexts.Lines)
            .AddScoped<ConfigurationTransfer>()
            .AddScoped<IApprovedChanges>(x => x.GetRequiredService<ConfigurationTransfer>())
            .AddSingleton<ReadDeadLetters>()
            .AddSingleton<ChangeDeadLetters>()
            .AddSingleton<ReportBackup>()
            .AddSingleton<TransferKey>()
            .AddSealingKeys()
            .AddHostedService<DeadLetterWatch>()
            .AddReview(ReviewedDeadLetters.All)
            .AddSingleton<Rebuilds>()
            .AddSingleton<ConfigurationTables>()
            .AddSingleton<IReadModel>(x => x.GetRequiredService<ConfigurationTables>())
            .AddEventSummaries(
            [
                new("kernel.read_models_restored.v1", "Configuration tables changed by SQL were restored from their events: {rows#|row|rows}",
                "已撤销他人对配置数据表的改写，共 {rows#} 行"),
                new("kernel.configuration_exported.v1", "The configuration was exported as {format}[, with secrets sealed for {sealedFor}]",
                "导出配置（{format}）[，密钥已为 {sealedFor} 加密]"),
                new("kernel.configuration_imported.v1",
                    "A configuration document was applied; changes: {resources#}[; resources missing in it were deleted{?prune}]",
                    "导入配置，共 {resources#} 处变更[，并删除文件中没有的内容{?prune}]"),
                new(DeadLetterFoundEvent, "An internal message became a dead letter after all retries ({fault})[; alarms: {alarms}]",
                    "内部消息多次处理失败（{fault}）[；相关报警：{alarms}]"),
                new("audit.dead_letter_replayed.v1", "A dead letter was replayed", "重新处理失败的内部消息"),
                new("audit.dead_letter_discarded.v1", "A dead letter was discarded", "放弃失败的内部消息"),
            ])
            .AddEvents(
                "kernel",
                EventType.Of<ReadModelsRestored>("kernel.read_models_restored.v1",
                "Rows of rules, services, messages, schedules or API keys that had been changed by SQL were restored from their events."),
                EventType.Of<ConfigurationExported>("kernel.configuration_exported.v1",
                "The whole configuration was exported, without secrets or with secrets sealed for one recipient.") with
                { ChangesNothing = true },
                EventType.Of<ConfigurationImported>(
                "kernel.configuration_imported.v1", "A document was applied to the configuration; each change is also recorded separately."))
            .AddEventSummaries(
            [
                new("operation.rebuild_started.v1", "A rebuild of read models from the events was started: {models}", "开始从事件重建数据表：{models}"),
                new("operation.backup_reported.v1", "A backup of {takenAt} was reported[: {note}]", "登记 {takenAt} 的备份[：{note}]"),
                new("operation.rebuild_ended.v1", "The rebuild of read models ended[; it stopped at {failure}]", "从事件重建数据表结束[；中止于 {failure}]"),
            ])
            .AddEvents(
                "operation",
                EventType.Of<RebuildStarted>(
                "operation.rebuild_started.v1", "Somebody started a rebuild of read models from the events; which models, and why."),
                EventType.Of<RebuildEnded>(
                "operation.rebuild_ended.v1", "A rebuild of read models ended; how many rows differed in each, or where and why it stopped."),
                EventType.Of<BackupReported>("operation.backup_reported.v1", "Somebody reported that a backup was made; Notify makes none itself."))
            .AddEvents(
                "audit",
                EventType.Of<DeadLetterFound>(DeadLetterFoundEvent,
                "A message between modules failed after all retries and became a dead letter; people may not have been notified of what it is about."),
                EventType.Of<DeadLetterReplayed>("audit.dead_letter_replayed.v1", "Somebody replayed a dead letter, and why."),
                EventType.Of<DeadLetterDiscarded>("audit.dead_letter_discarded.v1", "Somebody discarded a dead letter, and why."));

    public static void MapOperationModule(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/v1/operation/dead-letters").WithTags("operation");
        ReadDeadLetters.Map(letters);
        ChangeDeadLetters.Map(letters);
        RebuildEndpoints.Map(routes);
        ReadNodes.Map(routes);
        ReportBackup.Map(routes);
        var keys = routes.MapGroup("/api/v1/operation/keys").WithTags("operation");
        ReadKeys.Map(keys);
        RotateKeys.Map(keys);
        routes.MapConfigurationTransfer();
    }

    private static IServiceCollection AddSealingKeys(this IServiceCollection services)
    {
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.Add(SealingKeys.Table()));
        return services.AddSingleton<SealingKeys>().AddHostedService(x => x.GetRequiredService<SealingKeys>())
            .AddSingleton<ReadKeys>().AddSingleton<RotateKeys>().AddSingleton<ReadNodes>();
    }

    /// <summary>Records starts and stops. Must be added after the services that create the schema and before those that use it.</summary>
    public static IServiceCollection AddNodeLife(this IServiceCollection services) =>
        services
            .AddEventSummaries(
            [
                new("kernel.node_started.v1", "Notify {version} started on {name} (process {process})",
                "Notify {version} 在 {name} 上启动（进程 {process}）"),
                new("kernel.node_stopped.v1", "Notify stopped on {name} (process {process})", "Notify 在 {name} 上停止（进程 {process}）"),
                new("kernel.schema_changed.v1", "The database’s schema was changed[; added: {added#}][; removed: {removed#}]",
                "数据库结构已变更[；新增 {added#} 项][；移除 {removed#} 项]"),
            ])
            .AddEvents(
                "kernel",
                EventType.Of<NodeStarted>("kernel.node_started.v1", "A process started; with its settings."),
                EventType.Of<NodeStopped>("kernel.node_stopped.v1", "A process stopped normally."),
                EventType.Of<SchemaChanged>("kernel.schema_changed.v1", "The database's schema differs from when a process last checked."))
            .AddHostedService<NodeLife>();
}
