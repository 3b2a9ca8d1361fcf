namespace Notify.Channels.Email;

/// <summary>Chinese problem texts about settings and receivers.</summary>
internal static class EmailProblemTexts
{
    public const string Lines = """
        This is not an email address, such as duty@plant.example. | 这不是邮箱地址，例如 duty@plant.example。
        The text must be one line. | 文本只能有一行。
        This is not the name or address of a server. | 这不是服务器的名称或地址。
        This is not a certificate in PEM. | 这不是 PEM 格式的证书。
        email address | 邮箱地址
        address | 地址
        Address | 地址
        """;
}
