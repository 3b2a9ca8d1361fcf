namespace Notify.Audit;

/// <summary>Refusals and faults of the history, its proofs and replays, in Chinese.</summary>
internal static class AuditProblemTexts
{
    public const string Lines = """
        Give the text to erase: an account, a name or a number, of 2 to 200 characters. | 请给出要抹除的文本：账号、姓名或号码，2 至 200 个字符。
        This text marks erased content and cannot be erased. | 此文本代表已抹除的内容。
        This is one of Notify's own words, which occur in every event; it does not name a person. | 这是 Notify 自身的词，出现在每个事件中，不指任何人。
        The reason must not contain the text to erase. | 原因中不得包含要抹除的内容。
        The record of this request would contain the text again, because it is in the requester's name. Let somebody else send the request. | 本次请求的记录又会包含它：请由他人提出。
        The record of this approval would contain the text again, because it is in the approver's name or reason. Let somebody else approve. | 本次审批的记录又会包含它（在审批人的姓名或理由中）：请由他人审批。
        The audit history is {} events behind. | 审计记录落后 {0} 个事件。
        The database does not answer. | 数据库没有应答。
        How far the audit history is behind cannot be read; the log says why. | 无法读取审计记录落后多少，原因见日志。
        The history is not up to date yet. Try again shortly. | 历史仍在跟进，请稍后重试。
        This text is part of record ids; it does not name a person. | 它是记录 id 的一部分，不指任何人。
        The configuration still contains the text, in {}. Remove it there first. | 它仍在 {0} 的配置中，请先在那里去掉。
        Something that contains the text is still to be sent or in progress. Wait until it has finished, or dismiss it. | 仍有涉及它的内容待发送或进行中：请等其结束，或予以忽略。
        Give an id or a kind, or leave it out. | 请给出 id 或类别，或不填。
        Nothing has this id or kind, so the hold would keep nothing. Classes that can expire: {}. | 没有此 id 或类别，不会保全任何内容。会到期的有 {0}。
        Releasing a hold requires a reason. | 解除保全须填写原因。
        Give the size of the older tree. | 请给出较早的树的大小。
        The older tree cannot be larger than the newer one. | 较早的树不会更大。
        The log has {} entries. | 日志有 {0} 条记录。
        A verification is running; GET /audit/verify shows its progress. | 验证正在进行，进度见 GET /audit/verify。
        The index of the history is already being rebuilt. | 历史索引已在重建。
        Give zh or en. | 须为 zh 或 en。
        Give en or zh. | 须为 en 或 zh。
        Give json or html. | 须为 json 或 html。
        Give review, whatIf or redeliver. | 须为 review、whatIf 或 redeliver。
        The beginning is in the future. | 开始时间在将来。
        Redelivery requires a reason. | 重新发送须填写原因。
        Only a what-if accepts rules. | 只有 whatIf 可试用其他规则。
        At most {} rules. | 最多 {0} 条规则。
        A rule may not be null. | 规则不能为 null。
        Only a redelivery sends notifications and accepts a service. | 只有 redeliver 才发送，才需要服务。
        Service '{}' is disabled. | 服务“{0}”已停用。
        A receiver has 1 to 200 characters. | 接收人须为 1 至 200 个字符。
        A what-if determines who would be notified; there is no status to filter by. | whatIf 问的是会通知谁，尚无状态。
        No {} '{}' ever existed. | 从未有过{0}“{1}”。
        There is no report: the replay is {}. | 没有报告：回放状态为 {0}。
        The report is gone. | 报告已不存在。
        An erasure of personal data removed all reports. Request the replay again. | 抹除个人数据时已删除所有报告，请重新申请回放。
        The replay is {} already. | 回放已是 {0} 状态。
        The history is empty. | 历史为空。
        There is nothing to accept: checkpoints are being signed. | 无需确认：检查点正常签名。
        The log itself is damaged, so no checkpoint of it can be signed: {} | 日志本身已损坏，无法为其签名检查点：{0}
        No checkpoint is signed: {} | 未签名检查点：{0}
        This node has started without a file of checkpoints, and waits for another node to sign one. | 此节点启动时没有检查点文件，正等待其他节点签名。
        The report was changed. | 报告被更改过。
        The stored report does not match the fingerprint recorded when the replay completed. Request the replay again. | 存储的报告与回放完成时记录的指纹不符，请重新申请回放。
        Give 1 to 1000 ids. | 须为 1 至 1000 个 id。
        Dead letters contain the text ({}). Replay or discard them first (GET /api/v1/operation/dead-letters). | {0} 条处理失败的内部消息中含有它：请先重新处理或丢弃（GET /api/v1/operation/dead-letters）。
        Internal messages that contain the text are being handled. Try again shortly. | 含有它的内部消息仍在处理中，请稍后重试。
        A replay is running. Wait until it has finished, or cancel it. | 有回放正在进行：请等其结束，或将其取消。
        The log of the history is damaged: {} POST /api/v1/audit/verify says what is wrong. | 历史的日志已损坏：{0}POST /api/v1/audit/verify 可查明原因。
        The log's last row, at {}, is inconsistent. | 日志的最后一行（位置 {0}）自身不一致。
        The log lacks the leaf {}. | 日志缺少叶 {0}。
        The log lacks the subtree {} of height {}. | 日志缺少高度为 {1} 的子树 {0}。
        The log has {} entries, but {} were signed. | 日志有 {0} 条记录，而已签名的有 {1} 条。
        The first {} entries of the log are not those that were signed at {}. | 日志的前 {0} 条记录与 {1} 签名时不同。
        The event {} has a leaf in the log, but is not in the store. | 事件 {0} 在日志中有叶，但已不在数据库中。
        The event {} has no leaf in the log. | 事件 {0} 在日志中没有叶。
        The latest checkpoint cannot be read. | 无法读取最新的检查点。
        The key that signs checkpoints is no longer in the database, or is sealed with another master key. | 签名检查点的密钥已不在数据库中，或由其他主密钥加密。
        The mark {}, which says how far the checkpoints were written, is not one that this installation wrote. | 记录检查点写到何处的标记 {0} 不是本安装写入的。
        The checkpoint of size {} in the database is none. | 数据库中大小为 {0} 的检查点不是有效的检查点。
        The database has no mark of this installation that says how far its history was signed: the mark was taken away or changed, or the store is not from here. | 数据库中没有本安装记录历史签名到何处的标记：标记被删除或更改，或数据库来自别处。
        The database has checkpoints, up to size {}, though its mark says that none was signed: it was put back as it was at its first start. | 数据库中有检查点（最大为 {0}），标记却表明从未签名：标记被恢复成首次启动时的样子。
        The database was new at {}, but has events from {}: they were written into it. | 数据库于 {0} 新建，却有 {1} 的事件：它们是被写入的。
        The database was new at {}, and says that nothing was signed since: its mark was put back as it was at its first start. | 数据库于 {0} 新建，并称此后从未签名：标记被恢复成首次启动时的样子。
        The last checkpoint that was signed, of size {}, at {}, is not in the database: {}. | 最后签名的检查点（大小 {0}，{1}）不在数据库中：{2}。
        it has none | 其中没有检查点
        its last has the size {} | 其中最后一个的大小为 {0}
        The latest checkpoint (size {}) is not one that this installation has signed. | 最新的检查点（大小 {0}）不是本安装签名的。
        The database has {} checkpoints, but {} were signed. | 数据库有 {0} 个检查点，而签名过的有 {1} 个。
        The file {} was changed: there is {}. | 文件 {0} 被更改：{1}。
        no checkpoint in the lines {} to {} | 第 {0} 至 {1} 行不是检查点
        The file {} was changed: it ends with something that is no checkpoint. | 文件 {0} 被更改：末尾的内容不是检查点。
        The file {} ends with the size {}, but was written up to {} by this process: checkpoints were taken out of it. | 文件 {0} 末尾的大小为 {1}，而本进程已写到 {2}：其中的检查点被删除。
        The file {} was written up to the checkpoint of size {}, but {}: it was cut, replaced or changed. | 文件 {0} 曾写到大小为 {1} 的检查点，{2}：文件被截断、替换或更改。
        ends with the size {} | 现末尾的大小为 {0}
        has another there | 现该处是另一个检查点
        The database is older than the file {}, or was rewritten: it has {} signed entries, the file {}, signed at {}. | 数据库比文件 {0} 旧，或被改写：数据库有 {1} 条已签名的记录，文件有 {2} 条，签名于 {3}。
        The checkpoints in the file {} and in the database are not those that were signed. | 文件 {0} 与数据库中的检查点不是签名过的那些。
        {}, though the history was signed up to {} entries at {}: it was taken away, or this node has lost its data directory. Of a database that was put back as it was earlier nothing would be seen. | {0}，而历史曾于 {2} 签名到 {1} 条记录：它被删除，或此节点丢失了数据目录。若数据库被恢复成较早的样子，将无从察觉。
        There is no file {} of checkpoints | 没有检查点文件 {0}
        There is no mark {} of how far the file of checkpoints was written | 没有记录检查点文件写到何处的标记 {0}
        The record of the legal hold {} cannot be read; it is taken to keep everything. | 法律保全 {0} 的记录无法读取，按保全全部内容处理。
        The record that the legal hold {} was released was not written by this installation; the hold lasts. | 法律保全 {0} 的解除记录不是本安装写入的，保全仍然有效。
        The legal hold “{}” ({}) was taken out of the table of holds. It is on record, and lasts. | 法律保全“{0}”（{1}）被从保全表中删除。它有记录在案，仍然有效。
        The legal hold “{}” ({}) covers something else in the table of holds than on record. What is on record counts. | 法律保全“{0}”（{1}）在保全表中的范围与记录不同，以记录为准。
        The table of holds has a legal hold “{}” ({}) that is not on record, or was released. It keeps nothing. | 保全表中的法律保全“{0}”（{1}）没有记录或已解除，不起作用。
        The log's own table was changed: its row at {} does not hold together, or does not follow the one before it. | 日志自身的表被更改：位置 {0} 的行自身不一致，或与前一行不衔接。
        The log's own table was changed: what it keeps in place of the erased values of the event {} does not hold together. | 日志自身的表被更改：代替事件 {0} 已抹除内容的数据不一致。
        The log's own table was changed: the leaf of the event {} is not the one that was signed; the event itself is good. | 日志自身的表被更改：事件 {0} 的叶与签名时不同；事件本身无误。
        The log's own table of subtrees was changed: the hash {} of height {} is not that of its leaves. | 日志自身的子树表被更改：高度 {1} 的哈希 {0} 与其叶不符。
        The log's own table of subtrees was changed: it has {} hashes instead of {}. | 日志自身的子树表被更改：有 {0} 个哈希，应为 {1} 个。
        {} The log's own table was changed too: it is not what was signed. | {0}日志自身的表也被更改，与签名时不同。
        The event {} was deleted: the log has its leaf, the store does not have it. | 事件 {0} 被删除：日志中有其叶，而数据库中已没有该事件。
        The event {} was inserted, or brought back, later: the log has no leaf of it. | 事件 {0} 是后来插入或恢复的：日志中没有其叶。
        The event {} has expired, but was put back in the store, so that it is read. | 事件 {0} 已到期，却在数据库中被恢复为可读取。
        The event {} has what no event has: another tenant, a binary form of its data, no stream, or an instant outside the years 1 to 9999. | 事件 {0} 带有任何事件都没有的内容：其他租户、数据的二进制形式、没有流，或时间不在公元 1 年至 9999 年之间。
        The event {} was put aside in the store, so that nothing reads it. | 事件 {0} 在数据库中被归档，不再被读取。
        The event {} was changed after it was recorded: its data, headers, instant, actor or another of its columns (or the seed that the log keeps for it). | 事件 {0} 在记录之后被更改：其数据、标头、时间、操作人或其他列（或日志为其保存的种子）。
        The event {} shows something in place of a value that was erased. | 事件 {0} 在已抹除内容的位置上有其他内容。
        Events were reordered: what is now the event {} was recorded as {}. | 事件顺序被更改：现在的事件 {0} 记录时为 {1}。
        What was left of the event {} after an erasure was changed. | 事件 {0} 抹除后剩余的内容被更改。
        Something of the event {} was erased without a record of it. | 事件 {0} 的部分内容被抹除，却没有抹除记录。
        The record {} of something erased was not written by this installation. | 抹除记录 {0} 不是本安装写入的。
        The event {} has no leaf in the log, though it was followed: the end of the log was removed, or events were kept out of it. | 事件 {0} 已跟进，却在日志中没有叶：日志末尾被删除，或有事件被挡在日志之外。
        The event {} has no leaf in the log, though the log is said to have followed up to {}: that was changed, or the end of the log was removed. | 事件 {0} 在日志中没有叶，而日志据称已跟进到 {1}：该位置被更改，或日志末尾被删除。
        The log is said to have followed up to {}, but the last number of an event is {}: that was changed, and keeps events out of the log. | 日志据称已跟进到 {0}，而事件的最后编号为 {1}：该位置被更改，使事件无法计入日志。
        The log's last leaf is said to be of the event {}, but the last number of an event is {}: that was changed, and keeps events out of the log. | 日志的最后一个叶据称属于事件 {0}，而事件的最后编号为 {1}：该行被更改，使事件无法计入日志。
        The event {} has a number that the database has not given out: it was not written by Notify. | 事件 {0} 的编号从未由数据库分配：它不是 Notify 写入的。
        The log has {} entries, but {} were signed at {}: the end of the history was removed, or the database was restored from an older copy. | 日志有 {0} 条记录，而 {2} 已签名 {1} 条：历史末尾被删除，或数据库是从较旧的副本恢复的。
        The history was rewritten {}, events and log together: entry {} and those before it are not what was signed at {}. | 历史{0}被改写（事件与日志一并改写）：第 {1} 条及之前的记录与 {2} 签名时不同。
        from the beginning on | 自开头起
        after entry {}, signed at {} | 自第 {0} 条（签名于 {1}）之后
        The events after {} cannot be taken into the history and its proofs: {} | 事件 {0} 之后的事件无法计入审计记录及其证明：{=1}
        What is kept of {} could not be checked, since something in it cannot be read; the log says what. | 无法检查{0}：其中有内容无法读取，详见日志。
        The index of the history was changed: by something that the event {} contains, a search does not find it. | 历史索引被更改：按事件 {0} 所含的某些内容搜索时找不到它。
        the index of the history | 历史索引
        legal holds | 法律保全
        signatures and approvals | 签名与审批
        There is no key to seal signatures with. | 没有可用于封签签名的密钥。
        Who proposed the change has approved it. | 更改由其提交人自己批准。
        It was approved without the signature that the policy asked for. | 批准时缺少策略要求的签名。
        It was approved without the signature of its author that the policy asked for. | 批准时缺少策略要求的提交人签名。
        The change names an approval that is not there. | 更改所称的审批不存在。
        The change names another approver than its approval. | 更改所称的审批人与审批记录不同。
        The signature is malformed. | 签名格式不正确。
        The signature was altered, or was made for something else. | 签名被改动过，或是为其他内容作出的。
        The signature is not sealed with this key: Notify did not make it, or made it with another key. | 签名未由此密钥封签：它不是由 Notify 作出的，或使用了其他密钥。
        The seal of the signature was made for something else. | 签名的封签是为其他内容作出的。
        The signature is another person's than who has it on record. | 签名人与记录中的操作人不同。
        What was signed is not there. | 找不到所签的内容。
        What is there is not what was signed. | 现有内容与所签的内容不同。
        The signature means something else than its event. | 签名的含义与其事件不符。
        Somebody else than its author has signed the proposal. | 在审批单上以提交人身份签名的不是提交人。
        The signature is there twice. | 同一签名出现了两次。
        the following of events | 事件的跟进
        erasures and expiries | 抹除与到期清除
        The checkpoint of size {} in the database is not one that this installation has signed: it was changed, or written by somebody else. | 数据库中大小为 {0} 的检查点不是本安装签名的：被更改，或由他人写入。
        The checkpoint of size {} in the file {} is signed with a key that this installation does not have: the file, or the table of keys, is of another. | 文件 {1} 中大小为 {0} 的检查点由本安装没有的密钥签名：文件或密钥表来自其他安装。
        The checkpoint of size {}, signed at {}, is in the file {} but not in the database: the database is older than the file, or was rewritten. | 大小为 {0}、签名于 {1} 的检查点在文件 {2} 中，却不在数据库中：数据库比文件旧，或被改写。
        The checkpoints of size {} in the database and in the file {} differ. | 数据库与文件 {1} 中大小为 {0} 的检查点不同。
        The checkpoint of size {} is in the database but not in the file {}, which has later ones: it was taken out of the file. | 大小为 {0} 的检查点在数据库中，却不在有更晚检查点的文件 {1} 中：它被从文件中删除。
        The file {} is not what was written up to the checkpoint of size {}: checkpoints were taken out of it, or it was replaced. | 文件 {0} 与写到大小为 {1} 的检查点时不同：其中的检查点被删除，或文件被替换。
        The database has no mark of this installation that says how far its history was signed: it was taken away or changed. | 数据库中没有本安装记录历史签名到何处的标记：标记被删除或更改。
        The database has {} checkpoints, up to size {}, that are not the {} up to size {} that were signed. | 数据库有 {0} 个检查点（最大为 {1}），与签名过的 {2} 个（最大为 {3}）不符。
        The history was last verified whole at {}. | 上次完整验证在 {0}。
        The history was not verified whole since this node started at {}. | 自此节点于 {0} 启动以来未完整验证过。
        Since {} no event is taken into the audit history and its proofs any more; it stands at {}. | 自 {0} 起没有事件再计入审计记录及其证明，停在 {1}。
        Since {} no checkpoint was signed, though there is more to sign; the last has the size {}. | 自 {0} 起没有签名检查点，尽管有待签名的记录；最后一个的大小为 {1}。
        A verification of the history ended by an error: {} | 审计记录的验证因错误中止：{=0}
        history review | 历史审阅
        The period must end in the past. | 尚未发生的内容无法审阅，请填写过去的时刻。
        At most 366 days. | 最多 366 天。
        Findings are required, in at most 4000 characters. | 请填写审阅结论，最多 4000 个字符。
        The reviewer must be independent: the entry {} of this period is your own action. | 审阅历史的人员须独立：此时段的第 {0} 条记录是您本人的操作。
        The history of this period is not what you have read: its hash is different. Read it again. | 此时段的历史与您所阅读的不一致：哈希值不同。请重新阅读。
        The entry {} has no leaf in the log, so nobody can sign that it was read. POST /api/v1/audit/verify says what is wrong. | 第 {0} 条记录在日志中没有对应的叶子，无法签名确认已阅读。POST /api/v1/audit/verify 可查明原因。
        All rows match their events. | 所有行与其事件一致。
        Checkpoints are being signed. | 检查点正常签名。
        The whole history was verified. | 全部审计记录已通过验证。
        The history is followed, signed and verified again. | 审计记录已恢复跟进、签名和验证。
        """;
}
