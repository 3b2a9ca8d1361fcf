using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Notify.Kernel.Http;

namespace Notify.Channels.Email;

/// <summary>One connection to a mail server, for one mail. The host's address is checked against the allowed addresses when connecting.</summary>
internal sealed class EmailClient(EmailSettings settings, OutgoingAddresses addresses) : SmtpClient(new Conversation())
{
    private const string UnknownHost = "localhost.localdomain";

    private readonly List<(string Address, EmailReply Reply)> refused = [];

    /// <summary>Recipients that the server refused for the last mail, with its replies.</summary>
    public IReadOnlyList<(string Address, EmailReply Reply)> Refused => refused;

    /// <summary>Whether the content of the last mail was being sent: if no reply came, it may have been delivered.</summary>
    public bool HasSentWords => Talk.HasSentWords;

    public Conversation Talk => (Conversation)ProtocolLogger;

    /// <exception cref="OperationCanceledException">It took longer than the service's timeout.</exception>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        using var deadline = Deadline(1, cancellation);
        CheckCertificateRevocation = false; // many plants cannot reach revocation lists
        LocalDomain = LocalName();
        if (settings.CaCertificate is { } pem)
        {
            var authorities = EmailSettings.CertificatesIn(pem);
            ServerCertificateValidationCallback = (_, certificate, chain, errors) =>
                certificate is X509Certificate2 server && errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors
                && IsFrom(authorities, server, chain);
        }

        NetworkStream? stream = null;
        try
        {
            stream = await addresses.ConnectAsync(new DnsEndPoint(settings.Host, settings.Port), deadline.Token);
            await ConnectAsync(stream, settings.ServerName ?? settings.Host, settings.Port, settings.Security switch
            {
                EmailSecurity.Tls => SecureSocketOptions.SslOnConnect,
                EmailSecurity.StartTls => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            }, deadline.Token);
        }
        catch
        {
            if (stream is not null) await stream.DisposeAsync();
            throw;
        }
    }

    public async Task SignInAsync(string user, string password, CancellationToken cancellation)
    {
        using var deadline = Deadline(1, cancellation);
        var credentials = new NetworkCredential(user, password);
        switch (EmailSettings.Mechanisms.GetValueOrDefault(settings.Authentication))
        {
            case "PLAIN":
                await AuthenticateAsync(new SaslMechanismPlain(credentials), deadline.Token);
                break;
            case "LOGIN":
                await AuthenticateAsync(new SaslMechanismLogin(credentials), deadline.Token);
                break;
            case "CRAM-MD5":
                await AuthenticateAsync(new SaslMechanismCramMd5(credentials), deadline.Token);
                break;
            case EmailSettings.TokenMechanism:
                await AuthenticateAsync(new SaslMechanismOAuth2(credentials), deadline.Token);
                break;
            default:
                AuthenticationMechanisms.Remove("XOAUTH2"); // these mechanisms take a token, not a password
                AuthenticationMechanisms.Remove("OAUTHBEARER");
                await AuthenticateAsync(Encoding.UTF8, credentials, deadline.Token);
                break;
        }
    }

    /// <returns>The server's reply when it accepted the mail for all recipients that are not in <see cref="Refused"/>.</returns>
    public async Task<string> SendAsync(MimeMessage mail, IReadOnlyList<string> recipients, CancellationToken cancellation)
    {
        using var deadline = Deadline(6, cancellation);
        refused.Clear();
        Talk.HasSentWords = false;
        return await SendAsync(mail, new MailboxAddress(null, settings.From), recipients.Select(x => new MailboxAddress(null, x)), deadline.Token);
    }

    /// <summary>Checks whether the server accepts the service's sender address. Nothing is sent.</summary>
    public async Task<EmailReply> TrySenderAsync(CancellationToken cancellation)
    {
        using var deadline = Deadline(1, cancellation);
        var reply = await SendCommandAsync($"MAIL FROM:<{new MailboxAddress(null, settings.From).GetAddress(idnEncode: true)}>", deadline.Token);
        await SendCommandAsync("RSET", deadline.Token);
        return EmailReply.Of((int)reply.StatusCode, reply.Response);
    }

    /// <summary>Closes the connection; errors are ignored.</summary>
    public async Task LeaveAsync()
    {
        if (!IsConnected) return;
        using var deadline = Deadline(1, CancellationToken.None);
        try
        {
            await DisconnectAsync(quit: true, deadline.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ProtocolException or CommandException)
        {
        }
    }

    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) =>
        refused.Add((mailbox.Address, EmailReply.Of((int)response.StatusCode, response.Response)));

    private CancellationTokenSource Deadline(int timeouts, CancellationToken cancellation)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(settings.TimeoutMs * timeouts);
        return deadline;
    }

    /// <summary>Some servers refuse a greeting (EHLO) with an invalid host name.</summary>
    private static string LocalName() => Uri.CheckHostName(Dns.GetHostName()) == UriHostNameType.Dns ? Dns.GetHostName() : UnknownHost;

    private static bool IsFrom(X509Certificate2Collection authorities, X509Certificate2 server, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (sent is not null) foreach (var x in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(x.Certificate);
        return chain.Build(server);
    }
}

/// <summary>The dialogue of one connection, without passwords, and whether it reached a mail's content.</summary>
internal sealed class Conversation : IProtocolLogger
{
    private const int MostLines = 200;
    private const string DataCommand = "DATA\r\n";

    private readonly List<string> lines = [];

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public bool HasSentWords { get; set; }

    /// <returns>The lines since the last call: <c>C:</c> from Notify, <c>S:</c> from the server.</returns>
    public IReadOnlyList<string> TakeLines()
    {
        var taken = lines.ToList();
        lines.Clear();
        return taken;
    }

    public void LogConnect(Uri uri)
    {
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        if (HasSentWords) return;
        var bytes = buffer.AsSpan(offset, count).ToArray();
        foreach (var secret in AuthenticationSecretDetector?.DetectSecrets(buffer, offset, count) ?? [])
            bytes.AsSpan(secret.StartIndex - offset, secret.Length).Fill((byte)'*');
        var text = Encoding.UTF8.GetString(bytes);
        Add("C: ", text);
        HasSentWords = text.EndsWith(DataCommand, StringComparison.Ordinal);
    }

    public void LogServer(byte[] buffer, int offset, int count) => Add("S: ", Encoding.UTF8.GetString(buffer, offset, count));

    public void Dispose()
    {
    }

    private void Add(string who, string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (lines.Count < MostLines) lines.Add(who + line.TrimEnd('\r'));
    }
}
