namespace Notify.Services;

/// <summary>What services refuse, in Chinese; what their settings refuse, their channel says.</summary>
internal static class ServicesProblemTexts
{
    public const string Lines = """
        The service '{}' has no accounts: it is of type {}. | 服务“{0}”没有账号：其类型为 {1}。
        The service '{}' cannot be tested without sending a message: it is of type {}. | 通知服务“{0}”只能通过发送消息来测试：其类型为 {1}。
        Give preview, merge or replace. | 须为 preview、merge 或 replace。
        Send the file as multipart/form-data, in the part named file. | 请以 multipart/form-data 发送文件，部分名为 file。
        Send one file, in the part named file. | 请发送一个文件，部分名为 file。
        The body is not a well-formed multipart/form-data. | 请求体不是格式正确的 multipart/form-data。
        The file may have at most 5 MiB. | 文件最大 5 MiB。
        A text is required. | 文本必填。
        The text has at most {} bytes. | 文本最多 {0} 字节。
        The type is required. | 类型必填。
        The type '{}' is unknown; known types: {}. | 没有类型“{0}”；可用的有 {1}。
        """;
}
