using Notify.Channels.Texts;

namespace Notify.Channels.Email;

/// <summary>Explains mail servers' codes: the enhanced status code (RFC 3463 and the registry of RFC 5248) if there is one, else the reply code
/// (RFC 5321).</summary>
internal sealed class EmailTexts : IChannelTexts
{
    /// <summary>Codes of Notify for failures without a code from the server.</summary>
    public const string NotSignedIn = "AUTH";
    public const string NoMechanism = "AUTH-MECHANISM";
    public const string NoTrust = "TLS";
    public const string NoStartTls = "STARTTLS";
    public const string NoUnicode = "SMTPUTF8";

    private static readonly Explained credentials = new(
        new("The mail server refused the user name, or the password or access token.", "邮件服务器拒绝了用户名，或密码、访问令牌。"),
        new("Correct them in the service. Many providers ask for an authorisation code or an app password instead of the password.",
            "请更正通知服务中的用户名和密码。许多邮箱要求使用授权码或应用专用密码，而不是登录密码。"));

    /// <summary>Code for failures of a token endpoint that have no code of their own.</summary>
    public const string NoToken = "TOKEN";

    private static readonly Explained client = new(
        new("The token endpoint refused the client ID or the client secret.", "令牌端点拒绝了客户端 ID 或客户端密钥。"),
        new("Correct them in the service; a client secret expires on the date that the provider shows.",
            "请更正通知服务中的客户端 ID 和密钥；客户端密钥会在服务商显示的日期到期。"));

    private static readonly Explained clientRight = new(
        new("The client is not allowed to fetch access tokens in this way.", "该客户端无权以此方式获取访问令牌。"),
        new("Choose the other grant in the service, or ask whoever runs the provider's directory to allow this one for the client.",
            "请在通知服务中改选授权方式，或请服务商目录的管理员为该客户端开通。"));

    private static readonly Explained noToken = new(
        new("The token endpoint refused to issue an access token.", "令牌端点拒绝发放访问令牌。"),
        new("See its message, and compare endpoint, client and scope in the service with the provider's.",
            "请查看其说明，并核对通知服务中的令牌端点、客户端和权限范围。"));

    private static readonly Explained mechanism = new(
        new("The mail server does not offer this way of signing in, or does so only over TLS.", "邮件服务器不提供该认证方式，或仅在 TLS 加密下提供。"),
        new("Choose another authentication, and STARTTLS or TLS, in the service.", "请在通知服务中改选认证方式，并使用 STARTTLS 或 TLS。"));

    private static readonly Explained signIn = new(
        new("The mail server accepts mail only after signing in, or only over TLS.", "邮件服务器要求先登录或使用 TLS 加密。"),
        new("Enter user name and password in the service, and choose STARTTLS or TLS.", "请在通知服务中填写用户名和密码，并选择 STARTTLS 或 TLS。"));

    private static readonly Explained sender = new(
        new("The mail server does not accept mail from this sender.", "邮件服务器不接受该发件人。"),
        new("Enter a sender in the service that belongs to its user.", "请在通知服务中填写属于该登录账号的发件人地址。"));

    private static readonly Explained mailbox = new(
        new("There is no such mailbox.", "邮箱不存在。"), new("Correct the receiver's address.", "请更正接收人的邮箱地址。"));

    private static readonly Explained domain = new(
        new("The address's domain does not accept mail, or does not exist.", "邮箱地址的域名不存在或不接收邮件。"),
        new("Correct the part after the @ in the receiver's address.", "请更正接收人地址中 @ 之后的部分。"));

    private static readonly Explained disabled = new(
        new("The mailbox is disabled, or does not accept mail from outside.", "邮箱已停用，或不接收外部邮件。"),
        new("Ask whoever runs the receiver's mail server, or enter another address.", "请联系接收方的邮件管理员，或改用其他地址。"));

    private static readonly Explained full = new(
        new("The mailbox is full.", "邮箱已满。"), new("Ask the receiver to make room.", "请接收人清理邮箱。"));

    private static readonly Explained size = new(
        new("The mail is too large for the server.", "邮件超过服务器的大小限制。"), new("Shorten the message.", "请缩短通知内容。"));

    private static readonly Explained busy = new(
        new("The mail server is not accepting the mail now: it is busy, out of space, or delays unknown senders (greylisting).",
            "邮件服务器暂不接收：服务器繁忙、空间不足，或对陌生发件人延迟接收（灰名单）。"),
        new("Notify retries automatically. If the fault persists, see the server's reply, and ask its administrator to exempt this sender.",
            "系统会自动重试。若持续出现，请查看服务器的说明，并请其管理员放行该发件人。"));

    private static readonly Explained tooMany = new(
        new("The mail server accepts fewer recipients in one mail.", "邮件服务器单封邮件允许的收件人数较少。"),
        new("The others get the mail automatically a little later. Lower Notify:Email:RecipientsPerMail to avoid the delay.",
            "其余收件人稍后会自动收到。可调低 Notify:Email:RecipientsPerMail 以免等待。"));

    private static readonly Explained path = new(
        new("The mail server cannot reach the receiver's mail server.", "邮件服务器无法连接接收方的邮件服务器。"),
        new("See the server's reply. If the fault persists, ask its administrator.", "请查看服务器的说明；若持续出现，请联系其管理员。"));

    private static readonly Explained content = new(
        new("The mail server does not accept the format of the mail.", "邮件服务器不接受邮件的格式。"),
        new("Notify retries as plain text. If that is refused too, use plain text with simple characters.", "系统会改用纯文本重试；若仍被拒绝，请使用纯文本和常用字符。"));

