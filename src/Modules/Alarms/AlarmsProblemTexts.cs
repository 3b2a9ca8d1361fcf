namespace Notify.Alarms;

/// <summary>Chinese translations of the problem texts of the intake and of operators' calls.</summary>
internal static class AlarmsProblemTexts
{
    public const string Lines = """
        The paths of Notify's own alarms cannot be expected sources. | Notify 自身的报警不是来源的上报。
        The alarm is already acknowledged. | 报警已确认。
        This alarm must be acknowledged with a note. | 确认此报警须填写备注。
        The alarm has ended. | 报警已结束。
        The end must be in the future. | 结束时间须在将来。
        The alarm is shelved by the silence '{}'. It counts again when that ends or is expired. | 报警由静默“{0}”搁置，静默结束或终止后才恢复。
        Give the silence as a JSON object. | 静默须为 JSON 对象。
        The end is before the start. | 结束时间早于开始时间。
        Give 1 to {} matchers. | 须为 1 至 {0} 个匹配条件。
        A matcher must be a JSON object. | 匹配条件须为 JSON 对象。
        At least one matcher must not match an empty value. | 至少一个匹配条件不得匹配空值。
        The alarm is not shelved. | 报警未被搁置。
        The text has at most {} characters. | 文本最多 {0} 个字符。
        Give at most 500 characters. | 最多 500 个字符。
        Give 1 to {} minutes. | 须为 1 至 {0} 分钟。
        An alarm can be shelved for at most one year. | 报警最多可搁置一年。
        Give either until or minutes. | until 与 minutes 须给出其一。
        An alarm must be a JSON object. | 报警须为 JSON 对象。
        Give one of automatic, manual, manualWithNote. | 须为 automatic、manual、manualWithNote 之一。
        An alert must be a JSON object. | alert 须为 JSON 对象。
        At least one label is required. | 至少需要一个标签。
        Give an object with text values. | 须为文本组成的对象。
        A name is empty or not valid Unicode. | 名称为空，或不是有效的 Unicode。
        The value must be text and valid Unicode. | 值须为文本，且为有效的 Unicode。
        Give the alerts as a list. | alerts 须为列表。
        Give the alerts as a list, as the webhook of Alertmanager does. | alerts 须为列表，与 Alertmanager 的 webhook 相同。
        The name of a field is not valid Unicode. | 字段名不是有效的 Unicode。
        Give firing or resolved. | 须为 firing 或 resolved。
        Give the alarms as a list. | alarms 须为列表。
        Give 1 to 1000 alarms. | 须为 1 至 1000 条报警。
        Give a list of at most 1000 events. | 须为最多 1000 个事件的列表。
        An event must be a JSON object. | 事件须为 JSON 对象。
        This attribute is required, as text. | 此属性必填，且须为文本。
        Only CloudEvents 1.0 is supported. | 此处只接受 CloudEvents 1.0。
        Give an alarm as a JSON object. | 报警须为 JSON 对象。
        Give either data or data_base64. | data 与 data_base64 须给出其一。
        Give JSON in base 64. | 须为 base 64 编码的 JSON。
        The attribute is too long. | 属性过长。
        The attribute is not percent-encoded UTF-8. | 属性不是百分号编码的 UTF-8。
        An id must be text, valid Unicode and without U+0000. | id 须为文本、有效的 Unicode，且不含 U+0000。
        The value must be text or a number. | 值须为文本或数字。
        Labels must be an object with text values. | 标签须为文本组成的对象。
        An alarm has at most {} labels. | 一条报警最多 {0} 个标签。
        A label's name has 1 to 128 characters and is valid Unicode. | 标签名须为 1 至 128 个字符的有效 Unicode。
        A label's value must be text, and valid Unicode. | 标签值须为文本，且为有效的 Unicode。
        Send CloudEvents 1.0: application/cloudevents+json, application/cloudevents-batch+json, or JSON with ce- headers. | 请发送 CloudEvents 1.0：application/cloudevents+json、application/cloudevents-batch+json，或带 ce- 头的 JSON。
        Give the sender's domain name, such as events.example.com. | 须为域名，如发送方的 events.example.com。
        Give the requests per minute, a whole number of at least 1. | 须为每分钟请求数，不小于 1 的整数。
        A pattern is not a valid regular expression, or is too long. | 模式不是正则表达式，或过长。
        Invalid characters were replaced by U+FFFD. | 无效字符已替换为 U+FFFD。
        {} Its value is kept as the label '{}'. | {0}其值已保留为标签“{1}”。
        {} Its value is not kept. | {0}其值未保留。
        There are {} unknown fields; the first {} are listed. | 共有 {0} 个未知字段，仅列出前 {1} 个。
        Only alarms below these paths may be reported with these credentials: {}. | 使用此凭据只能上报以下路径中的报警：{=0}。
        The alarm that this report identifies lies outside these paths: {}. | 此上报所指的报警不在以下路径中：{=0}。
        """;
}
