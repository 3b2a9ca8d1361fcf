using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Serialization;
using MimeKit;
using Notify.Channels.Fields;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Email;

/// <summary>How the connection to a mail server is encrypted. Never inferred from the port.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmailSecurity>))]
public enum EmailSecurity
{
    /// <summary>TLS from the first byte, usually on port 465.</summary>
    [JsonStringEnumMemberName("tls")] Tls,

    /// <summary>The server must offer STARTTLS; otherwise nothing is sent.</summary>
    [JsonStringEnumMemberName("startTls")] StartTls,

    /// <summary>No encryption: the password and the mails can be read in transit.</summary>
    [JsonStringEnumMemberName("none")] None,
}

/// <param name="From">The sender in the mails' header and envelope; many servers require that it belongs to the user.</param>
/// <param name="Authentication">A key of <see cref="Mechanisms"/>.</param>
/// <param name="TimeoutMs">Milliseconds, 100 to 120000, for connecting with TLS and for signing in; six times as long for a mail, which servers
/// scan before they reply.</param>
/// <param name="CaCertificate">PEM: the authorities that may have issued the server's certificate. Null: those that the system trusts.</param>
/// <param name="ServerName">The name required in the certificate. Null: the host.</param>
/// <param name="Oauth2">Used only with the authentication <see cref="Renewed"/>.</param>
internal sealed record EmailSettings(
    string From, string Host, int Port, EmailSecurity Security, string Authentication, int TimeoutMs, string? FromName = null,
    string? UserName = null, SecretRef? Password = null, string? CaCertificate = null, string? ServerName = null, EmailOauth2? Oauth2 = null)
{
    /// <summary>RFC 5321, 4.5.3.1.3.</summary>
    public const int LongestAddress = 254;
    public const string Strongest = "auto";
    public const string TokenMechanism = "XOAUTH2";

    /// <summary>Access tokens that Notify fetches itself.</summary>
    public const string Renewed = "oauth2";

    /// <summary>SASL mechanisms by their names in the settings; null: the strongest that both sides support.</summary>
    public static readonly IReadOnlyDictionary<string, string?> Mechanisms = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        [Strongest] = null,
        ["plain"] = "PLAIN",
        ["login"] = "LOGIN",
        ["cramMd5"] = "CRAM-MD5",
        ["xoauth2"] = TokenMechanism,
        [Renewed] = TokenMechanism,
    };

    /// <summary>What decides which server signs Notify in, and who can read what is sent to it.</summary>
    private static readonly string[] server = ["host", "port", "security", "serverName", "caCertificate", "authentication"];

    private const string Example = """
        { "type": "email", "name": "Mail server of the plant", "description": "",
          "email": { "from": "notify@plant.example", "fromName": "Alarms", "host": "mail.plant.example", "port": 587, "security": "startTls",
            "userName": "notify@plant.example", "password": "a-password" } }
        """;

    /// <param name="addresses">Decides which hosts may be called.</param>
    /// <param name="allowHttp">Whether a token endpoint may be called without TLS.</param>
    public static IChannelSettings Described(OutgoingAddresses addresses, bool allowHttp) => new DescribedSettings<EmailSettings>(
        EmailChannel.TypeName,
        [
            Field.Text("from", "From", "发件人地址", required: true) with
            {
                Max = LongestAddress,
                Fault = FaultOfAddress,
                Help = new("Most servers require that it belongs to the user.", "多数邮件服务器要求它与登录账号一致。"),
            },
            Field.Text("fromName", "Name of the sender", "发件人名称") with { Max = 100, Fault = FaultOfLine },
            Field.Text("host", "Mail server", "邮件服务器", required: true) with { Max = 253, Fault = x => FaultOfHost(x) ?? addresses.FaultOf(x) },
            Field.Number("port", "Port", "端口", 1, 65535, 25) with
            {
                Help = new("587 or 25 with STARTTLS, 465 with TLS.", "STARTTLS 一般为 587 或 25，TLS 一般为 465。"),
            },
            Field.Choice("security", "Security", "加密方式", "startTls",
                new Choice("tls", "TLS", "TLS"), new Choice("startTls", "STARTTLS, required", "STARTTLS（必须）"), new Choice("none", "None", "不加密")) with
            {
                Help = new("Without it, the password and the mails can be read in transit.", "不加密时，密码和邮件内容在传输中可被读取。"),
            },
            Field.Text("userName", "User name", "用户名") with
            {
                Max = LongestAddress,
                Fault = FaultOfLine,
                Help = new("Leave it empty if the server accepts mail from this machine without a password.", "若服务器允许本机免密发信，则不填。"),
            },
            Field.Secret("password", "Password", "密码") with
            {
                Max = 4000,
                Destination = new([.. server, "userName"], x => (string?)x["authentication"] != Renewed && x["userName"] is not null),
                Help = new(
                    "Many providers ask for an authorisation code or an app password here. For XOAUTH2: the access token.",
                    "许多邮箱要求填写授权码或应用专用密码；XOAUTH2 时填写访问令牌。"),
            },
            Field.Choice("authentication", "Authentication", "认证方式", Strongest,
                new Choice(Strongest, "The strongest that the server offers", "服务器提供的最强方式"), new Choice("plain", "PLAIN", "PLAIN"),
                new Choice("login", "LOGIN", "LOGIN"), new Choice("cramMd5", "CRAM-MD5", "CRAM-MD5"),
                new Choice("xoauth2", "XOAUTH2, with an access token as the password", "XOAUTH2（密码栏填写访问令牌）"),
                new Choice(Renewed, "XOAUTH2, with access tokens that Notify fetches", "XOAUTH2（由 Notify 自动获取访问令牌）")),
            new("oauth2", FieldType.Object, new("Access tokens", "访问令牌"))
            {
                RequiredIf = ("authentication", Renewed),
                Help = new("The client that is registered for Notify at the provider (OAuth 2.0).", "在邮箱服务商处为 Notify 注册的客户端（OAuth 2.0）。"),
                Fields = EmailOauth2.FieldsOf(addresses, allowHttp, server),
            },
            Field.Number("timeoutMs", "Timeout in milliseconds", "超时（毫秒）", 100, 120_000, 10_000) with
            {
                Help = new("For connecting and for signing in; six times as long for a mail.", "用于连接和登录；发送一封邮件时为其六倍。"),
            },
            Field.Text("caCertificate", "CA certificate", "CA 证书") with
            {
                Max = 100_000,
                Multiline = true,
                Fault = FaultOfCertificate,
                Help = new(
                    "PEM, for a server whose certificate the system does not trust. Then only certificates issued by it are accepted.",
                    "PEM 格式，用于证书不受系统信任的服务器；填写后仅信任由它签发的证书。"),
            },
            Field.Text("serverName", "Name in the certificate", "证书中的名称") with
            {
                Max = 253,
                Fault = FaultOfHost,
                Help = new("Needed if the certificate has another name than the mail server.", "证书名称与邮件服务器名称不同时填写。"),
            },
        ],
        Example,
        (settings, errors) =>
        {
            if (settings.Authentication == Renewed)
            {
                if (settings.UserName is null) errors.Add("userName", JsonShape.Required);
                settings.Oauth2?.Check(errors);
            }
            else if (settings.UserName is not null && settings.Password is null) errors.Add("password", JsonShape.Required);
        });

    /// <summary>Accepts a single address without a name, comment or white space.</summary>
    public static string? FaultOfAddress(string text) =>
        text.Length <= LongestAddress && !text.Any(x => char.IsControl(x) || char.IsWhiteSpace(x))
        && text.LastIndexOf('@') is > 0 and <= 64 && MailboxAddress.TryParse(text, out var parsed) && parsed.Address == text
        && string.IsNullOrEmpty(parsed.Name)
            ? null : "This is not an email address, such as duty@plant.example.";

    /// <summary>Checks a text that is used in a header.</summary>
    public static string? FaultOfLine(string text) => text.Any(char.IsControl) ? "The text must be one line." : null;

    private static string? FaultOfHost(string text) =>
        Uri.CheckHostName(text) == UriHostNameType.Unknown ? "This is not the name or address of a server." : null;

    private static string? FaultOfCertificate(string text) => CertificatesIn(text).Count > 0 ? null : "This is not a certificate in PEM.";

    public static X509Certificate2Collection CertificatesIn(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates;
    }
}

internal sealed class EmailRoutes(EmailSettings settings) : IRoutes
{
    /// <summary>One lane for each user of a server, since servers limit the rate by user.</summary>
    private readonly string lane = $"{EmailChannel.TypeName}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{settings.Host.ToLowerInvariant()}\n{settings.UserName ?? settings.From}")))[..16]}";

    public EmailSettings Settings => settings;

    public IEnumerable<(string Lane, string Name)> Lanes => [(lane, settings.Host)];

    public bool Has(Receiver receiver) => PeopleKinds.IsPeople(receiver)
        || (receiver.Kind == EmailChannel.Address && receiver.Account is { } address && EmailSettings.FaultOfAddress(address) is null);

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => lane;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => Audience.One;
}
