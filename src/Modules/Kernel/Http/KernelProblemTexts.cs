namespace Notify.Kernel.Http;

/// <summary>What all modules say: titles, the words for things, and the faults of requests, bodies and resources.</summary>
public static class KernelProblemTexts
{
    public const string Lines = """
        alarm | 报警
        service | 服务
        message | 消息
        schedule | 时间表
        rule | 规则
        notification | 通知
        replay | 回放
        entry | 记录
        correlation | 关联号
        legal hold | 法律保全
        bulk operation | 批量操作
        parameter | 参数
        field | 字段
        section | 部分
        filter | 筛选条件
        type,  | type、
        The request is not valid. | 请求无效。
        The request could not be read. | 无法读取请求。
        Too large. | 内容过大。
        The body is larger than this address accepts. | 请求体超过此地址允许的大小。
        Internal error. | 内部错误。
        Something failed inside. It is in the log under the trace id. | 内部发生故障，可按 traceId 在日志中查到。
        Not authenticated. | 未通过身份验证。
        No credentials were sent. Send an API key: Authorization: Bearer ntf_… | 未提供凭据。请发送 API 密钥：Authorization: Bearer ntf_…
        Not allowed. | 没有权限。
        This requires the permission {}. | 此操作需要权限 {=0}。
        Not found. | 未找到。
        There is nothing at this address. | 此地址不存在。
        Method not allowed. | 不支持该方法。
        {} is not possible here. | 此处不支持 {0}。
        Unsupported media type. | 不支持的内容类型。
        The body must be JSON, with Content-Type: application/json. | 请求体须为 JSON，并带 Content-Type: application/json。
        Temporarily unavailable. | 暂时不可用。
        Conflict. | 冲突。
        {} Nothing was changed; try again shortly. | {0}未作任何更改，请稍后重试。
        Too much is waiting to be written. Try again shortly. | 等待写入的内容过多，请稍后重试。
        Too many read at the same time. Alarms are taken in and delivered all the same; try again shortly. | 同时读取的请求过多，报警的接收和发送不受影响，请稍后重试。
        The database's disk is full. | 数据库磁盘已满。
        The database takes no more connections. | 数据库连接数已满。
        The database is out of memory. | 数据库内存不足。
        The database is read-only; it may be a standby. | 数据库为只读，可能是备库。
        The database refuses Notify's credentials. | 数据库拒绝了 Notify 的凭据。
        The database cannot read or write its files. | 数据库无法读写其文件。
        The database reports a fault of its own. | 数据库报告自身故障。
        The database does not answer in time. | 数据库未及时响应。
        The database cannot be reached. | 无法连接数据库。
        A key has 1 to 255 visible ASCII characters. | 该键须为 1 至 255 个可见 ASCII 字符。
        This Idempotency-Key was used with another body. A new request needs a new key. | 此 Idempotency-Key 已用于内容不同的请求，新请求须使用新的键。
        The first request with this Idempotency-Key is still being worked on. | 使用此 Idempotency-Key 的首个请求仍在处理中。
        A correlation id has 1 to 128 visible ASCII characters. | 关联号须为 1 至 128 个可见 ASCII 字符。
        A reason has at most 500 characters. | 原因最多 500 个字符。
        A reason may not contain control characters. | 原因不得包含控制字符。
        A reason is required, of at most 500 characters. | 须填写原因，最多 500 个字符。
        Give a reason, of at most 500 characters. | 请填写原因，最多 500 个字符。
        The body must be a JSON object. | 请求体须为 JSON 对象。
        The body is not valid JSON. | 请求体不是有效的 JSON。
        The body is not valid UTF-8. | 请求体不是有效的 UTF-8。
        The body is empty; JSON is wanted. | 请求体为空，应为 JSON。
        The JSON cannot be read at line {}, column {}: {} | JSON 第 {0} 行第 {1} 列无法读取：{2}
        The YAML cannot be read at line {}, column {}: {} | YAML 第 {0} 行第 {1} 列无法读取：{2}
        {} This is the first of at least {} faults. | {0}此为首个错误，共至少 {1} 个。
        There is no {} '{}'. | 没有{0}“{1}”。
        {} An id is wanted, and they begin with '{}-'; if this is a name, GET /api/v1/{}s?search= finds the id. | {0}此处应填写以“{1}-”开头的 id；若填写的是名称，可用 GET /api/v1/{=2}s?search= 查到 id。
        There is no {} '{}' here, nor any other. | 此处没有{0}“{1}”，也没有其他{0}。
        There is no {} '{}'. Did you mean '{}'? | 没有{0}“{1}”。是否指“{2}”？
        There is no {} '{}'. There are: {}. | 没有{0}“{1}”。可用的有：{2}。
        There is no {} with the id '{}'. | 没有 id 为“{1}”的{0}。
        There is no {} '{}' here. Leave the id out to find it by its name. | 此处没有{0}“{1}”。可去掉 id，按名称查找。
        Give one of {}. | 须为以下之一：{0}。
        Give one of {}. Did you mean '{}'? | 须为以下之一：{0}。是否指“{1}”？
        Give an instant as in RFC 3339, with offset: 2026-01-31T08:00:00Z. | 须为带时区偏移的 RFC 3339 时间，如 2026-01-31T08:00:00Z。
        This field does not exist. | 没有此字段。
        This field is required. | 此字段必填。
        This field is given twice. | 此字段重复。
        The value is not of the right type, or not one of the allowed values. | 值的类型不对，或不在允许范围内。
        The value may not be null. | 值不能为 null。
        The value is not valid. | 值无效。
        The value must be text. | 值须为文本。
        Give an object. | 须为对象。
        Give a list. | 须为列表。
        Give true or false. | 须为 true 或 false。
        Give a date: 2026-01-31. | 须为日期，如 2026-01-31。
        Give a time of day: 08:00:00. | 须为时刻，如 08:00:00。
        Give a whole number. | 须为整数。
        Give a whole number from {} on. | 须为不小于 {0} 的整数。
        Give a whole number from {} to {}. | 须为 {0} 至 {1} 的整数。
        Give a number. | 须为数字。
        The text may not contain U+0000. | 文本不得包含 U+0000。
        The text is not valid Unicode. | 文本不是有效的 Unicode。
        The text is not valid UTF-8. | 文本不是有效的 UTF-8。
        A field's name: {} | 字段名：{0}
        This is not a cursor from an earlier page. | 这不是上一页给出的游标。
        Give this parameter once. | 此参数只能给出一次。
        Give either a version or an instant. | 版本与时间只能给出其一。
        Send the version as the ETag gave it: If-Match: "3". | 请按 ETag 原样发送版本，如 If-Match: "3"。
        If-Match is required. | 缺少 If-Match。
        Send the version you have read, as the ETag gave it. The {} is at version {} now: If-Match: "{}". | 请按 ETag 发送读到的版本。该{0}当前为第 {1} 版：If-Match: "{2}"。
        The resource was changed in the meantime. | 该资源已被他人更改。
        The {} is at version {}. Read it again and repeat the change. | 该{0}当前为第 {1} 版。请重新读取后再更改。
        A name is required. | 名称必填。
        A name has at most {} characters. | 名称最多 {0} 个字符。
        A name may not contain line breaks or control characters: {} is character {}. | 名称不得包含换行或控制字符：第 {1} 个字符为 {0}。
        A name may not contain characters that cannot be seen: {} is character {}. | 名称不得包含不可见字符：第 {1} 个字符为 {0}。
        A description has at most {} characters. | 说明最多 {0} 个字符。
        Another {} is named '{}'. | 已有{0}名为“{1}”。
        Another {} has this name, or was changed at the same time. | 已有同名{0}，或它同时被更改。
        Another {} of the document is named '{}'. | 文档中另有{0}名为“{1}”。
        This name is already used. | 此名称已被使用。
        The {} '{}' is used by {}. | {0}“{1}”正被使用：{2}。
        The {} '{}' is in use: {}. | {0}“{1}”正被使用：{2}。
        {} Change or disable what uses it first. | {0}请先更改或停用使用它的对象。
        The {} '{}' did not exist then. | {0}“{1}”当时不存在。
        The {} '{}' is in the document twice. | {0}“{1}”在文档中出现两次。
        A {} must be an object. | {0}须为对象。
        Give enabled or disabled. | 须为 enabled 或 disabled。
        Give name, {}description, status or createdAt, with a leading minus to turn the order. | 须为 name、{0}description、status 或 createdAt，前加减号则倒序。
        The secret is sealed for another installation, or was changed on the way. | 密钥是为其他安装加密的，或在途中被更改。
        This version reads documents of version {}. | 本版本读取第 {0} 版文档。
        A name of the document is still used by another resource. Change the names in two documents, one after the other. | 文档中的某个名称仍被其他资源使用，请分两个文档先后改名。
        Only sealed secrets have a recipient: secrets=sealed. | 只有加密导出密钥时才有接收方：secrets=sealed。
        Send YAML (application/yaml) or JSON (application/json). | 请发送 YAML（application/yaml）或 JSON（application/json）。
        The document must be an object. | 文档须为对象。
        A path pattern must not be empty. | 路径模式不能为空。
        A path pattern has at most {} characters. | 路径模式最多 {0} 个字符。
        '{}' has an empty segment. | “{0}”含有空段。
        '{}' in '{}' mixes * with text; * stands for one whole segment, ** for any number of them. | “{1}”中的“{0}”把 * 与文字混用；* 代表一整段，** 代表任意多段。
        The end must lie after the beginning. | 结束须晚于开始。
        The end must come after the beginning. | 结束须晚于开始。
        The end must be after the beginning. | 结束须晚于开始。
        The end lies before the beginning. | 结束早于开始。
        The end lies before the start. | 结束早于开始。
        At most one year. | 最多一年。
        At most {} days. | 最多 {0} 天。
        Say from when on. | 请指明开始时间。
        Say until when. | 请指明结束时间。
        The Authorization header is malformed. Send: Authorization: Bearer ntf_… | Authorization 头格式错误。应为：Authorization: Bearer ntf_…
        What follows 'Bearer' is no API key: it is empty, cut off, or holds what no key holds. | “Bearer”之后不是 API 密钥：为空、不完整，或含有密钥不会有的字符。
        This API key was revoked. | 此 API 密钥已被吊销。
        This API key is not known here. | 此处没有这个 API 密钥。
        Too many requests. | 请求过多。
        Come back after Retry-After seconds. | 请在 Retry-After 所示秒数后重试。
        Too many wrong keys have come from this address. A key that holds is taken all the same. | 此地址发来的错误密钥过多。有效的密钥仍可使用。
        It is nested too deeply. | 嵌套过深。
        Anchors and aliases are not read. | 不支持锚点和别名。
        '{}' is given twice. | “{0}”重复。
        The setting {} is no public key. Copy it from GET /api/v1/configuration/recipient of that installation. | 设置 {=0} 不是公钥。请从对方安装的 GET /api/v1/configuration/recipient 复制。
        This installation's settings name no recipient ({}). | 本安装的设置中没有接收方（{0}）。
        Give one of the recipients that this installation's settings name: {}. | 须为本安装设置中的接收方之一：{0}。
        """;
}
