namespace Notify.Delivery;

/// <summary>Chinese translations of the problem texts about notifications.</summary>
internal static class DeliveryProblemTexts
{
    public const string Lines = """
        Give resend, dismiss or cancel. | 须为 resend、dismiss 或 cancel。
        Give either ids or a filter. | ids 与 filter 须给出其一。
        Give 1 to {} ids. | 须为 1 至 {0} 个 id。
        Give 1 to {} receivers. | 须为 1 至 {0} 个接收人。
        Service '{}' is of type {}, the message of type {}. | 通知服务“{0}”的类型为 {1}，通知内容的类型为 {2}。
        Services of type {} cannot be tested. | {0} 类型的通知服务不能测试。
        This receiver is listed twice. | 此接收人重复。
        The platform has not signed this report. | 该回执未经平台签名。
        Too many reports without a signature came from this address. | 来自此地址的未签名回执过多。
        A receiver must not be null. | 接收人不能为 null。
        '{}' is not a kind of receiver; use {} or {}. | “{0}”不是接收人类别；请用 {1} 或 {2}。
        The service was removed. | 通知服务已删除。
        The service '{}' was disabled. | 通知服务“{0}”已停用。
        The service '{}' is of another type. | 通知服务“{0}”已是其他类型。
        Not sent: this node was stopped before. | 未发送：本节点此前已停止。
        Notify failed while it was being sent: {} | 发送过程中 Notify 出错：{=0}
        The process that sent it ended before the answer was recorded. | 发送进程在记录应答之前已结束。
        The answer was lost. | 未收到应答。
        How it ended ({}) could not be recorded: {} | 结果（{=0}）未能记录：{=1}
        """;
}
