using Notify.Delivery.WeCom;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Notifications;

/// <summary>What something that went wrong means, and what to do about it.</summary>
public sealed record Explained(BilingualText Meaning, BilingualText Advice)
{
    /// <summary>No answer, or a page of something that stands between.</summary>
    public static readonly Explained Unreachable = new(
        new("The platform could not be reached, or something else answered instead.", "无法连接企业微信，或由其他设备应答。"),
        new("Check that this server can reach the platform by HTTPS through firewall and proxy, and the setting Notify:WeCom:ApiBaseUrl.",
            "请检查本服务器能否经防火墙和代理通过 HTTPS 访问企业微信，以及 Notify:WeCom:ApiBaseUrl 设置。"));

    public static readonly Explained AnswerLost = new(
        new("The answer was lost: the message may or may not have arrived.", "未收到平台应答，消息可能已送达，也可能没有。"),
        new("Check the chat before resending.", "请先在群聊或会话中确认，再重试。"));

    public static readonly Explained SettingsUnusable = new(
        new("It cannot be sent with the service's present settings.", "以当前的服务设置无法发送。"),
        new("See the message; if a secret cannot be decrypted, enter it again in the service.", "请查看提示；若密钥无法读取，请在通知服务中重新填写。"));

    public static Explained? OfCode(int? platformCode)
    {
        if (platformCode is not { } code || code == 0) return null;
        var error = WeComErrors.For(code);
        return new(error.Meaning, error.Advice);
    }

    /// <param name="list">In which the platform named a receiver: <c>invaliduser</c> or <c>unlicenseduser</c>.</param>
    public static Explained OfList(string list) => list == "unlicenseduser"
        ? new(new("The member has no licence for app messages.", "该成员没有接口许可。"),
            new("Give the member a licence in the WeCom admin console: App management > Interface licence.", "请在企业微信管理后台为该成员分配接口许可。"))
        : new(new("The account does not exist, or is outside the app's visible range.", "账号不存在，或不在应用可见范围内。"),
            new("Compare the account with Contacts (the Account field, not the name), and add the member to App management > the app > Visible range.",
                "请核对“通讯录”中的账号（不是姓名），并在“应用管理 > 该应用 > 可见范围”中加入该成员。"));
}
