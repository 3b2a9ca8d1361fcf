namespace Notify.Operation;

/// <summary>Refusals of the module Operation, in Chinese.</summary>
internal static class OperationProblemTexts
{
    public const string Lines = """
        Name at least one model, or all. There are {}. | 请至少给出一个数据表名称，或 all。可选：{0}。
        There is no model '{}'. There are {}, and all. | 没有数据表“{0}”。可选：{1}，以及 all。
        The instant lies in the future. | 该时刻尚未到来。
        A rebuild is already running; GET /api/v1/operation/rebuild shows its progress. | 已有重建在进行，其进度见 GET /api/v1/operation/rebuild。
        The node that ran the rebuild has ended; start it again. | 执行重建的节点已退出，请重新发起。
        {}: Notify was stopped; ask for it again. | {0}：Notify 已停止，请重新发起。
        The key {} is not yet in the key file of {}. Copy the key file there and try again in a few seconds. | {=1} 的密钥文件中还没有密钥 {=0}。请把密钥文件复制到该节点，几秒后重试。
        A secret of {} '{}' cannot be read: {} Enter it again, or export without secrets. | 无法读取{0}“{1}”的密钥：{2}请重新填写，或导出时不含密钥。
        """;
}
