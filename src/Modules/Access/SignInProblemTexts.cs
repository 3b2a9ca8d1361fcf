namespace Notify.Access;

/// <summary>Refusals about sign-in and accounts, in Chinese.</summary>
public static class SignInProblemTexts
{
    public const string Lines = """
        sealed credentials | 加密的登录凭据
        session | 会话
        passkey | 通行密钥
        A password is required. | 须填写密码。
        The current password is required. | 须填写当前密码。
        A user name is required. | 须填写用户名。
        A name is required. | 须填写姓名。
        A password has at least {} characters. Several unrelated words are easy to remember. | 密码至少 {0} 个字符。几个互不相关的词便于记忆。
        A password has at most {} characters. | 密码最多 {0} 个字符。
        This password is too easy to guess: it consists of common words, names, dates or patterns. Use several unrelated words. | 此密码太容易被猜中：由常见词语、姓名、日期或规律组成。请使用几个互不相关的词。
        This is the current password. Choose another one. | 这是当前密码，请另选一个。
        This is too long. | 内容过长。
        The user name or the password is wrong. | 用户名或密码错误。
        The password that you were given has expired unused. Ask who gave it to you for another one. | 为您设置的初始密码未使用，已过期。请向设置者索取新的密码。
        The password is wrong. | 密码错误。
        The code is wrong, or was used before. | 验证码错误或已使用过。
        A code is required. | 须填写验证码。
        A code of your authenticator app, or a recovery code, is needed too. | 还须提供验证器中的验证码或恢复码。
        Give your password, or a code of your authenticator app, to prove that it is you. | 请提供密码或验证器中的验证码，以确认是您本人。
        Give your password to begin, or state and code to end a set-up. | 开始设置须提供密码，完成设置须提供 state 和 code。
        Give the code that the app shows. | 请填写验证器显示的验证码。
        The code does not fit. Check the clock of the device, and give the code that it shows now. | 验证码不符。请检查设备时间，并填写当前显示的验证码。
        This set-up is over, or is not yours. Begin it again. | 此设置已过期或不属于您，请重新开始。
        There is no second factor. | 未启用双重验证。
        Remove your own second factor with DELETE /api/v1/session/second-factor. | 停用自己的双重验证请用 DELETE /api/v1/session/second-factor。
        Too many wrong tries. Try again in {} seconds. | 错误次数过多，请在 {0} 秒后重试。
        What {} signs in with ({}) is not what lies under its reference. It is not used; set the password, or add the second factor or passkey, again. | {=0} 的登录凭据（{=1}）与其引用处的内容不符，不予采用。请重新设置密码、双重验证或通行密钥。
        The identity provider did not sign you in. Try again. | 身份提供方未能为您登录，请重试。
        The identity provider signed you in, but you are not known here. Ask who manages people. | 身份提供方已为您登录，但此处没有您的账户。请联系人员管理者。
        The identity provider cannot be reached. Try again shortly. | 无法连接身份提供方，请稍后重试。
        The identity provider did not sign you in strongly enough. Sign in again, with what it asks for. | 身份提供方的登录强度不足，请按其要求重新登录。
        The identity provider did not make you sign in again, or does not say when you did. Ask who operates Notify. | 身份提供方未要求您重新登录，或未说明登录时间。请联系 Notify 的运维人员。
        Somebody else has signed in at the identity provider than is signed in here. | 在身份提供方登录的不是此处已登录的人员。
        This proof is over, was used, or is not for this: sign in again at the identity provider, to sign just this. | 此证明已过期、已使用或不适用于此内容：请在身份提供方重新登录，专为此内容签名。
        The purpose is sign, or is left out to sign in. | purpose 只能为 sign；登录时不填。
        Say what is signed: the id of a proposal or an emergency, or emergency or historyreview for a new one. | 请说明签名对象：审批单或紧急状态的 id；新建时填 emergency 或 historyreview。
        Nothing is signed with this meaning: approved, proposed, requested, confirmed and reviewed, each for what it fits. | 没有内容可按此含义签名：可用 approved、proposed、requested、confirmed、reviewed，且须与对象相符。
        Signing at the identity provider is for who signs in there. Sign with your password or a code. | 仅通过身份提供方登录的人员可在该处签名，请用密码或验证码签名。
        Sign in first. | 请先登录。
        The access token is not valid here. | 此访问令牌在此无效。
        Signing in at an identity provider is not set up here. | 此处未设置通过身份提供方登录。
        A way back is a path of Notify's own, such as /. | 返回地址须为 Notify 自身的路径，例如 /。
        Too many sign-ins at once. Try again shortly. | 同时登录的请求过多，请稍后重试。
        This is for people who have signed in with a password or a passkey of Notify. | 此操作仅供以 Notify 密码或通行密钥登录的人员使用。
        The account was changed at the same time. Try again. | 账户同时被更改，请重试。
        The record of this account was changed in the database and is not used. POST /api/v1/audit/verify says where; restore it from a backup. | 此账户的记录在数据库中被改动，不予采用。POST /api/v1/audit/verify 可指出位置，请从备份恢复。
        Change your own password with POST /api/v1/session/password. | 修改自己的密码请用 POST /api/v1/session/password。
        Changes of people need approval: leave the password out. Whoever approves gets one for a single sign-in. | 人员的更改需要审批：请勿填写密码。批准人会得到一个仅能登录一次的密码。
        A password that is made for a single sign-in must be changed. | 仅能登录一次的密码必须修改。
        This person does not sign in by password. Set signIn to password first. | 此人员不使用密码登录，请先将 signIn 设为 password。
        The session has ended. Sign in again. | 会话已结束，请重新登录。
        The session cookie counts only in requests with an Origin or Sec-Fetch-Site of Notify's own address. | 会话 Cookie 仅在请求带有 Notify 自身地址的 Origin 或 Sec-Fetch-Site 时有效。
        A page of another address may not sign anybody in. | 其他地址的页面不得代人登录。
        Choose a password of your own first: POST /api/v1/session/password. | 请先设置自己的密码：POST /api/v1/session/password。
        Set up a second factor first: POST /api/v1/session/second-factor. | 请先启用双重验证：POST /api/v1/session/second-factor。
        The set-up was done: there is somebody who can sign in. | 初始设置已完成：已有可登录的人员。
        The set-up is done at the machine itself (http://localhost), or with the bootstrap key: Authorization: Bearer ntf_… | 初始设置须在本机（http://localhost）进行，或使用初始密钥：Authorization: Bearer ntf_…
        A name has 1 to 64 characters. | 名称须为 1 至 64 个字符。
        At most {} passkeys. Remove one first. | 通行密钥最多 {0} 个，请先删除一个。
        This passkey is there already. | 此通行密钥已存在。
        This passkey does not sign anybody in here. | 此通行密钥无法在此登录。
        The authenticator's answer does not fit what it was asked for. Begin again. | 验证器的应答与请求不符，请重新开始。
        Send back the state that came with the options. | 请送回随选项给出的 state。
        Send what the browser has made of the options. | 请发送浏览器根据选项生成的内容。
        This is over, or is not yours. Begin it again. | 已过期或不属于您，请重新开始。
        """;
}
