namespace Notify.Delivery;

/// <summary>What the calls about notifications refuse, in Chinese.</summary>
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
        """;
}
