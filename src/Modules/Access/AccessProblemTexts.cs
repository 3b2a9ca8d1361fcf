namespace Notify.Access;

/// <summary>Refusals about people, keys and permissions, in Chinese.</summary>
internal static class AccessProblemTexts
{
    public const string Lines = """
        user | 人员
        role | 角色
        group | 用户组
        A user name has 2 to 64 letters, digits, dots, hyphens, underscores or @ signs, and begins with a letter or digit. | 用户名须为 2 至 64 个字母、数字、点、连字符、下划线或 @，并以字母或数字开头。
        Give an email address, such as zhang.san@example.com. | 请填写电子邮箱，例如 zhang.san@example.com。
        Give the number with its country code, such as +8613800138000. | 请填写带国家代码的手机号，例如 +8613800138000。
        At most {} roles. | 最多 {0} 个角色。
        At most {} patterns. | 最多 {0} 个路径模式。
        A group has at most {} members. | 一个用户组最多 {0} 名成员。
        Give the id of a person. | 请填写人员的 id。
        This is listed twice. | 重复列出。
        A group of the identity provider has at most {} visible characters. | 身份提供方的组名最多 {0} 个可见字符。
        A role needs at least one permission. | 角色至少需要一项权限。
        This gives or takes permissions that you do not have yourself: {}. | 此操作会授予或收回您自己没有的权限：{=0}。
        This is about paths outside your own: {}. | 此操作涉及您的路径范围之外：{=0}。
        After this change nobody who can sign in would have all permissions. Make another administrator first. | 此修改之后将没有能登录且拥有全部权限的人员，请先指定另一位管理员。
        After this change neither a person nor a key would have all permissions. Make an administrator first. | 此修改之后将没有任何人员或密钥拥有全部权限，请先指定管理员。
        After this change nobody could manage people. Make another security administrator first. | 此修改之后将没有人能管理人员，请先指定另一位安全管理员。
        Permissions of the system, the security and the audit administrator exclude each other. This mixes them: {}. | 系统管理员、安全管理员与审计管理员的权限互斥，此处将其混用：{=0}。
        Permissions of the system, the security and the audit administrator exclude each other. '{}' would mix them: {}. | 系统管理员、安全管理员与审计管理员的权限互斥，“{0}”将混用这些权限：{=1}。
        Administrators are separated: nobody gives themselves permissions. These would be new: {}. | 已启用三员分立：不得为自己授予权限。新增的权限为：{=0}。
        Administrators are separated: a key is shown to who makes it, and has nothing of another administrator: {}. | 已启用三员分立：密钥会显示给创建者，因此不得含有其他管理员的权限：{=0}。
        Administrators are separated: whoever sets a password does not know it for long. Leave this out, or give true. | 已启用三员分立：为他人设置的密码只能使用一次。请省略此字段，或填 true。
        The audit administrator does not decide on changes of the configuration: the security administrator does. | 审计管理员不审批配置更改，须由安全管理员审批。
        Too many calls of this key or session at once. Wait for the answers, and try again shortly. | 此密钥或会话同时进行的调用过多，请等待应答后重试。
        This key reports more than one sender may. Report several alarms in one request, and try again shortly. | 此密钥的上报超出单个来源的上限。请在一个请求中上报多个报警，并稍后重试。
        Give preview or merge. | 须为 preview 或 merge。
        Send a .csv or .xlsx file. | 请发送 .csv 或 .xlsx 文件。
        The user name is already in row {}. | 用户名已在第 {0} 行出现。
        None of the first {} rows is a header with userName (用户名). | 前 {0} 行中没有包含 userName（用户名）的表头。
        An API key needs roles or permissions. | API 密钥需要角色或权限。
        Give an instant in the future. | 请填写将来的时间。
        Give a whole number of hours from 0 to {}. | 请填写 0 至 {0} 的整数小时。
        This key may not report alarms: give it alarms.report, or expect none. | 此密钥无权上报报警：请授予 alarms.report，或不设置上报间隔。
        The API key '{}' is revoked. | API 密钥“{0}”已吊销。
        The API key '{}' has expired. | API 密钥“{0}”已过期。
        The API key '{}' ({}) was made by the first request with this Idempotency-Key, whose answer is lost. It is not shown again: rotate it. | API 密钥“{0}”（{=1}）已由使用此 Idempotency-Key 的第一个请求创建，但其响应已丢失。密钥不会再次显示，请轮换。
        This API key expired at {}. | 此 API 密钥已于 {=0} 过期。
        This API key was replaced by a new one, and its time is over. | 此 API 密钥已被新密钥取代并失效。
        """;
}
