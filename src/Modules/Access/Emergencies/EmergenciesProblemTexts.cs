namespace Notify.Access.Emergencies;

internal static class EmergenciesProblemTexts
{
    public const string Lines = """
        signatures of emergencies and reviews | 应急变更和审阅的签名
        emergency | 应急变更
        Give a whole number of minutes from 1 to {}. | 请填写 1 至 {0} 的整数分钟。
        Changes of this kind need no approval. | 此类更改无需审批。
        No change of this kind needs approval: an emergency would permit nothing more. | 此类更改均无需审批，应急变更不会带来更多权限。
        There is an emergency already: '{}'. It must end first. | 已有应急变更“{0}”，须先结束。
        This emergency is open already. | 此应急变更已开启。
        Nobody has confirmed this emergency in time. Ask for it again. | 此应急变更逾时未获确认，请重新申请。
        This emergency was withdrawn. Ask for it again. | 此应急变更已撤回，请重新申请。
        This emergency has ended. Ask for another one. | 此应急变更已结束，请另行申请。
        An emergency takes two people: somebody else must confirm it. | 应急变更须由两人开启：请由他人确认。
        The request on record cannot be confirmed: somebody has changed it. Ask for another emergency. | 无法确认已记录的申请：记录被人改动过。请另行申请应急变更。
        This emergency was never open: there is nothing to review. | 此应急变更从未开启，没有可审阅的内容。
        This emergency is still open: it is reviewed when it has ended. | 此应急变更尚未结束，结束后方可审阅。
        This emergency was reviewed already. | 此应急变更已审阅。
        Nobody reviews an emergency of their own. A third person must do it. | 不得审阅自己参与的应急变更，须由第三人审阅。
        Somebody else has just decided on this emergency. | 此应急变更刚被他人处理。
        """;
}
