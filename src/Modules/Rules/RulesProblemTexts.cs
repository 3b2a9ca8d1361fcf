namespace Notify.Rules;

/// <summary>Chinese translations of the problem texts about messages, schedules, rules and drills.</summary>
internal static class RulesProblemTexts
{
    public const string Lines = """
        drill | 演练
        Give a receiver's name, or kind:name if several kinds have it. | 须为接收人名称（多类接收人同名时写 类别:名称）。
        '{}' is not a type of message; known types: {}. | “{0}”不是通知内容的类型；可用的有 {1}。
        '{}' is not a format of {} messages; use {}. | “{0}”不是 {1} 通知内容的格式；请用 {2}。
        '{}' is not an IANA time zone, such as Asia/Shanghai. | “{0}”不是 IANA 时区，如 Asia/Shanghai。
        '{}' is not an IANA time zone. | “{0}”不是 IANA 时区。
        '{}' is not a language of messages; use {}, or leave it out. | “{0}”不是通知内容的语言；请用 {1}，或不填。
        Messages of type {} have no content; their text is in their other fields. | {0} 类型的通知内容没有 content；其文本在其他字段中。
        Messages of type {} cannot mention anybody. | {0} 类型的通知内容不能提及任何人。
        A message needs content. | 通知内容须有正文。
        The content has {} bytes; at most {} are allowed. | 内容有 {0} 字节，最多允许 {1} 字节。
        At most {} can be mentioned. | 最多可提及 {0} 个。
        '{}' is mentioned twice. | “{0}”被提及两次。
        '{}' is not {}. | “{0}”不是{1}。
        {} at line {}, column {} (character {}). | {0}（第 {1} 行第 {2} 列，第 {3} 个字符）。
        There is no parameter '{}'. {} | 没有参数“{0}”。{1}
        Give the message. | 请提供通知内容。
        Choose a service. | 请选择通知服务。
        Choose the receivers. | 请选择接收人。
        Give an instant from 1970 to 2999. | 时间须在 1970 至 2999 年之间。
        Give either an alarm or the id of one. | 报警与报警 id 只能给出其一。
        A rule needs at least one state. | 规则至少需要一个状态。
        A rule asks for at most {} labels. | 规则最多匹配 {0} 个标签。
        A label needs a name. | 标签须有名称。
        A label needs a value, which may be empty. | 标签须有值，可为空。
        Give a number from 0 to {}. | 须为 0 至 {0} 的整数。
        Give a number from 1 to {}. | 须为 1 至 {0} 的整数。
        A rule has at most {} label matchers. | 规则最多 {0} 个标签匹配条件。
        A label matcher must not be null. | 标签匹配条件不能为 null。
        Give in, notIn, exists, absent or matches. | 须为 in、notIn、exists、absent 或 matches。
        Give at least one value. | 至少须有一个值。
        Only in, notIn and matches take values. | 只有 in、notIn 和 matches 才有值。
        A label is compared with at most {} values. | 一个标签最多与 {0} 个值比较。
        A value must not be null. | 值不能为 null。
        A pattern has at most {} characters. | 模式最多 {0} 个字符。
        '{}' repeats more than {} times. | “{0}”的重复超过 {1} 次。
        '{}' is not a pattern: {} | “{0}”不是模式：{1}
        A rule has at most {} path patterns. | 规则最多 {0} 个路径模式。
        '{}' is listed twice. | “{0}”重复。
        '{}' is not one of {}. | “{0}”不在 {1} 之中。
        {} is listed twice. | {0} 重复。
        Service '{}' does not send to people. | 通知服务“{0}”不能发送给人员。
        Service '{}' has no {}. | 服务“{0}”没有{1}。
        Schedule '{}' is a holiday; an action needs a standard schedule. | 通知日程“{0}”是节假日日程，动作须使用标准日程。
        {} '{}' is disabled. | {0}“{1}”已停用。
        Service | 通知服务
        Message | 通知内容
        Schedule | 通知日程
        {} is of type {}, {} of type {}. | {0} 的类型为 {1}，{2}的类型为 {3}。
        the action | 动作
        the service | 通知服务
        A drill needs a service. | 演练须有通知服务。
        A drill needs a message. | 演练须有通知内容。
        Give 1 to {} receivers. | 须有 1 至 {0} 个接收人。
        The next run begins after {} minutes; give at most that. | {0} 分钟后即进行下一次演练，期限不得更长。
        Up to {} hours lie between two runs; give at least that. | 两次演练最长相隔 {0} 小时，间隔不得更短。
        Give either everyHours or weekdays and a time. | everyHours 与星期、时刻只能给出其一。
        A drill needs a time of day, such as 08:00:00, or everyHours. | 演练须有时刻（如 08:00:00）或 everyHours。
        This platform only reports that it accepted a message, not its delivery: set confirmWithinMinutes. | 该平台只回复“已受理”，须要求人工确认。
        Nothing was sent: alarms were still waiting for the same lane. | 未发送：同一通道仍有报警在等待发送。
        The limit per minute is reached: as many messages as the platform accepts were just sent. | 本分钟的发送数量已达平台上限。
        The person is disabled. | 该人员已停用。
        The person was removed. | 该人员已删除。
        The group is disabled. | 用户组已停用。
        The group was deleted. | 用户组已删除。
        The group has no members. | 用户组没有成员。
        The record of the person has no address for this way. | 人员资料中没有此途径可用的地址。
        The message must show {name}, which says that it is a drill. | 通知内容须含 {name}，以注明是演练。
        The message must show {urlPath}, by which the drill is confirmed. | 通知内容须含 {urlPath}，以便确认演练。
        A rule needs at least one action. | 规则至少需要一个动作。
        A rule has at most {} actions. | 规则最多 {0} 个动作。
        An action must not be null. | 动作不能为 null。
        '{}' is not a type of action; known types: {}. | “{0}”不是动作类型；可用的有 {1}。
        An action needs a service. | 动作须有通知服务。
        An action needs a message. | 动作须有通知内容。
        An action needs a schedule. | 动作须有通知日程。
        An action needs at least one receiver. | 动作至少需要一个接收人。
        An action has at most {} receivers. | 动作最多 {0} 个接收人。
        '{}' is not a date such as 2026-10-01. | “{0}”不是日期，如 2026-10-01。
        '{}' is not between {} and {}. | “{0}”不在 {1} 与 {2} 之间。
        A calendar shows at most two years. | 日历最多显示两年。
        Give an RFC 3339 instant, such as 2026-01-31T08:00:00Z, or a date, such as 2026-01-31, from 1970 to 2999. | 须为 RFC 3339 时间，如 2026-01-31T08:00:00Z，或日期，如 2026-01-31，在 1970 至 2999 年之间。
        A schedule needs a time zone, such as Asia/Shanghai. | 通知日程须有时区，如 Asia/Shanghai。
        '{}' is not a kind of schedule; use {} or {}. | “{0}”不是通知日程类别；请用 {1} 或 {2}。
        The end is before the start. | 结束早于开始。
        A holiday needs its first day. | 节假日须有首日。
        A holiday needs its last day. | 节假日须有末日。
        The last day is before the first. | 末日早于首日。
        A worked day needs a date. | 调休上班日须有日期。
        Not a day of the week. | 不是星期几。
        {} is more than {} days away from the holiday. | {0} 距节假日超过 {1} 天。
        A schedule with ignoreHolidays is paused on holidays, not {}. | ignoreHolidays 的通知日程在节假日暂停，而非 {0}。
        Only a {} schedule can have this field. | 只有 {0} 通知日程才有此项。
        A schedule without any period never opens. | 没有任何时段的通知日程永远不会开放。
        At most {} periods a day. | 每天最多 {0} 个时段。
        {} overlaps {}. | {0} 与 {1} 重叠。
        {} is before {}; a period may not cross midnight: end it at 23:59:59 and start another on the next day. | {0} 早于 {1}；时段不得跨午夜，请在 23:59:59 结束，次日另起一段。
        A period needs a time here, such as 08:00:00. | 此处须有时刻，如 08:00:00。
        '{}' is not a time of day from 00:00:00 to 23:59:59. | “{0}”不是 00:00:00 至 23:59:59 的时刻。
        The rule '{}' is given twice. | 规则“{0}”重复。
        Unmatched '}' (write '}}' for the character) | 单独的“}”（字符本身请写作“}}”）
        Unmatched '{' (write '{{' for the character) | 单独的“{”（字符本身请写作“{{”）
        '{}' has an invalid time format: {} | “{0}”的时间格式有误：{1}
        A format has 1 to {} characters | 格式须为 1 至 {0} 个字符
        Unclosed single quote | 单引号未闭合
        A time format cannot contain '{}' (known: {}; put other letters in single quotes) | 时间格式中没有“{0}”（可用的有 {1}；其他字母须放在单引号内）
        Unknown parameter '{}' (write a label whose name has other characters than letters, digits and _ - . / as {labels["its name"]}, with \ before a " or \ in it) | 未知参数“{0}”（标签名若不只含字母、数字和 _ - . /，须写作 {labels["标签名"]}，其中的 " 或 \ 前加 \）
        Unknown parameter '{}' ({} takes no format; {} do) | 未知参数“{0}”（{1} 没有格式；有格式的是 {2}）
        Unknown parameter '{}' (known: {} and labels.<name>) | 未知参数“{0}”（可用的有 {1} 和 labels.<名称>）
        Unknown parameter '{}' (did you mean '{}'?) | 未知参数“{0}”（是否指“{1}”？）
        """;
}
