namespace Notify.Kernel.Http;

/// <summary>Chinese texts common to all modules: titles, nouns, and the faults of requests, bodies and resources.</summary>
public static class KernelProblemTexts
{
    public const string Lines = """
        alarm | 报警
        service | 通知服务
        message | 通知内容
        schedule | 通知日程
        source | 预期来源
        rule | 通知规则
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
        The body is larger than this endpoint accepts. | 请求体超过此地址允许的大小。
        Internal error. | 内部错误。
        An internal error occurred. The log contains it under the trace id. | 内部发生故障，可按 traceId 在日志中查到。
        This node cannot read or write one of its files: its disk may be full, or the file's permissions were changed. The log names the file. | 本节点无法读写其某个文件：可能是磁盘已满，或文件权限被更改。日志中记有该文件。
        Not authenticated. | 未通过身份验证。
        No credentials were sent. Send an API key: Authorization: Bearer ntf_… | 未提供凭据。请发送 API 密钥：Authorization: Bearer ntf_…
        Not allowed. | 没有权限。
        This requires the permission {}. | 此操作需要权限 {=0}。
        Not found. | 未找到。
        There is no resource at this address. | 此地址不存在。
        Method not allowed. | 不支持该方法。
        {} is not possible here. | 此处不支持 {0}。
        Unsupported media type. | 不支持的内容类型。
        The body must be JSON, with Content-Type: application/json. | 请求体须为 JSON，并带 Content-Type: application/json。
        Temporarily unavailable. | 暂时不可用。
        Conflict. | 冲突。
        {} Nothing was changed; try again shortly. | {0}未作任何更改，请稍后重试。
        Too many requests are waiting to be written. Try again shortly. | 等待写入的内容过多，请稍后重试。
        Too many concurrent reads. Alarms are still accepted and delivered; try again shortly. | 同时读取的请求过多，报警的接收和发送不受影响，请稍后重试。
        The database's disk is full. | 数据库磁盘已满。
        The database accepts no more connections. | 数据库连接数已满。
        The database is out of memory. | 数据库内存不足。
        The database is read-only; it may be a standby. | 数据库为只读，可能是备库。
        The database refuses Notify's credentials. | 数据库拒绝了 Notify 的凭据。
        The database cannot read or write its files. | 数据库无法读写其文件。
        The database reports an internal error. | 数据库报告自身故障。
        The database did not answer in time. | 数据库未及时响应。
        The database stopped the statement: it took too long, or an operator cancelled it. | 数据库终止了该语句：执行时间过长，或被管理员取消。
        The database cannot be reached. | 无法连接数据库。
        The database has no schema. Create it with: dotnet Notify.Host.dll db-apply. | 数据库中没有表结构，请运行：dotnet Notify.Host.dll db-apply。
        {} internal messages failed after all retries; see GET /api/v1/operation/dead-letters. | 有 {0} 条内部消息多次重试仍失败，见 GET /api/v1/operation/dead-letters。
        A key has 1 to 255 visible ASCII characters. | 该键须为 1 至 255 个可见 ASCII 字符。
        This Idempotency-Key was used with a different body. Use a new key for a new request. | 此 Idempotency-Key 已用于内容不同的请求，新请求须使用新的键。
        The first request with this Idempotency-Key is still being processed. | 使用此 Idempotency-Key 的首个请求仍在处理中。
        A correlation id has 1 to 128 visible ASCII characters. | 关联号须为 1 至 128 个可见 ASCII 字符。
        A reason has at most 500 characters. | 原因最多 500 个字符。
        A reason may not contain control characters. | 原因不得包含控制字符。
        A reason is required, of at most 500 characters. | 须填写原因，最多 500 个字符。
        Give a reason, of at most 500 characters. | 请填写原因，最多 500 个字符。
        The body must be a JSON object. | 请求体须为 JSON 对象。
        The body is not valid JSON. | 请求体不是有效的 JSON。
        The body is not valid UTF-8. | 请求体不是有效的 UTF-8。
        The body is empty; it must be JSON. | 请求体为空，应为 JSON。
        The JSON cannot be read at line {}, column {}: {} | JSON 第 {0} 行第 {1} 列无法读取：{2}
        The YAML cannot be read at line {}, column {}: {} | YAML 第 {0} 行第 {1} 列无法读取：{2}
        {} This is the first of at least {} errors. | {0}此为首个错误，共至少 {1} 个。
        There is no {} '{}'. | 没有{0}“{1}”。
        {} Expected an id, which begins with '{}-'; if this is a name, GET /api/v1/{}s?search= finds the id. | {0}此处应填写以“{1}-”开头的 id；若填写的是名称，可用 GET /api/v1/{=2}s?search= 查到 id。
        There is no {} '{}'; none are allowed here. | 此处没有{0}“{1}”，也没有其他{0}。
        There is no {} '{}'. Did you mean '{}'? | 没有{0}“{1}”。是否指“{2}”？
        There is no {} '{}'. There are: {}. | 没有{0}“{1}”。可用的有：{2}。
        There is no {} with the id '{}'. | 没有 id 为“{1}”的{0}。
        There is no {} '{}' in this installation. Omit the id to match by name. | 本安装中没有{0}“{1}”。可去掉 id，按名称匹配。
        Give one of {}. | 须为以下之一：{0}。
        Give one of {}. Did you mean '{}'? | 须为以下之一：{0}。是否指“{1}”？
        Give an RFC 3339 instant with offset, such as 2026-01-31T08:00:00Z. | 须为带时区偏移的 RFC 3339 时间，如 2026-01-31T08:00:00Z。
        This field does not exist. | 没有此字段。
        This field is required. | 此字段必填。
        This field is given twice. | 此字段重复。
        The value has the wrong type or is not one of the allowed values. | 值的类型不对，或不在允许范围内。
        The value may not be null. | 值不能为 null。
        The value is not valid. | 值无效。
        The value must be text. | 值须为文本。
        Give an object. | 须为对象。
        Give a list. | 须为列表。
        Give true or false. | 须为 true 或 false。
        Give a date: 2026-01-31. | 须为日期，如 2026-01-31。
        Give a time of day: 08:00:00. | 须为时刻，如 08:00:00。
        Give a whole number. | 须为整数。
        Give a whole number of at least {}. | 须为不小于 {0} 的整数。
        Give a whole number from {} to {}. | 须为 {0} 至 {1} 的整数。
        Give a number. | 须为数字。
        The text may not contain U+0000. | 文本不得包含 U+0000。
        The text is not valid Unicode. | 文本不是有效的 Unicode。
        The text is not valid UTF-8. | 文本不是有效的 UTF-8。
        A field's name: {} | 字段名：{0}
        This is not a cursor from an earlier page. | 这不是上一页给出的游标。
        Give this parameter once. | 此参数只能给出一次。
        Give either a version or an instant. | 版本与时间只能给出其一。
        Send the version from the ETag: If-Match: "3". | 请按 ETag 原样发送版本，如 If-Match: "3"。
        If-Match is required. | 缺少 If-Match。
        Send the version you have read, from the ETag. The {} is now at version {}: If-Match: "{}". | 请按 ETag 发送读到的版本。该{0}当前为第 {1} 版：If-Match: "{2}"。
        The resource was changed in the meantime. | 该资源已被他人更改。
        The {} is at version {}. Read it again and repeat the change. | 该{0}当前为第 {1} 版。请重新读取后再更改。
        A name is required. | 名称必填。
        A name has at most {} characters. | 名称最多 {0} 个字符。
        A name may not contain line breaks or control characters: {} is character {}. | 名称不得包含换行或控制字符：第 {1} 个字符为 {0}。
        A name may not contain characters that cannot be seen: {} is character {}. | 名称不得包含不可见字符：第 {1} 个字符为 {0}。
        A description has at most {} characters. | 说明最多 {0} 个字符。
        This shows or changes data outside the paths that you are limited to. | 此操作会显示或更改您的路径范围之外的内容。
        Send the file as multipart/form-data, in the part named file. | 请以 multipart/form-data 发送文件，部分名为 file。
        Send one file, in the part named file. | 请发送一个文件，部分名为 file。
        The body is not a well-formed multipart/form-data. | 请求体不是格式正确的 multipart/form-data。
        The file may have at most 5 MiB. | 文件最大 5 MiB。
        The {} '{}' is built in and cannot be changed. | {0}“{1}”为内置，不能修改。
        Another {} is named '{}'. | 已有{0}名为“{1}”。
        A row without events has this name: the table of the {} was changed in the database. POST /api/v1/configuration/rebuild restores it. | 有一行并非由事件产生的数据占用了此名称：{0}的数据表在数据库中被改动过。请用 POST /api/v1/configuration/rebuild 恢复。
        Another {} has this name, or was changed at the same time. | 已有同名{0}，或它同时被更改。
        Another {} of the document is named '{}'. | 文档中另有{0}名为“{1}”。
        This name is already used. | 此名称已被使用。
        {} Add ?confirm={} to do it anyway. | {0}如仍要继续，请加上 ?confirm={=1}。
        The {} '{}' is used by {}. {} | {0}“{1}”正被使用：{2}。{3}
        The {} '{}' is used by {}. | {0}“{1}”正被使用：{2}。
        The {} '{}' is in use: {}. | {0}“{1}”正被使用：{2}。
        {} Change or disable what uses it first. | {0}请先更改或停用使用它的对象。
        The {} '{}' did not exist at that time. | {0}“{1}”当时不存在。
        The {} '{}' occurs twice in the document. | {0}“{1}”在文档中出现两次。
        A {} must be an object. | {0}须为对象。
        Give enabled or disabled. | 须为 enabled 或 disabled。
        Give name, {}description, status or createdAt, with a leading minus for descending order. | 须为 name、{0}description、status 或 createdAt，前加减号则倒序。
        The secret is sealed for another installation, or was changed in transit. | 密钥是为其他安装加密的，或在途中被更改。
        This version reads documents of version {}. | 本版本读取第 {0} 版文档。
        A name of the document is still used by another resource. Change the names in two documents, one after the other. | 文档中的某个名称仍被其他资源使用，请分两个文档先后改名。
        recipient requires secrets=sealed. | 只有加密导出密钥时才有接收方：secrets=sealed。
        Send YAML (application/yaml) or JSON (application/json). | 请发送 YAML（application/yaml）或 JSON（application/json）。
        The document must be an object. | 文档须为对象。
        A path pattern must not be empty. | 路径模式不能为空。
        A path pattern has at most {} characters. | 路径模式最多 {0} 个字符。
        '{}' has an empty segment. | “{0}”含有空段。
        '{}' in '{}' mixes * with text; * matches one whole segment, ** any number of segments. | “{1}”中的“{0}”把 * 与文字混用；* 代表一整段，** 代表任意多段。
        The end must be after the beginning. | 结束须晚于开始。
        The end is before the beginning. | 结束早于开始。
        The end is before the start. | 结束早于开始。
        At most one year. | 最多一年。
        At most {} days. | 最多 {0} 天。
        The Authorization header is malformed. Send: Authorization: Bearer ntf_… | Authorization 头格式错误。应为：Authorization: Bearer ntf_…
        The text after 'Bearer' is not an API key: it is empty, truncated, or contains invalid characters. | “Bearer”之后不是 API 密钥：为空、不完整，或含有密钥不会有的字符。
        This API key was revoked. | 此 API 密钥已被吊销。
        This API key is unknown. | 此处没有这个 API 密钥。
        Too many requests. | 请求过多。
        Try again after Retry-After seconds. | 请在 Retry-After 所示秒数后重试。
        Too many wrong keys from this address. A valid key is still accepted. | 此地址发来的错误密钥过多。有效的密钥仍可使用。
        It is nested too deeply. | 嵌套过深。
        Anchors and aliases are not supported. | 不支持锚点和别名。
        '{}' is given twice. | “{0}”重复。
        The setting {} is not a public key. Copy it from GET /api/v1/configuration/recipient of that installation. | 设置 {=0} 不是公钥。请从对方安装的 GET /api/v1/configuration/recipient 复制。
        This installation's settings contain no recipient ({}). | 本安装的设置中没有接收方（{0}）。
        Give one of the recipients in this installation's settings: {}. | 须为本安装设置中的接收方之一：{0}。
        '{}' is an invalid start of a value. | 值不能以“{0}”开头。
        '{}' is an invalid start of a property name. Expected a '"'. | 字段名不能以“{0}”开头，应为双引号。
        '{}' is invalid after a value. Expected either ',', '}', or ']'. | 值之后不能是“{0}”，应为“,”、“}”或“]”。
        '{}' is invalid after a property name. Expected a ':'. | 字段名之后不能是“{0}”，应为“:”。
        '{}' is invalid after a single JSON value. Expected end of data. | JSON 值之后不应再有“{0}”。
        '{}' is an invalid escapable character within a JSON string. The string should be correctly escaped. | “{0}”不能在字符串中转义。
        '{}' is invalid within a JSON string. The string should be correctly escaped. | 字符串中不得直接出现“{0}”，须转义。
        '{}' is an invalid JSON literal. Expected the literal '{}'. | “{0}”无效，应为 {=1}。
        '{}' is an invalid end of a number. Expected a delimiter. | 数字不能以“{0}”结尾。
        '{}' is an invalid end of a number. Expected 'E' or 'e'. | 数字中“{0}”处应为 E 或 e。
        '{}' is invalid within a number, immediately after a sign character ('+' or '-'). Expected a digit ('0'-'9'). | 数字的正负号之后不能是“{0}”，应为数字。
        '{}' is invalid within a number, immediately after a decimal point ('.'). Expected a digit ('0'-'9'). | 小数点之后不能是“{0}”，应为数字。
        '{}' is not a hex digit following '\u' within a JSON string. The string should be correctly escaped. | \u 之后的“{0}”不是十六进制数字。
        Invalid leading zero before '{}'. | “{0}”之前不能有前导零。
        The JSON object contains a trailing comma at the end which is not supported in this mode. Change the reader options. | JSON 对象末尾多了一个逗号。
        The JSON array contains a trailing comma at the end which is not supported in this mode. Change the reader options. | JSON 数组末尾多了一个逗号。
        Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed. | 内容在此中断：有 JSON 对象或数组未结束。
        The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true. | 内容中没有 JSON。
        Expected end of string, but instead reached end of data. | 内容在字符串中间中断。
        Expected a digit ('0'-'9'), but instead reached end of data. | 内容在数字中间中断。
        Expected a value, but instead reached end of data. | 内容在此中断，缺少值。
        Expected start of a property name or value, but instead reached end of data. | 内容在此中断，缺少字段名或值。
        The maximum configured depth of {} has been exceeded. Cannot read next JSON {}. | 嵌套超过 {0} 层。
        The YAML cannot be read: a list or an object in brackets is not closed. | YAML 无法读取：方括号或花括号中的内容未结束。
        While parsing a block mapping, did not find expected key. | 此处应为字段名。
        While parsing a block collection, did not find expected '-' indicator. | 此处应为“-”。
        While parsing a flow sequence, did not find expected ',' or ']'. | 此处应为“,”或“]”。
        While parsing a flow mapping,  did not find expected ',' or '}'. | 此处应为“,”或“}”。
        While scanning a simple key, could not find expected ':'. | 字段名之后缺少“:”。
        While scanning a quoted scalar, found unexpected end of stream. | 引号未闭合。
        While scanning for the next token, found character that cannot start any token. | 此处的字符无法识别。
        While parsing a flow mapping, did not find expected ',' or '}'. | 此处应为“,”或“}”。
        While parsing a node, did not find expected node content. | 此处缺少内容。
        While scanning a mapping, found invalid tab as indentation. | 缩进中不得使用制表符。
        While scanning a plain scalar, found a tab character that violate indentation. | 缩进中不得使用制表符。
        While scanning a plain scalar value, found invalid mapping. | 值中不得含有“: ”，请加引号。
        While scanning a multiline plain scalar, found invalid mapping. | 多行文本中不得含有“: ”，请加引号。
        While scanning a quoted scalar, found unknown escape character. | 引号内有未知的转义字符。
        Mapping keys are not allowed in this context. | 此处不能有字段名。
        Did not find expected <document start>. | 此处应为文档的开头。
        Mapping values are not allowed in this context. | 此处不能有字段。
        Block sequence entries are not allowed in this context. | 此处不能有列表项。
        Unprintable characters were removed or replaced by a space: {}. | 不可打印字符已去除或替换为空格：{0}。
        rules, services, messages, schedules, people and API keys | 通知规则、通知服务、通知内容、通知日程、人员和 API 密钥
        sealed secrets | 加密的密钥
        {} Enter it again in the settings that use it. | {0}请在使用它的配置中重新填写。
        The secret {} is no longer stored. | 密钥 {=0} 已不在数据库中。
        The secret {} is not what lies under its reference. | 密钥 {=0} 被换成了另一个。
        The secret {} is not what lies under its reference, or is another owner's. | 密钥 {=0} 被换成了另一个，或属于其他所有者。
        The secret {} cannot be opened with this installation's key file. | 本安装的密钥文件无法解密密钥 {=0}。
        The secret {} of the {} '{}' {}. It is not used; enter it again. | {1}“{2}”的密钥 {=0} {3}，已停止使用，请重新填写。
        is no longer stored | 已不在数据库中
        was replaced by another one | 被换成了另一个
        cannot be decrypted: it was changed, replaced by another one, or sealed with another master key | 无法解密：被更改、被替换，或由其他主密钥加密
        The {} '{}' ({}) in the table {} differs from its events: {}. One of them was changed outside Notify, which uses the events; only lists show the table. What to do: POST /api/v1/operation/rebuild {"models":["configuration"]}. | 表 {=3} 中的{0}“{1}”（{=2}）与其事件不一致：{4}。其中之一在 Notify 之外被更改；Notify 以事件为准，只有列表显示该表的内容。处理办法：POST /api/v1/operation/rebuild {"models":["configuration"]}。
        The {} '{}' in the table {} differs from its events: {}. One of them was changed outside Notify, which uses the events; only lists show the table. What to do: POST /api/v1/operation/rebuild {"models":["configuration"]}. | 表 {=2} 中的{0}“{1}”与其事件不一致：{3}。其中之一在 Notify 之外被更改；Notify 以事件为准，只有列表显示该表的内容。处理办法：POST /api/v1/operation/rebuild {"models":["configuration"]}。
        The {} '{}' in the table {} cannot be compared: an event of it cannot be read, because somebody changed it outside Notify. A rebuild leaves its row as it is. What to do: restore the event from a backup. | 无法核对表 {=2} 中的{0}“{=1}”：其某个事件无法读取，在 Notify 之外被更改。重建时保留该行不变。处理办法：从备份恢复该事件。
        The number of the configuration in {} is {}, but its events go up to {}: it was lowered outside Notify. Nodes may use an earlier configuration, and decisions may name a wrong one. What to do: POST /api/v1/operation/rebuild {"models":["configuration"]}. | 表 {=0} 中的配置编号为 {1}，而事件中的编号已到 {2}：该编号在 Notify 之外被改小。各节点可能使用较早的配置，决策中记录的配置也可能有误。处理办法：POST /api/v1/operation/rebuild {"models":["configuration"]}。
        it has no event | 没有相应的事件
        it was deleted there | 在表中被删除
        these fields differ: {} | 不同的字段：{=0}
        these fields differ: {} and {} more | 不同的字段：{=0} 等，另有 {1} 个
        the row cannot be read | 该行无法读取
        API key | API 密钥
        expected source | 预期来源
        The key {} is already in use, and the key file contains no newer one. Add one with 'Notify.Host keys add' first. | 正在使用的已是密钥 {=0}，密钥文件中没有更新的密钥。请先用 Notify.Host keys add 添加。
        """;
}
