using System.Collections.Frozen;

namespace Notify.Kernel.Texts;

/// <summary>
/// The words for codes in events and answers: states, levels, and the reasons why something is not sent. Each code has the same word in each language
/// everywhere.
/// </summary>
public static class CodeWords
{
    private static readonly FrozenDictionary<string, BilingualText> words = new Dictionary<string, BilingualText>(StringComparer.Ordinal)
    {
        ["ActiveUnacked"] = new("active, unacknowledged", "已触发、未确认"),
        ["ActiveAcked"] = new("active, acknowledged", "已触发、已确认"),
        ["ClearedUnacked"] = new("cleared, unacknowledged", "已消除、未确认"),
        ["ClearedAcked"] = new("cleared, acknowledged", "已消除、已确认"),
        ["Critical"] = new("critical", "紧急"),
        ["High"] = new("high", "高"),
        ["Medium"] = new("medium", "中"),
        ["Low"] = new("low", "低"),
        ["noRuleMatches"] = new("no rule matches", "没有匹配的通知规则"),
        ["ruleDisabled"] = new("the rule is disabled", "通知规则已停用"),
        ["schedule"] = new("the schedule was closed", "不在通知日程的时段内"),
        ["holiday"] = new("a holiday paused the schedule", "节假日暂停通知"),
        ["shelved"] = new("the alarm is shelved", "报警已搁置"),
        ["duplicate"] = new("a repeated report", "重复上报"),
        ["superseded"] = new("a later state of the alarm was notified first", "已先通知了该报警更新的状态"),
        ["decidedAnew"] = new("decided again later, when no rule wanted it any more", "重新决定时已没有通知规则需要它"),
        ["serviceRemoved"] = new("the service was deleted", "通知服务已删除"),
        ["serviceDisabled"] = new("the service is disabled", "通知服务已停用"),
        ["messageRemoved"] = new("the message was deleted", "通知内容已删除"),
        ["messageDisabled"] = new("the message is disabled", "通知内容已停用"),
        ["scheduleRemoved"] = new("the schedule was deleted", "通知日程已删除"),
        ["scheduleDisabled"] = new("the schedule is disabled", "通知日程已停用"),
        ["receiverRemoved"] = new("the service no longer has this receiver", "通知服务中已没有该接收人"),
        ["personDisabled"] = new("the person is disabled", "人员已停用"),
        ["personRemoved"] = new("the person was removed", "人员已删除"),
        ["groupDisabled"] = new("the group is disabled", "用户组已停用"),
        ["groupRemoved"] = new("the group was deleted", "用户组已删除"),
        ["groupEmpty"] = new("the group has no members", "用户组没有成员"),
        ["notNeeded"] = new("not needed any more", "已不需要"),
        ["escalation"] = new("escalation", "升级通知"),
        ["reminder"] = new("reminder", "重复提醒"),
        ["otherwise"] = new("another way", "备用途径"),
        ["delivered"] = new("delivered", "已送达"),
        ["accepted"] = new("accepted, not yet confirmed", "平台已受理，待确认"),
        ["unknown"] = new("answer lost", "未收到应答"),
        ["notSent"] = new("not sent", "未发送"),
        ["failed"] = new("failed", "发送失败"),
        ["partlyDelivered"] = new("partly delivered", "部分送达"),
        ["blocked"] = new("its lane is blocked", "通道受阻"),
        ["acknowledged"] = new("acknowledged", "报警已确认"),
        ["cleared"] = new("cleared", "报警已消除"),
        ["alarmRemoved"] = new("the alarm was removed", "报警已删除"),
        ["ruleRemoved"] = new("the rule was deleted", "通知规则已删除"),
        ["ruleDoesNotMatch"] = new("the rule does not match any more", "通知规则已不匹配"),
        ["stepRemoved"] = new("the rule has no such step any more", "通知规则已没有该步骤"),
        ["password"] = new("password", "密码"),
        ["password+code"] = new("password and code", "密码和验证码"),
        ["password+recoveryCode"] = new("password and recovery code", "密码和恢复码"),
        ["passkey"] = new("passkey", "通行密钥"),
        ["oidc"] = new("the identity provider", "身份提供方"),
        ["signedOut"] = new("signed out", "退出登录"),
        ["revoked"] = new("revoked", "已撤销"),
        ["replaced"] = new("somebody signed in in the same browser", "同一浏览器中重新登录"),
        ["passwordChanged"] = new("the password was changed", "密码已修改"),
        ["passwordSet"] = new("the password was set", "密码已设置"),
        ["secondFactorChanged"] = new("the second factor was changed", "双重验证已更改"),
        ["start"] = new("the start of the system", "系统启动"),
        ["reset"] = new("reset at the machine", "已在本机重置"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The words for a code; the code itself if there are none.</summary>
    public static BilingualText OrCode(string code) => Of(code) ?? new(code, code);

    /// <returns>Null if it is not a code, such as a reason in a person's own words.</returns>
    public static BilingualText? Of(string code) => words.GetValueOrDefault(code);
}
