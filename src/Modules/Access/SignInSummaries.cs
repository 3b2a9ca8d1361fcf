using Notify.Kernel.Events;

namespace Notify.Access;

internal static class SignInSummaries
{
    public static readonly EventSummary[] All =
    [
        new("access.password_set.v1", "“{displayName}” was given a password[, to be changed at the next sign-in{?mustChange}]",
            "为“{displayName}”设置密码[，下次登录须修改{?mustChange}]"),
        new("access.password_changed.v1", "“{displayName}” changed their password", "“{displayName}”修改了密码"),
        new("access.second_factor_enabled.v1", "“{displayName}” set up a second factor", "“{displayName}”启用双重验证"),
        new("access.second_factor_disabled.v1", "The second factor of “{displayName}” was removed", "停用“{displayName}”的双重验证"),
        new("access.code_used.v1", "A one-time code or challenge of “{displayName}” was used", "“{displayName}”的一次性验证码或质询已使用"),
        new("access.recovery_code_used.v1", "A recovery code of “{displayName}” was used in place of the authenticator app",
            "“{displayName}”使用恢复码代替验证器"),
        new("access.passkey_added.v1", "“{displayName}” added the passkey “{note}”", "“{displayName}”添加通行密钥“{note}”"),
        new("access.passkey_used.v1", "A passkey of “{displayName}” was used", "“{displayName}”使用通行密钥"),
        new("access.passkey_removed.v1", "A passkey of “{displayName}” was removed", "删除“{displayName}”的通行密钥"),
        new("access.sign_ins_slowed.v1", "{failures} wrong passwords or codes for “{displayName}” in a row: further tries have to wait",
            "“{displayName}”的密码或验证码连续错误 {failures} 次，后续尝试须等待"),
        new("access.identity_linked.v1", "“{displayName}” came from the identity provider for the first time", "“{displayName}”首次通过身份提供方登录"),
        new("access.session_started.v1", "“{displayName}” signed in by {method}", "“{displayName}”登录（{method}）"),
        new("access.session_ended.v1", "A session of “{displayName}” was ended: {why}", "“{displayName}”的会话结束：{why}"),
        new("access.sessions_ended.v1", "The sessions of “{displayName}” were ended: {why}", "“{displayName}”的会话全部结束：{why}"),
    ];
}
