namespace Notify.Channels.SmsTwilio;

/// <summary>Chinese problem texts about settings.</summary>
internal static class TwilioProblemTexts
{
    public const string Lines = """
        An account SID is AC and 32 hexadecimal digits. | Account SID 为 AC 加 32 位十六进制数字。
        A messaging service SID is MG and 32 hexadecimal digits. | Messaging Service SID 为 MG 加 32 位十六进制数字。
        Give a number such as +15005550006, a short code, or a sender id of up to 11 letters and digits. | 请填写 +15005550006 这样的号码、短号码，或不超过 11 个字母数字的发送者名称。
        Give a sender or a messaging service. | 请填写发送号码或 Messaging Service。
        Give either a sender or a messaging service. | 发送号码与 Messaging Service 只能填写一个。
        The origin of the API address must be listed in the setting Notify:SmsTwilio:AllowedOrigins. | API 地址（协议、主机、端口）须列入设置 Notify:SmsTwilio:AllowedOrigins。
        """;
}
