namespace Notify.Channels.Webhook;

/// <summary>Chinese problem texts about settings.</summary>
internal static class WebhookProblemTexts
{
    public const string Lines = """
        A signing secret is whsec_ and 24 to 64 bytes in base 64. | 签名密钥为 whsec_ 加 24 至 64 字节的 base64。
        A header's value has only letters, digits, punctuation and spaces of ASCII. | 请求头的值只能包含 ASCII 字母、数字、标点和空格。
        This is not a header that can be set. | 不能设置该请求头。
        endpoint | 接收端
        Endpoint | 接收端
        """;
}
