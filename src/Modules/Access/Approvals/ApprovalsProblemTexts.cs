namespace Notify.Access.Approvals;

internal static class ApprovalsProblemTexts
{
    public const string Lines = """
        proposal | 审批单
        approval policy | 审批策略
        Give one of {}. | 须为以下之一：{0}。
        This field is required. An empty list: no change needs approval. | 此字段必填。空列表表示任何更改都无需审批。
        Only with reason required. | 仅在 reason 为 required 时可用。
        The approval policy requires a reason for this change. | 审批策略要求说明此更改的理由。
        The approval policy on record cannot be read: somebody has changed it. Nothing is changed until it is restored. | 无法读取已记录的审批策略：记录被人改动过。恢复之前不会执行任何更改。
        Nobody approves a change of their own, or one that a key of theirs has proposed. Somebody else must decide. | 不得审批自己提出的更改，包括用自己的密钥提出的更改，须由他人决定。
        This is your own proposal: withdraw it. | 这是您自己提交的审批单，请撤回。
        Only its author withdraws a proposal. Reject it instead. | 只有提交人可以撤回审批单，请改为驳回。
        What would be made is not what was proposed: the proposal was altered. Withdraw it and propose the change again. | 将要执行的更改与提交的不一致：审批单被改动过。请撤回并重新提交。
        The proposal on record cannot be read: somebody has changed it. | 无法读取已记录的审批单：记录被人改动过。
        This proposal is approved already. | 此审批单已批准。
        This proposal was rejected. Propose the change again. | 此审批单已驳回，请重新提交更改。
        This proposal was withdrawn. Propose the change again. | 此审批单已撤回，请重新提交更改。
        This proposal is void: what it was based on has changed. Propose the change again. | 此审批单已作废：所依据的内容已更改。请重新提交更改。
        This proposal is void: '{}' was at version {} when it was proposed and is at version {} now. Propose the change again. | 此审批单已作废：提交时“{0}”为版本 {1}，现为版本 {2}。请重新提交更改。
        This proposal is void: the configuration already is as it proposes, so approving it would change nothing. Nothing was changed. | 此审批单已作废：配置已与所提交的内容一致，批准也不会产生任何更改。未做任何更改。
        A signature is required: your password, a code of your authenticator app, or the proof of a new sign-in at the identity provider. | 须签名：请输入您的密码、验证器中的验证码，或在身份提供方重新登录的证明。
        Sign with one: a password, a code or a proof. | 请只用一种方式签名：密码、验证码或证明。
        This is needed for this method. | 此签名方式须提供该项。
        The meaning of this signature is {}. | 此签名的含义为 {0}。
        A signature is a person's: sign in, and sign with your password or a code. | 签名须由本人作出：请登录后用密码或验证码签名。
        Only its author signs a proposal. Approve or reject it. | 只有提交人可以为审批单签名，请批准或驳回。
        Its author has signed this proposal already. | 提交人已为此审批单签名。
        Its author has not signed this proposal: POST /api/v1/proposals/{id}/sign. | 提交人尚未为此审批单签名：POST /api/v1/proposals/{id}/sign。
        The author's signature does not fit this proposal: one of them was altered. | 提交人的签名与此审批单不符：其中之一被改动过。
        The approval policy was changed in the meantime. Decide again. | 审批策略刚被更改，请重新审批。
        The change names an emergency that is not there. | 更改所称的应急变更不存在。
        The signature was not made for this, or what was signed or the signature was changed since. | 此签名不是为该内容作出的，或所签内容、签名之后被改动过。
        This waits for approval as {}. | 等待审批，审批单为 {0}。
        Somebody else has just decided on this proposal. | 此审批单刚被他人处理。
        """;
}