    private static readonly Explained policy = new(
        new("The mail server's policy rejects the mail: the sender, the content, or relaying to this receiver.",
            "邮件服务器按其规则拒收：发件人、内容，或不允许转发给该接收人。"),
        new("See the server's reply. Ask its administrator to let this machine or this user send to the receiver; for outside receivers the sender's "
            + "domain needs SPF and DKIM.",
            "请查看服务器的说明，并请其管理员允许本机或该账号发信给接收人；发往外部时，发件人域名需配置 SPF 和 DKIM。"));

    private static readonly Dictionary<string, Explained> known = new(StringComparer.Ordinal)
    {
        [NotSignedIn] = credentials,
        [NoToken] = new(
            new("No access token could be fetched: the token endpoint could not be reached, or its answer is not valid.",
                "无法获取访问令牌：连接不到令牌端点，或其应答不正确。"),
            new("Notify retries automatically. Check that this server can reach the endpoint, and that its address is allowed (Notify:Outgoing).",
                "系统会自动重试。请检查本服务器能否访问该端点，以及其地址是否被允许（Notify:Outgoing）。")),
        ["invalid_client"] = client,
        ["unauthorized_client"] = clientRight,
        ["unsupported_grant_type"] = clientRight,
        ["invalid_grant"] = new(
            new("The refresh token has expired, was revoked, or belongs to another client.", "刷新令牌已过期、被撤销，或属于其他客户端。"),
            new("Sign in once more at the provider, and enter the new refresh token in the service.", "请在服务商处重新授权，并在通知服务中填写新的刷新令牌。")),
        ["invalid_scope"] = new(
            new("The provider does not know the scope, or does not grant it to the client.", "服务商不认识该权限范围，或未授予该客户端。"),
            new("Correct the scope in the service, and grant it to the client.", "请更正通知服务中的权限范围，并将其授予该客户端。")),
        [NoMechanism] = mechanism,
        [NoTrust] = new(
            new("The connection could not be encrypted: the certificate is not trusted or has another name, or the port does not support TLS.",
                "无法建立加密连接：证书不受信任或名称不符，或该端口不支持 TLS。"),
            new("Enter the CA certificate or the name in the certificate, or choose STARTTLS for ports 25 and 587 and TLS for port 465.",
                "请填写 CA 证书或证书中的名称；25、587 端口一般选 STARTTLS，465 端口选 TLS。")),
        [NoStartTls] = new(
            new("The mail server does not offer STARTTLS.", "邮件服务器不提供 STARTTLS。"),
            new("Use a port with TLS, or choose no security if the network is your own.", "请使用支持 TLS 的端口；若为自有网络，可选择不加密。")),
        [NoUnicode] = new(
            new("The mail server does not accept addresses with such characters.", "邮件服务器不支持含此类字符的地址。"),
            new("Use an address with ASCII characters only.", "请使用英文字母的地址。")),
        ["421"] = busy,
        ["450"] = busy,
        ["451"] = busy,
        ["452"] = busy,
        ["454"] = busy,
        ["502"] = mechanism,
        ["504"] = mechanism,
        ["530"] = signIn,
        ["534"] = credentials,
        ["535"] = credentials,
        ["538"] = signIn,
        ["550"] = mailbox,
        ["551"] = mailbox,
        ["552"] = size,
        ["553"] = mailbox,
        ["554"] = policy,
        ["5.1.0"] = mailbox,
        ["5.1.1"] = mailbox,
        ["5.1.2"] = domain,
        ["5.1.3"] = mailbox,
        ["5.1.6"] = mailbox,
        ["5.1.7"] = sender,
        ["5.1.8"] = sender,
        ["5.1.10"] = domain,
        ["5.2.0"] = disabled,
        ["5.2.1"] = disabled,
        ["4.2.2"] = full,
        ["5.2.2"] = full,
        ["5.2.3"] = size,
        ["5.3.4"] = size,
        ["4.5.3"] = tooMany,
        ["5.5.1"] = signIn,
        ["5.5.4"] = mechanism,
        ["5.7.0"] = signIn,
        ["5.7.3"] = credentials,
        ["5.7.8"] = credentials,
        ["5.7.9"] = credentials,
        ["5.7.11"] = signIn,
        ["5.7.57"] = signIn,
        ["5.7.60"] = sender,
    };

    public Explained Unreachable { get; } = new(
        new("The mail server could not be reached, or did not answer in time.", "无法连接邮件服务器，或其未及时应答。"),
        new(
            "Check that it runs, that this server can reach it, that port and security match, and that its address is allowed (Notify:Outgoing).",
            "请检查邮件服务器是否运行、本服务器能否访问它、端口与加密方式是否匹配，以及其地址是否被允许（Notify:Outgoing）。"));

    public Explained? Explain(string code) => known.TryGetValue(code, out var text) ? text : code switch
    {
        ['2', ..] => null,
        ['4', '.', '4', '.', ..] => path,
        ['4', ..] => busy,
        ['5', '.', '4', '.', ..] => path,
        ['5', '.', '1', '.', ..] => mailbox,
        ['5', '.', '2', '.', ..] => disabled,
        ['5', '.', '6', '.', ..] => content,
        [>= 'a' and <= 'z', ..] => noToken,
        _ => policy,
    };

    public LaneWords DescribeLane(string lane, string? alias) => new("mail server", new("mail server", "邮件服务器"));
}
