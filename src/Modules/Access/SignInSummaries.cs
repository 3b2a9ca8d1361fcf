using Notify.Kernel.Events;

namespace Notify.Access;

internal static class SignInSummaries
{
    public static readonly EventSummary[] All =
    [
        new("access.password_set.v1", "A user was given a password[, which must be changed at the next sign-in{?mustChange}]",
            "为用户设置密码[，下次登录须修改{?mustChange}]"),
        new("access.password_changed.v1", "A user changed their password", "用户修改了密码"),
        new("access.second_factor_enabled.v1", "A second factor was set up", "启用双重验证"),
        new("access.second_factor_disabled.v1", "The second factor was removed", "停用双重验证"),
        new("access.code_used.v1", "A one-time code or challenge was used", "一次性验证码或质询已使用"),
        new("access.recovery_code_used.v1", "A recovery code was used in place of the authenticator app", "使用恢复码代替验证器"),
        new("access.passkey_added.v1", "The passkey “{displayName}” was added", "添加通行密钥“{displayName}”"),
        new("access.passkey_used.v1", "A passkey was used", "使用通行密钥"),
        new("access.passkey_removed.v1", "A passkey was removed", "删除通行密钥"),
        new("access.sign_ins_slowed.v1", "{failures} wrong passwords or codes in a row: further tries have to wait", "连续 {failures} 次密码或验证码错误，后续尝试须等待"),
        new("access.session_started.v1", "Signed in by {method}", "登录（{method}）"),
        new("access.session_ended.v1", "A session was ended: {why}", "会话结束：{why}"),
        new("access.sessions_ended.v1", "All sessions of the user were ended: {why}", "用户的全部会话结束：{why}"),
    ];
}
