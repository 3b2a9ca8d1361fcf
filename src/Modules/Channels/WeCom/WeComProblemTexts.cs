namespace Notify.Channels.WeCom;

/// <summary>Chinese problem texts about the settings of WeCom services and the import of members.</summary>
internal static class WeComProblemTexts
{
    public const string Lines = """
        None of the first 20 rows is a header with 姓名 (name) and 账号 (account). Export the members from WeCom's contacts. | 前 20 行中没有含“姓名”和“账号”的表头。请从企业微信通讯录导出成员。
        Send the .xlsx or .csv file that WeCom's admin console exports. | 请发送企业微信管理后台导出的 .xlsx 或 .csv 文件。
        The service sends to accounts, but no account would be left. | 将没有账号剩下，而该服务要发给账号。
        The settings of a WeCom service are required. | 须填写企业微信服务的设置。
        Choose robots (bot), accounts (account), or both. | 请选择机器人（bot）、账号（account）或两者。
        '{}' is unknown; choose bot, account, or both. | 没有“{0}”；请选择 bot、account 或两者。
        At least one robot is required. | 至少需要一个机器人。
        The app (corpId, agentId, secret) is required to send to accounts. | 发给账号须填写应用（corpId、agentId、secret）。
        At least one account is required. | 至少需要一个账号。
        A service has at most 100 robots. | 服务最多 100 个机器人。
        The alias '{}' is used twice. | 别名“{0}”重复。
        An alias has 1 to 64 printable characters. | 别名须为 1 至 64 个可打印字符。
        The webhook URL is required. | webhook 地址必填。
        The URL is masked, but no robot '{}' is stored. Enter the full URL. | 地址已打码，而没有存储机器人“{0}”。请填写完整地址。
        The URL is masked and differs from the one stored for '{}'. Enter the full URL. | 地址已打码，且不是为“{0}”存储的地址。请填写完整地址。
        The company id (企业ID) is required: letters and digits, as on the page 我的企业. | 企业ID 必填：字母和数字，见“我的企业”页面。
        The AgentId is required: a whole number, as on the app's page. | AgentId 必填：整数，见应用页面。
        This is not the stored Secret. Omit it to keep the stored one, or enter a new one. | 这不是已存储的 Secret。不填则保留原值，或填写新值。
        The Secret contains only letters, digits and punctuation, as on the app's page. | Secret 只含字母、数字和符号，见应用页面。
        The Secret has at most {} characters. | Secret 最多 {0} 个字符。
        The app's Secret is required. | 应用的 Secret 必填。
        The account '{}' is listed twice. | 账号“{0}”重复。
        An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs. | 账号须为 1 至 64 个字母、数字、点、连字符、下划线或 @。
        This is not an address. Copy the whole webhook URL from the robot's page in WeCom. | 这不是地址。请从企业微信的机器人页面复制完整的 webhook 地址。
        The address must begin with {}, or with an origin listed in the setting Notify:WeCom:AllowedOrigins. | 地址须以 {0} 开头，或以设置 Notify:WeCom:AllowedOrigins 中的地址开头。
        The id of a department or tag is a whole number, as in WeCom's contacts. | 部门或标签的 ID 是整数，见企业微信通讯录。
        This is not an address that calls could go to. | 这不是可调用的地址。
        The origin of the API address must be listed in the setting Notify:WeCom:AllowedOrigins. | API 地址（协议、主机、端口）须列入设置 Notify:WeCom:AllowedOrigins。
        department's id | 部门 ID
        tag's id | 标签 ID
        department '{}' | 部门“{0}”
        tag '{}' | 标签“{0}”
        robot's alias | 机器人别名
        Robot | 机器人
        robot '{}' | 机器人“{0}”
        account '{}' | 账号“{0}”
        accounts to send to | 可发送的账号
        The service '{}' no longer sends to accounts. | 通知服务“{0}”已不发给账号。
        Another node could not get a token in time. | 另一节点未能及时取得 access_token。
        an answer without access_token | 应答中没有 access_token
        {}, but for no receiver: {} | {=0}，但没有接收人收到：{=1}
        """;
}
