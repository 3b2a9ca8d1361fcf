namespace Notify.Services;

/// <summary>What services and the import of accounts refuse, in Chinese.</summary>
internal static class ServicesProblemTexts
{
    public const string Lines = """
        The file has more than {} rows. | 文件超过 {0} 行。
        None of the first {} rows is a header with 姓名 (name) and 账号 (account). Export the members from WeCom's contacts. | 前 {0} 行中没有含“姓名”和“账号”的表头。请从企业微信通讯录导出成员。
        The file is empty. | 文件为空。
        The file is an old .xls workbook, or is password-protected. Save it as .xlsx without a password. | 文件是旧的 .xls 工作簿，或有密码保护。请另存为无密码的 .xlsx。
        Send the .xlsx or .csv file that WeCom's admin console exports. | 请发送企业微信管理后台导出的 .xlsx 或 .csv 文件。
        Row {} cannot be read: misplaced quotation mark. | 第 {0} 行无法读取：引号位置不对。
        Row {} cannot be read: unclosed quotation mark. | 第 {0} 行无法读取：引号未闭合。
        The file is not text in UTF-8 or GB18030. | 文件不是 UTF-8 或 GB18030 文本。
        The file cannot be read as an .xlsx workbook. | 文件无法作为 .xlsx 工作簿读取。
        The service sends to accounts, but no account would be left. | 将没有账号剩下，而该服务要发给账号。
        The service '{}' has no accounts: it is of type {}. | 服务“{0}”没有账号：其类型为 {1}。
        Give preview, merge or replace. | 须为 preview、merge 或 replace。
        Send the file as multipart/form-data, in the part named file. | 请以 multipart/form-data 发送文件，部分名为 file。
        Send one file, in the part named file. | 请发送一个文件，部分名为 file。
        The body is not a well-formed multipart/form-data. | 请求体不是格式正确的 multipart/form-data。
        The file may have at most 5 MiB. | 文件最大 5 MiB。
        A service has at most {} accounts. | 服务最多 {0} 个账号。
        A text is required. | 文本必填。
        The text has at most {} bytes. | 文本最多 {0} 字节。
        The type is required. | 类型必填。
        The type '{}' is unknown; known types: {}. | 没有类型“{0}”；可用的有 {1}。
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
        The app's Secret is required. | 应用的 Secret 必填。
        The account '{}' is listed twice. | 账号“{0}”重复。
        An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs. | 账号须为 1 至 64 个字母、数字、点、连字符、下划线或 @。
        This is not an address. Copy the whole webhook URL from the robot's page in WeCom. | 这不是地址。请从企业微信的机器人页面复制完整的 webhook 地址。
        The address must begin with {}, or with an origin listed in the setting Notify:WeCom:AllowedOrigins. | 地址须以 {0} 开头，或以设置 Notify:WeCom:AllowedOrigins 中的来源开头。
        The workbook's texts have more than {} characters. | 工作簿的文本超过 {0} 个字符。
        The workbook has more than {} texts. | 工作簿的文本超过 {0} 条。
        The workbook has too many parts. | 工作簿的部件过多。
        The sheet has more than {} cells. | 工作表超过 {0} 个单元格。
        The cell in row {}, column {} contains a formula. Save the workbook with values only. | 第 {0} 行第 {1} 列的单元格含公式。请仅以数值保存工作簿。
        The workbook's elements are nested too deeply. | 工作簿的元素嵌套过深。
        The workbook has too many kinds of elements. | 工作簿的元素种类过多。
        A cell or a tag of the workbook has more than {} KiB. | 工作簿的某个单元格或标签超过 {0} KiB。
        The workbook unpacks to more than {} MiB. | 工作簿解压后超过 {0} MiB。
        The file is named .xlsx but is not a workbook. | 文件名为 .xlsx，但不是工作簿。
        The file is named .csv but is not text. | 文件名为 .csv，但不是文本。
        The account is already in row {}. | 该账号已在第 {0} 行。
        This is the template's sample row. | 这是模板中的示例行。
        The account is missing. | 缺少账号。
        The name is missing. | 缺少姓名。
        The name begins like a formula. | 姓名以公式字符开头。
        """;
}
