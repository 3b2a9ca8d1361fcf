using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Net;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using IMailbox = SmtpServer.Mail.IMailbox;

namespace Notify.Peers.Email;

/// <summary>A mail that the server took.</summary>
/// <param name="Recipients">Of the envelope: those that the server accepted.</param>
public sealed record ReceivedMail(string From, IReadOnlyList<string> Recipients, MimeMessage Mail, string? User, bool IsSecure)
{
    /// <summary>What its reader sees first.</summary>
    public string Text => $"{Mail.Subject}\n{Mail.TextBody}";
}

/// <summary>At which of a mail's commands something goes wrong.</summary>
public enum MailStage
{
    Sender,
    Recipient,
    Words,
}

/// <param name="Code">What is answered; 0: nothing.</param>
/// <param name="Takes">At the words: the mail is taken all the same.</param>
/// <param name="Cut">The connection is closed before the answer is whole.</param>
/// <param name="Address">Of the recipient that it meets; null: all.</param>
public sealed record MailFault(MailStage Stage, int Code, string Text = "", bool Takes = false, bool Cut = false, string? Address = null);

/// <summary>
/// A mail server for one domain: asks for a user and a password, refuses mailboxes that it does not have as large servers do (550 5.1.1) and senders
/// that are not the user's (553 5.7.1), and keeps what it takes. Listens on 127.0.0.1, with a certificate of its own for STARTTLS or TLS.
/// </summary>
public sealed class EmailStandIn : IAsyncDisposable
{
    public const string User = "notify@plant.example";
    public const string Password = "the-password-of-the-stand-in";

    /// <summary>The name in its certificate.</summary>
    public const string Name = "mail.plant.example";

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<ReceivedMail> received = new();
    private readonly ConcurrentQueue<MailFault> faults = new();
    private readonly X509Certificate2 certificate = NewCertificate();
    private readonly Task running;
    private volatile MailFault? always;

    /// <param name="isTls">TLS from the first byte; else STARTTLS is offered.</param>
    private EmailStandIn(bool isTls, int listenOn, TaskCompletionSource<int> port)
    {
        var listeners = new EndpointListenerFactory();
        listeners.EndpointStarted += (_, started) => port.TrySetResult(((IPEndPoint)started.LocalEndPoint).Port);
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(listeners);
        services.Add(new Store(this));
        services.Add(new Filter(this));
        services.Add((IUserAuthenticator)new Users());
        var options = new SmtpServerOptionsBuilder().ServerName(Name).MaxMessageSize(MaxBytes)
            .Endpoint(x => x.Endpoint(new IPEndPoint(IPAddress.Loopback, listenOn)).Certificate(certificate).IsSecure(isTls)
                .AuthenticationRequired().AllowUnsecureAuthentication()).Build();
        running = new global::SmtpServer.SmtpServer(options, services).StartAsync(stop.Token);
    }

    /// <param name="port">0: a free one.</param>
    public static async Task<EmailStandIn> StartAsync(bool isTls = false, int port = 0)
    {
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var standIn = new EmailStandIn(isTls, port, started);
        // A port that is taken ends the server before it has started.
        await await Task.WhenAny(started.Task, standIn.running);
        standIn.Port = await started.Task;
        return standIn;
    }

    public const int MaxBytes = 1024 * 1024;

    public int Port { get; private set; }

    /// <summary>PEM; signed by itself.</summary>
    public string CaCertificate => certificate.ExportCertificatePem();

    /// <summary>Mailboxes that do not exist.</summary>
    public ConcurrentDictionary<string, bool> Unknown { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Recipients of one mail at most; the next is answered 452 4.5.3.</summary>
    public int MaxRecipients { get; set; } = 100;

    /// <summary>All mails, oldest first.</summary>
    public IReadOnlyList<ReceivedMail> Received => [.. received];

    /// <summary>Meets the next so many mails; null: all until <see cref="Heal"/>.</summary>
    public void Fail(MailFault fault, int? count = 1)
    {
        if (count is null) always = fault;
        for (var i = 0; i < count; i++) faults.Enqueue(fault);
    }

    public void Heal()
    {
        faults.Clear();
        always = null;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
        }

        stop.Dispose();
        certificate.Dispose();
    }

    private MailFault? Take(MailStage stage, string? address = null)
    {
        if (always is { } lasting && Meets(lasting)) return lasting;
        return faults.TryPeek(out var next) && Meets(next) && faults.TryDequeue(out var fault) ? fault : null;

        bool Meets(MailFault x) => x.Stage == stage && (x.Address is null || string.Equals(x.Address, address, StringComparison.OrdinalIgnoreCase));
    }

    private static SmtpResponse Answer(int code, string text) => new((SmtpReplyCode)code, text);

    private static SmtpResponseException Refuse(int code, string text) => new(Answer(code, text));

    /// <summary>Of a mail server named <see cref="Name"/>, signed by itself.</summary>
    public static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    private sealed class Users : UserAuthenticator
    {
        public override Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken) =>
            user == User && password == Password ? Task.FromResult(true) : throw Refuse(535, "5.7.8 Error: authentication failed");
    }

    private sealed class Filter(EmailStandIn server) : MailboxFilter
    {
        private const string Accepted = "accepted recipients";

        public override Task<bool> CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken)
        {
            if (server.Take(MailStage.Sender) is { } fault) throw Refuse(fault.Code, fault.Text);
            context.Properties[Accepted] = 0;
            return from.AsAddress() == User ? Task.FromResult(true) : throw Refuse(553, "5.7.1 Sender address rejected: not owned by user");
        }

        public override Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken)
        {
            var address = to.AsAddress();
            if (server.Take(MailStage.Recipient, address) is { } fault) throw Refuse(fault.Code, fault.Text);
            if (server.Unknown.ContainsKey(address)) throw Refuse(550, "5.1.1 Recipient address rejected: User unknown");
            var count = (int)context.Properties[Accepted];
            if (count >= server.MaxRecipients) throw Refuse(452, "4.5.3 Error: too many recipients");
            context.Properties[Accepted] = count + 1;
            return Task.FromResult(true);
        }
    }

    private sealed class Store(EmailStandIn server) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            var fault = server.Take(MailStage.Words);
            if (fault is null or { Takes: true })
            {
                using var bytes = new MemoryStream(buffer.ToArray());
                server.received.Enqueue(new(
                    transaction.From.AsAddress(), [.. transaction.To.Select(x => x.AsAddress())],
                    await MimeMessage.LoadAsync(bytes, cancellationToken), context.Authentication.User, context.Pipe.IsSecure));
            }

            if (fault is null) return Answer(250, "2.0.0 Ok: queued");
            if (fault is { Code: 0, Takes: false }) await Task.Delay(Timeout.Infinite, cancellationToken);
            if (fault.Cut)
            {
                await context.Pipe.Output.WriteAsync(Encoding.ASCII.GetBytes($"{fault.Code} 2.0"), cancellationToken);
                await context.Pipe.Output.FlushAsync(cancellationToken);
            }

            if (fault.Cut || fault.Code == 0) context.Pipe.Dispose();
            return Answer(fault.Code, fault.Text);
        }
    }
}
