namespace Notify.Channels.SmsAliyun;

/// <summary>Chinese problem texts about settings and messages.</summary>
internal static class AliyunProblemTexts
{
    public const string Lines = """
        An AccessKey ID has letters and digits only. | AccessKey ID 只含字母和数字。
        Give a host such as dysmsapi.aliyuncs.com, or an origin listed in the setting Notify:SmsAliyun:AllowedOrigins. | 请填写 dysmsapi.aliyuncs.com 这样的主机名，或已列入设置 Notify:SmsAliyun:AllowedOrigins 的地址（协议、主机、端口）。
        A template code is SMS_ and digits. | 模板 CODE 为 SMS_ 加数字。
        The message has no template. | 通知内容没有短信模板。
        """;
}
