using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Nodes;

public static class NodeModule
{
    /// <summary>Starts and stops go on record. To be added after what makes the schema, and before what works on it.</summary>
    public static IServiceCollection AddNodeLife(this IServiceCollection services) =>
        services
            .AddEventSummaries(
            [
                new("kernel.node_started.v1", "Notify {version} started on {name} (process {process})", "Notify {version} 在 {name} 上启动（进程 {process}）"),
                new("kernel.node_stopped.v1", "Notify stopped on {name} (process {process})", "Notify 在 {name} 上停止（进程 {process}）"),
                new("kernel.master_key_recorded.v1", "Secrets are sealed with the master key {fingerprint} ({file} on {machine})[, in place of {replaces}]", "密封机密的主密钥为 {fingerprint}（{machine} 上的 {file}）[，替换 {replaces}]"),
                new("kernel.schema_changed.v1", "The database’s schema was changed[; new: {added#}][; gone: {removed#}]", "数据库结构已变更[；新增 {added#} 项][；移除 {removed#} 项]"),
            ])
            .AddEvents(
                "kernel",
                EventType.Of<NodeStarted>("kernel.node_started.v1", "A process began its work, and with which settings."),
                EventType.Of<NodeStopped>("kernel.node_stopped.v1", "A process ended in order."),
                EventType.Of<MasterKeyRecorded>("kernel.master_key_recorded.v1", "The store's secrets are sealed with this master key; a node with another one does not start."),
                EventType.Of<SchemaChanged>("kernel.schema_changed.v1", "The database's schema is not as it was when a process last looked."))
            .AddHostedService<NodeLife>();
}
