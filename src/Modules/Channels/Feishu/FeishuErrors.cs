using Notify.Channels.Sending;
using Notify.Channels.Texts;
using static Notify.Channels.Sending.OutcomeClass;

namespace Notify.Channels.Feishu;

/// <summary>The error codes of robots' webhooks, from the documentation of custom bots
/// (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot).</summary>
public static class FeishuErrors
{
    /// <summary>Any fault of a request; its text tells whether the rate was too high.</summary>
    public const string BadRequest = "9499";

    public static readonly PlatformErrors Table = new("https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot")
    {
        { ["0"], Ok, "Accepted. | 已受理。", "Nothing to do. | 无需处理。" },
        {
            ["19001"], Configuration,
            "There is no such robot, or it is disabled. | 机器人不存在或已停用。",
            "Group > Settings > Bots: add the robot again or enable it, copy its webhook URL and save it in the service. | "
                + "在“群聊 > 设置 > 群机器人”中启用或重新添加机器人，复制 Webhook 地址并保存到通知服务。"
        },
        {
            ["19021"], Configuration,
            "The signature does not match, or this server's clock is more than an hour off. | 签名不匹配，或本服务器时钟误差超过一小时。",
            "Copy the secret from the robot's page (Set signature verification) into the service; compare this server's clock. | "
                + "从机器人页面“签名校验”复制密钥到通知服务，并核对本服务器时钟。"
        },
        {
            ["19022"], Configuration,
            "This server's address is not in the robot's IP whitelist. | 本服务器的出口 IP 不在机器人的 IP 白名单中。",
            "Add this server's outgoing address to the robot's IP whitelist. | 请将本服务器的出口 IP 加入机器人的 IP 白名单。"
        },
        {
            ["19024"], Configuration,
            "The message has none of the robot's keywords. | 消息不含机器人的自定义关键词。",
            "Enter one of the robot's keywords in the service: it is added to messages that lack it. | "
                + "请在通知服务中填写机器人的一个关键词，系统会自动加入缺少它的消息。"
        },
        {
            ["11232", "99991400"], Rate,
            "Too many messages: 5 a second and 100 a minute, or the platform is overloaded. | 发送过快：每秒 5 条、每分钟 100 条，或平台限流。",
            "Notify waits automatically. If it happens often, merge rules or add a second robot. | 系统会自动等待。若经常出现，请合并规则或增加机器人。",
            5
        },
        {
            ["19036"], Remedy.Shorter,
            "The message is longer than 20 KB. | 消息超过 20 KB。",
            "Shorten the message. | 请缩短通知内容。"
        },
        {
            [BadRequest, "19002"], Remedy.PlainText,
            "The platform does not accept the format of the message. | 平台不接受该消息的格式。",
            "See the platform's message, and correct the message or choose the format Plain text. | 请查看平台返回的说明，更正通知内容或改用纯文本格式。"
        },
    };
}
