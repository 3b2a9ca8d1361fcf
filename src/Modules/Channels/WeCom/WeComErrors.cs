using System.Collections.Frozen;
using Notify.Channels.Sending;
using Notify.Kernel.Texts;
using static Notify.Channels.Sending.OutcomeClass;

namespace Notify.Channels.WeCom;

/// <summary>An <c>errcode</c>: what it means and what the operator can do about it.</summary>
/// <param name="RetryAfter">The shortest reasonable wait; null: the caller's backoff.</param>
/// <param name="MostTries">The maximum number of attempts, if lower than usual; null: the usual.</param>
public sealed record WeComError(
    int Code, OutcomeClass Class, BilingualText Meaning, BilingualText Advice, TimeSpan? RetryAfter = null, Remedy Remedy = Remedy.None,
    int? MostTries = null);

/// <summary>
/// The platform's error codes, from its global error list and the documentation of the calls used. The platform returns errors with HTTP status
/// 200, so this table decides and not the status.
/// </summary>
public static class WeComErrors
{
    /// <summary>An unknown code may be temporary once; if it is repeated, a person must look.</summary>
    private const int UnlistedTries = 2;

    /// <summary>WeCom asks for at most three retries when it is busy.</summary>
    private const int BusyTries = 4;

    /// <summary>The entry for a code that is not in the table.</summary>
    public static WeComError Unlisted(int code) => new(code, Retry,
        new("A code that is not known here.", "未收录的错误码。"),
        new($"Look it up at https://open.work.weixin.qq.com/devtool/query?e={code} and correct the service.",
            $"请在 https://open.work.weixin.qq.com/devtool/query?e={code} 查询，并更正通知服务。"), MostTries: UnlistedTries);

    public static WeComError For(int code) => table.TryGetValue(code, out var error) ? error : Unlisted(code);

    /// <summary>What might make the refused message acceptable. 40058 is any invalid parameter; only its message tells whether the text is too
    /// long.</summary>
    public static Remedy RemedyFor(int code, string? message) =>
        code == 40058 && message?.Contains("exceed", StringComparison.OrdinalIgnoreCase) == true ? Remedy.Shorter : For(code).Remedy;

    public static IReadOnlyCollection<WeComError> All => table.Values;

