namespace Notify.Audit;

/// <summary>What the history, its proofs and replays refuse, in Chinese.</summary>
internal static class AuditProblemTexts
{
    public const string Lines = """
        Give the text to erase: an account, a name or a number, of 2 to 200 characters. | 请给出要抹除的文本：账号、姓名或号码，2 至 200 个字符。
        This text stands for what was erased. | 此文本代表已抹除的内容。
        This is a word of Notify's own, which stands in every event: it names no person. | 这是 Notify 自身的词，出现在每个事件中，不指任何人。
        The reason may not hold what is to be erased. | 原因中不得包含要抹除的内容。
        The record of this request would hold it again: let somebody else ask. | 本次请求的记录又会包含它：请由他人提出。
        The history is still being followed. Try again shortly. | 历史仍在跟进，请稍后重试。
        It is part of the ids of records: it names no person. | 它是记录 id 的一部分，不指任何人。
        It is still configured in {}: remove it there first. | 它仍在 {0} 的配置中，请先在那里去掉。
        Something that names it is still to be sent or under way: wait until it has ended, or dismiss it. | 仍有涉及它的内容待发送或进行中：请等其结束，或予以忽略。
        Give an id or a kind, or leave it out. | 请给出 id 或类别，或不填。
        There is nothing of this id or kind, so nothing would be kept. What can expire is {}. | 没有此 id 或类别，不会保全任何内容。会到期的有 {0}。
        A hold is released with a reason. | 解除保全须填写原因。
        Give the size of the older tree. | 请给出较早的树的大小。
        The older tree cannot be the larger one. | 较早的树不会更大。
        The log has {} entries. | 日志有 {0} 条记录。
        A verification is under way; GET /audit/verify shows how far it is. | 校验正在进行，进度见 GET /audit/verify。
        The index of the history is being rebuilt already. | 历史索引已在重建。
        Give zh or en. | 须为 zh 或 en。
        Give en or zh. | 须为 en 或 zh。
        Give json or html. | 须为 json 或 html。
        Give review, whatIf or redeliver. | 须为 review、whatIf 或 redeliver。
        The beginning lies in the future. | 开始时间在将来。
        To send again needs a reason. | 重新发送须填写原因。
        Only a what-if tries other rules. | 只有 whatIf 可试用其他规则。
        At most {} rules. | 最多 {0} 条规则。
        A rule may not be null. | 规则不能为 null。
        Only a redelivery sends, and so goes by a service. | 只有 redeliver 才发送，才需要服务。
        Service '{}' is disabled. | 服务“{0}”已停用。
        A receiver has 1 to 200 characters. | 接收人须为 1 至 200 个字符。
        A what-if asks who would be told; that has no status yet. | whatIf 问的是会通知谁，尚无状态。
        There has never been a {} '{}'. | 从未有过{0}“{1}”。
        There is no report: the replay is {}. | 没有报告：回放状态为 {0}。
        The report is gone. | 报告已不存在。
        An erasure of personal data removed it, with all other reports. Ask for the replay anew. | 抹除个人数据时已删除所有报告，请重新申请回放。
        The replay is {} already. | 回放已是 {0} 状态。
        The history is empty. | 历史为空。
        Nothing is refused: checkpoints are signed. | 没有被拒绝的内容：检查点正常签名。
        No checkpoint is signed: {} | 未签名检查点：{0}
        This node has started without a file of checkpoints, and waits for another node to sign one. | 此节点启动时没有检查点文件，正等待其他节点签名。
        The report was changed. | 报告被更改过。
        What is stored is not the report whose fingerprint the replay's completion has on record. Ask for the replay anew. | 存储的报告与回放完成时记录的指纹不符，请重新申请回放。
        Give 1 to 1000 ids. | 须为 1 至 1000 个 id。
        {} internal messages that were put aside hold it: replay or discard them first (GET /api/v1/operation/dead-letters). | {0} 条被搁置的内部消息中含有它：请先重新处理或丢弃（GET /api/v1/operation/dead-letters）。
        Internal messages that hold it are still being handled. Try again shortly. | 含有它的内部消息仍在处理中，请稍后重试。
        A replay is under way: wait until it has ended, or cancel it. | 有回放正在进行：请等其结束，或将其取消。
        The log's last row, at {}, does not hold together. | 日志的最后一行（位置 {0}）自身不一致。
        The log lacks the leaf {}. | 日志缺少叶 {0}。
        The log lacks the subtree {} of height {}. | 日志缺少高度为 {1} 的子树 {0}。
        The log has {} entries, but {} were signed. | 日志有 {0} 条记录，而已签名的有 {1} 条。
        The first {} entries of the log are not those that were signed at {}. | 日志的前 {0} 条记录与 {1} 签名时不同。
        The event {} has no leaf in the log. | 事件 {0} 在日志中没有叶。
        The latest checkpoint cannot be read. | 无法读取最新的检查点。
        The key that signs checkpoints is not in the database any more, or is sealed with another master key. | 签名检查点的密钥已不在数据库中，或由其他主密钥加密。
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
        """;
}
