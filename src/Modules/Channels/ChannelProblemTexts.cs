namespace Notify.Channels;

/// <summary>Chinese problem texts about receivers and account files that are common to all channels.</summary>
internal static class ChannelProblemTexts
{
    public const string Lines = """
        Service '{}' does not reach {}: no usable '{}' in the record. | 通知服务“{0}”通知不到 {=1}：人员资料中没有可用的“{2}”。
        Service '{}' does not reach {}: disabled. | 通知服务“{0}”通知不到 {=1}：已停用。
        Service '{}' does not reach {}: removed. | 通知服务“{0}”通知不到 {=1}：已删除。
        Service '{}' does not reach {}: the group is disabled. | 通知服务“{0}”通知不到 {=1}：用户组已停用。
        Service '{}' does not reach {}: the group was deleted. | 通知服务“{0}”通知不到 {=1}：用户组已删除。
        Service '{}' does not reach {}: the group has no members. | 通知服务“{0}”通知不到 {=1}：用户组没有成员。
        Who is reached follows from people and groups; it is not entered. | 实际送达的人由人员和用户组决定，不可填写。
        The file has more than {} rows. | 文件超过 {0} 行。
        The file is empty. | 文件为空。
        The file is an old .xls workbook, or is password-protected. Save it as .xlsx without a password. | 文件是旧的 .xls 工作簿，或有密码保护。请另存为无密码的 .xlsx。
        Row {} cannot be read: misplaced quotation mark. | 第 {0} 行无法读取：引号位置不对。
        Row {} cannot be read: unclosed quotation mark. | 第 {0} 行无法读取：引号未闭合。
        The file is not text in UTF-8 or GB18030. | 文件不是 UTF-8 或 GB18030 文本。
        The file cannot be read as an .xlsx workbook. | 文件无法作为 .xlsx 工作簿读取。
        The account is already in row {}. | 该账号已在第 {0} 行。
        This is the template's sample row. | 这是模板中的示例行。
        The account is missing. | 缺少账号。
        The name is missing. | 缺少姓名。
        The name begins like a formula. | 姓名以公式字符开头。
        A service has at most {} accounts. | 服务最多 {0} 个账号。
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
        Give {} to {} characters. | 须为 {0} 至 {1} 个字符。
        Give {} to {} entries. | 须为 {0} 至 {1} 项。
        This is not the stored secret. Omit it to keep the stored one, or enter a new one. | 这不是已存储的密钥。不填则保留原值，或填写新值。
        Enter it again: where it is sent was changed. | 请重新填写：发送目标已更改。
        The address is masked, and is not the stored one. Enter the whole address. | 地址已打码，且不是已存储的地址。请填写完整地址。
        '{}' is listed twice. | “{0}”重复。
        This is not an address. | 这不是地址。
        The address must begin with https://. | 地址须以 https:// 开头。
        The address must have no user, password or fragment. | 地址不能含用户名、密码或片段。
        The address must begin with {}, or with an origin listed in the setting {}. | 地址须以 {0} 开头，或以设置 {1} 中的地址开头。
        The address must have the form {}. | 地址须为 {0} 的形式。
        A receiver must not be null. | 接收人不能为 null。
        A receiver of kind {} needs the {}. | {=0} 类接收人须有{1}。
        A receiver of kind {} has no {}. | {=0} 类接收人没有{1}。
        Give the mobile number with its country code, such as +8613800138000. | 请填写带国家代码的手机号码，例如 +8613800138000。
        mobile number | 手机号码
        Mobile number | 手机号码
        mobile number '{}' | 手机号码“{0}”
        alias | 别名
        account | 账号
        Account | 账号
        {} '{}' is listed twice. | {0}“{1}”重复。
        {} already includes '{}'. | {0} 已包含“{1}”。
        '{}' is not a kind of receiver; use {} or {}. | “{0}”不是接收人类别；请用 {1} 或 {2}。
        '{}' is not a kind of receiver; use {}. | “{0}”不是接收人类别；请用 {1}。
        The service '{}' no longer has the robot '{}'. | 通知服务“{0}”已没有机器人“{1}”。
        no answer in time | 未及时收到应答
        an answer that is not the platform's: {} | 应答并非来自平台：{=0}
        """;
}
