namespace Notify.Services;

/// <summary>Chinese problem texts about services; those about their settings are in the channels.</summary>
internal static class ServicesProblemTexts
{
    public const string Lines = """
        The service '{}' has no accounts: it is of type {}. | 服务“{0}”没有账号：其类型为 {1}。
        The service '{}' cannot be tested without sending a message: it is of type {}. | 通知服务“{0}”只能通过发送消息来测试：其类型为 {1}。
        Give preview, merge or replace. | 须为 preview、merge 或 replace。
        Give merge or replace. | 须为 merge 或 replace。
        Services of the type '{}' have no accounts. | 类型“{0}”的通知服务没有账号。
        A text is required. | 文本必填。
        The text has at most {} bytes. | 文本最多 {0} 字节。
        The type is required. | 类型必填。
        The type '{}' is unknown; known types: {}. | 没有类型“{0}”；可用的有 {1}。
        """;
}