    private static readonly FrozenDictionary<int, WeComError> table = new IEnumerable<WeComError>[]
    {
        Row([0], Ok,
            new("Accepted.", "已受理。"),
            new("Nothing to do.",
                "无需处理。")),
        Row([-1], Retry, 2,
            new("The platform is busy.", "系统繁忙。"),
            new("Notify retries automatically, three times. If the fault persists, check the WeCom status page and resend the failed notifications.",
                "系统会自动重试三次；若持续出现，请查看企业微信运行状态，并重新发送失败的通知。"), BusyTries),
        Row([40014, 42001, 41001], RefreshToken,
            new("The access token was refused.", "access_token 无效、过期或缺失。"),
            new("Notify fetches a new token automatically. If that is refused too, copy the Secret again from App management > the app, and check that no relay changes the query.",
                "系统会自动重新获取。若新的也被拒绝，请在“应用管理 > 该应用”重新复制 Secret，并检查中转代理是否改动了查询参数。")),
        Row([40001], Configuration,
            new("The app's Secret is wrong.", "应用 Secret 不正确。"),
            new("Copy the Secret again from App management > the app > Secret and save it in the service.",
                "在“应用管理 > 该应用 > Secret”重新查看并复制，保存到通知服务。")),
        Row([40013, 2000002], Configuration,
            new("The company ID is unknown.", "企业 ID 不正确。"),
            new("Copy the Company ID from My company > Company information.",
                "在“我的企业 > 企业信息”最下方复制企业 ID。")),
        Row([40091], Configuration,
            new("The Secret belongs to another company.", "Secret 不属于该企业。"),
            new("Take the Company ID and the app's Secret from the same company: My company, and App management > the app.",
                "企业 ID（我的企业）与 Secret（应用管理 > 该应用）须来自同一企业。")),
        Row([41002, 41004, 41024], Configuration,
            new("The company ID or the Secret is missing.", "缺少企业 ID 或 Secret。"),
            new("Fill in Company ID (My company) and Secret (App management > the app) in the service.",
                "在通知服务中填写企业 ID（我的企业）和 Secret（应用管理 > 该应用）。")),
        Row([60020], Configuration, 60,
            new("This server's address is not trusted by the app.", "本服务器的出口 IP 不在企业可信 IP 中。"),
            new("Add the address named in the message to App management > the app > Company's trusted IP. It takes effect after about a minute; sending then resumes automatically.",
                "把报错中的 IP 加入“应用管理 > 该应用 > 企业可信IP”，约一分钟后生效，届时自动恢复发送。")),
        Row([40056], Configuration,
            new("The AgentId is not valid.", "AgentId 不合法。"),
            new("Copy the AgentId, a whole number, from App management > the app.",
                "在“应用管理 > 该应用”复制 AgentId（整数）。")),
        Row([41011], Configuration,
            new("The AgentId is missing.", "缺少 AgentId。"),
            new("Fill in the AgentId from App management > the app.",
                "填写“应用管理 > 该应用”中的 AgentId。")),
        Row([301002], Configuration,
            new("The Secret belongs to another app than the AgentId.", "Secret 与 AgentId 不属于同一应用。"),
            new("Copy AgentId and Secret from the same page: App management > the app.",
                "在“应用管理 > 该应用”的同一页面复制 AgentId 和 Secret。")),
        Row([48002], Configuration,
            new("This Secret may not send messages.", "该 Secret 无权调用发送接口。"),
            new("Use the Secret of a self-built app (App management > Self-built), not that of the contacts.",
                "请使用自建应用的 Secret（应用管理 > 自建），不要用通讯录同步的 Secret。")),
        Row([48004, 48005, 48006], Configuration,
            new("The permission for this call was withdrawn.", "接口权限已失效或被收回。"),
            new("Ask the WeCom administrator to enable the app's permission again: App management > the app.",
                "请企业微信管理员在“应用管理 > 该应用”重新开启权限。")),
        Row([50003], Configuration,
            new("The app is disabled.", "应用已停用。"),
            new("Enable it in App management > the app.",
                "在“应用管理 > 该应用”启用应用。")),
        Row([93000], Configuration,
            new("The webhook URL is wrong, or the robot was removed from its group.", "Webhook 地址不正确，或机器人已被移出群聊。"),
            new("In the group: Group settings > Message push (group robot); add the robot again if it is gone, copy its webhook URL and save it in the service.",
                "在群聊“群设置 > 消息推送（群机器人）”中确认机器人；若已移除请重新添加，复制 Webhook 地址并保存到通知服务。")),
        Row([93004], Configuration,
            new("The robot is stopped.", "机器人已停用。"),
            new("Enable it in the group: Group settings > Message push (group robot).",
                "在群聊“群设置 > 消息推送（群机器人）”中启用。")),
        Row([93008], Configuration,
            new("The robot is not in the group.", "机器人不在群中。"),
            new("Add it again in the group: Group settings > Message push (group robot).",
                "在群聊“群设置 > 消息推送（群机器人）”中重新添加。")),
        Row([40050, 86001, 86003, 86008, 49008], Configuration,
            new("The group chat does not exist or does not belong to the app.", "群聊不存在、已解散或不属于该应用。"),
            new("Create the group again with this app and enter its new chat id in the service.",
                "用该应用重新创建群聊，并在通知服务中填写新的 chatid。")),
        Row([45009], Rate, 60,
            new("Too many calls.", "调用频率超过限制。"),
            new("Notify waits automatically: a minute, and for an app longer each time, at most an hour. If it happens often, merge rules or add a second robot; an app's daily limit is shown in App management > the app.",
                "系统会自动等待：一分钟；应用则逐次延长，最长一小时。若经常出现，请合并规则或增加机器人；应用的当日额度见“应用管理 > 该应用”。")),
        Row([45011], Rate, 60,
            new("Too many calls in a minute.", "每分钟调用次数超过限制。"),
            new("Notify waits automatically. If it happens often, merge rules or add a second robot.",
                "系统会自动等待。若经常出现，请合并规则或增加机器人。")),
        Row([45033], Rate, 3,
            new("Too many calls at the same time.", "并发调用超过限制。"),
            new("Notify waits automatically. Check whether another program uses the same robot or app.",
                "系统会自动等待。请检查是否有其他程序在使用同一机器人或应用。")),
        Row([50002, 60011, 60021, 92000], Receiver,
            new("The receiver is outside the app's visible range.", "接收人不在应用可见范围内。"),
            new("Add the member or department to App management > the app > Visible range.",
                "在“应用管理 > 该应用 > 可见范围”中加入该成员或部门。")),
        Row([81013], Receiver,
            new("No receiver exists within the app's visible range.", "所有接收人均无效或不在应用可见范围内。"),
            new("Compare the accounts with Contacts (the Account field, not the name or the employee number) and widen App management > the app > Visible range.",
                "核对“通讯录”中的账号（不是姓名或工号），并扩大“应用管理 > 该应用 > 可见范围”。")),
        Row([40003, 46004, 60111, 301021], Receiver,
            new("The account does not exist.", "账号不存在。"),
            new("Copy the Account from Contacts > the member and correct it in the service's list of accounts.",
                "在“通讯录 > 成员”复制账号，并在通知服务的账号列表中更正。")),
        Row([40031], Receiver,
            new("Some accounts are not in the directory.", "部分账号不在通讯录中。"),
            new("Remove them from the service's list of accounts, or import the list again from Contacts.",
                "从通知服务的账号列表中移除，或从“通讯录”重新导入。")),
        Row([60003, 60123, 40066, 40068], Receiver,
            new("The department or tag does not exist.", "部门或标签不存在。"),
            new("Compare it with Contacts and correct the receivers.",
                "请对照“通讯录”更正接收人。")),
        Row([81012, 82001], Message,
            new("No receiver was given.", "未指定接收人。"),
            new("Choose receivers in the rule's action.",
                "请在规则的动作中选择接收人。")),
        Row([40032], Message,
            new("More than 1000 receivers.", "接收人超过 1000 个。"),
            new("Spread the receivers over several actions of the rule.",
                "请将接收人拆分到规则的多个动作中。")),
        Row([82002, 82003], Message,
            new("More than 100 departments or tags.", "部门或标签超过 100 个。"),
            new("Spread them over several actions of the rule.",
                "请拆分到规则的多个动作中。")),
        Row([40008], Remedy.PlainText,
            new("The message type is not allowed here.", "消息类型不合法。"),
            new("Choose another format in the message, such as Plain text.",
                "请在通知内容中改用其他格式，例如纯文本。")),
        Row([40058], Remedy.PlainText,
            new("A part of the message is not valid, or too long.", "消息参数不合法或超长。"),
            new("The platform's answer names the part. Shorten it, or choose the format Plain text in the message.",
                "平台答复中会指出有问题的字段。请缩短内容，或在通知内容中改用纯文本格式。")),
        Row([40063], Remedy.PlainText,
            new("A required part of the message is empty.", "缺少必填参数。"),
            new("Fill the part that the platform names; check that no relay changes the request.",
                "填写平台指出的字段，并检查中转代理是否改动了请求。")),
        Row([44004], Message,
            new("The text is empty.", "消息内容为空。"),
            new("Give the message a text that is never empty.",
                "请为消息填写不会为空的内容。")),
        Row([45002], Remedy.Shorter,
            new("The text is too long.", "消息内容超长。"),
            new("Shorten the message.",
                "请缩短消息内容。")),
        Row([45008], Remedy.PlainText,
            new("More than 8 articles.", "图文条数超过 8 条。"),
            new("Send fewer articles in one message.",
                "请减少单条消息的图文条数。")),
        Row([41016, 41033], Remedy.PlainText,
            new("The title or the description is missing.", "缺少标题或描述。"),
            new("Fill in both in the message.",
                "请在通知内容中补全标题和描述。")),
        Row([40033], Remedy.Minimal,
            new("The text contains characters that are not allowed.", "内容包含非法字符。"),
            new("Remove control characters from the message and from the alarm's fields.",
                "请去除消息和报警字段中的控制字符。")),
        Row([82004], Remedy.Minimal,
            new("The text could harm the client.", "内容可能导致客户端异常。"),
            new("Simplify the message, or choose the format Plain text.",
                "请简化内容，或改用纯文本格式。")),
        Row([85002], Remedy.Minimal,
            new("The text contains banned words.", "内容包含违禁词。"),
            new("Reword the message or the alarm's description.",
                "请修改消息或报警描述的用词。")),
        Row([40007, 44001, 40004, 40005, 40006, 40009, 45001, 45007, 301016, 301017], Message,
            new("The file is expired, too large or of a wrong kind.", "媒体文件已过期、过大或类型不符。"),
            new("Upload it again (files live three days) and keep to the size limit.",
                "请重新上传（文件有效期三天），并注意大小限制。")),
        Row([40074], Message,
            new("News cannot be confidential.", "图文消息不支持保密。"),
            new("Turn confidentiality off for this message.",
                "请关闭该消息的保密选项。")),
        Row([40094, 45034, 40039], Remedy.PlainText,
            new("A link has no scheme or is too long.", "链接缺少协议头或过长。"),
            new("Write links with https:// and at most 1024 bytes; see the setting Notify:PublicUrl.",
                "链接须以 https:// 开头且不超过 1024 字节；请检查 Notify:PublicUrl 设置。")),
        Row([47001], Message,
            new("The request could not be read.", "请求内容无法解析。"),
            new("Check that no relay changes the request; report it with the platform's message.",
                "请检查中转代理是否改动了请求，并附平台报错反馈。")),
    }.SelectMany(row => row).ToFrozenDictionary(error => error.Code);

    private static IEnumerable<WeComError> Row(int[] codes, OutcomeClass outcome, BilingualText meaning, BilingualText advice) =>
        codes.Select(code => new WeComError(code, outcome, meaning, advice));

    private static IEnumerable<WeComError> Row(
        int[] codes, OutcomeClass outcome, int retryAfterSeconds, BilingualText meaning, BilingualText advice, int? mostTries = null) =>
        codes.Select(code => new WeComError(code, outcome, meaning, advice, TimeSpan.FromSeconds(retryAfterSeconds), MostTries: mostTries));

    private static IEnumerable<WeComError> Row(int[] codes, Remedy remedy, BilingualText meaning, BilingualText advice) =>
        codes.Select(code => new WeComError(code, Message, meaning, advice, Remedy: remedy));
}
