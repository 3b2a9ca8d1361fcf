using Notify.Channels.Sending;
using Notify.Channels.Texts;
using static Notify.Channels.Sending.OutcomeClass;

namespace Notify.Channels.DingTalk;

/// <summary>The error numbers of robots (https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages), and the error words of the
/// API of apps.</summary>
public static class DingTalkErrors
{
    /// <summary>Represents all codes by which the API reports too many calls.</summary>
    public const string Throttling = "Throttling";

    /// <summary>Represents all codes by which the API reports a missing permission.</summary>
    public const string Forbidden = "Forbidden";

    public const string Invalid = "invalidStaffIdList";
    public const string Filtered = "filteredStaffIdList";
    public const string FlowControlled = "flowControlledStaffIdList";

    /// <summary>Seconds: a robot over its limit is silenced for ten minutes, and longer if it is called again meanwhile.</summary>
    private const int Penalty = 600;

    private const string LookUp = "https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages";

    private static readonly PlatformErrors table = new(LookUp)
    {
        { ["0"], Ok, "Accepted. | 已受理。", "Nothing to do. | 无需处理。" },
        {
            ["-1"], Retry,
            "The platform is busy. | 平台繁忙。", "Notify retries automatically. | 系统会自动重试。", 30
        },
        {
            ["130101", "410100", "660026"], Rate,
            "More than 20 messages a minute: the robot is silent for ten minutes. | 每分钟超过 20 条，机器人被限流 10 分钟。",
            "Notify waits automatically. Check whether another program uses the robot; merge rules or add a second robot. | "
                + "系统会自动等待。请检查是否有其他程序使用该机器人；可合并规则或增加机器人。",
            Penalty
        },
        {
            ["1111", Throttling], Rate,
            "Too many calls. | 调用过于频繁。",
            "Notify waits automatically. If it happens often, merge rules. | 系统会自动等待。若经常出现，请合并规则。", 60
        },
        {
            ["310000"], Configuration,
            "The robot's security check refuses the message: keyword, signature, timestamp or IP address. | "
                + "消息未通过机器人安全设置：关键词、加签、时间戳或 IP 地址。",
            "The platform's message says which. Keyword: enter one of the robot's keywords in the service. Signature: copy the secret (SEC…) again. "
                + "Timestamp: correct this server's clock. IP: add this server's outgoing address to the robot's list. | "
                + "平台消息说明是哪一项。关键词：在通知服务中填写机器人的关键词；加签：重新复制以 SEC 开头的密钥；时间戳：校准本服务器时钟；IP：把本服务器的出口 IP 加入机器人的地址段。"
        },
        {
            ["300001", "300005", "400101", "400106"], Configuration,
            "There is no such robot: its address is wrong, or it was removed. | 机器人不存在：地址不正确，或已被移除。",
            "Group settings > Bots: add the robot again, copy its webhook URL and save it in the service. | "
                + "在“群设置 > 机器人”中重新添加，复制 Webhook 地址并保存到通知服务。"
        },
        {
            ["400102"], Configuration,
            "The robot is stopped. | 机器人已停用。", "Enable it in Group settings > Bots. | 在“群设置 > 机器人”中启用。"
        },
        {
            ["400013"], Configuration,
            "The group was dissolved. | 群已解散。", "Add a robot to another group and save its webhook URL in the service. | 请在其他群添加机器人并保存其地址。"
        },
        {
            ["460101", "101002"], Remedy.Shorter,
            "The message is longer than 20,000 bytes. | 消息超过 20000 字节。", "Shorten the message. | 请缩短通知内容。"
        },
        {
            ["400105", "40035", "43004", "400402", "invalidParameter.msgParam.invalid", "msgParam.invalid", "invalidParameter.msgKey.invalid",
                "msgKey.invalid"],
            Remedy.PlainText,
            "The platform does not accept the format of the message. | 平台不接受该消息的格式。",
            "See the platform's message, and correct the message or choose the format Plain text. | 请查看平台返回的说明，更正通知内容或改用纯文本格式。"
        },
        {
            ["430101", "430102", "430103", "430104"], Remedy.Minimal,
            "The platform's content check rejected the text. | 内容未通过平台审核。",
            "Reword the message or the alarm's description. | 请修改消息或报警描述的用词。"
        },
        {
            ["invalidClientIdOrSecret"], Configuration,
            "The client id or the client secret is wrong. | Client ID 或 Client Secret 不正确。",
            "Copy both again from Developer console > the app > Credentials. | 请从“开发者后台 > 该应用 > 凭证与基础信息”重新复制。"
        },
        {
            ["InvalidAuthentication", "40014"], RefreshToken,
            "The access token is no longer valid. | access token 已失效。",
            "Notify fetches a new one automatically. If that is refused too, copy the app's client id and secret again. | "
                + "系统会自动重新获取。若仍被拒绝，请重新复制应用的 Client ID 和 Client Secret。"
        },
        {
            ["invalidParameter.robotCode.auth", "robotCode.auth", "resource.unavailable"], Configuration,
            "The robotCode does not belong to the app, or the robot is not published. | robotCode 不属于该应用，或机器人未发布。",
            "Copy the robotCode from Developer console > the app > Robot, and publish the app's version. | "
                + "从“开发者后台 > 该应用 > 机器人”复制 robotCode，并发布应用版本。"
        },
        {
            [Forbidden], Configuration,
            "The app lacks the permission to send messages. | 应用没有发送消息的权限。",
            "Developer console > the app > Permissions: apply for qyapi_robot_sendmsg. | 在“开发者后台 > 该应用 > 权限管理”申请 qyapi_robot_sendmsg。"
        },
        {
            ["staffId.notExisted", Invalid], Receiver,
            "There is no such member, or the app may not see them. | 成员不存在，或不在应用可见范围内。",
            "Compare the user ID with the admin console's contacts (UserID, not the name), and check the app's visible range. | "
                + "请核对管理后台通讯录中的 UserID（不是姓名），并检查应用的可见范围。"
        },
        {
            [Filtered], Receiver,
            "The platform has filtered the member out. | 平台已过滤该成员。",
            "Check the app's visible range, and whether the member has blocked the robot. | 请检查应用可见范围，以及该成员是否屏蔽了机器人。"
        },
        {
            [FlowControlled], Receiver,
            "The member has received too many messages. | 发给该成员的消息过多，已被限流。",
            "Resend later; if it happens often, merge rules. | 请稍后重新发送；若经常出现，请合并规则。"
        },
    };

    /// <param name="code">The code as the platform wrote it.</param>
    public static PlatformError For(string code) => table.For(Known(code));

    /// <summary>Null for a code that means success.</summary>
    public static Explained? Explain(string code) => table.Explain(Known(code));

    private static string Known(string code) =>
        code.StartsWith(Forbidden, StringComparison.OrdinalIgnoreCase) ? Forbidden
        : code.Contains(Throttling, StringComparison.OrdinalIgnoreCase) || code.Contains("QpsLimit", StringComparison.OrdinalIgnoreCase) ? Throttling
        : code;
}
