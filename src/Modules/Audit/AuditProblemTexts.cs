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
        To send again what was sent before needs the permission {}. | 重新发送须有权限 {0}。
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
        """;
}
