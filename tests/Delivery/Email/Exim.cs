using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using Notify.Peers.Email;
using Notify.Testing;

namespace Notify.Delivery.Tests.Email;

/// <summary>A mail server of Debian's exim4 for one test: own port, user, certificate and directories. It keeps all mails for plant.example, where
/// <c>gone</c> does not exist, and sends nothing on.</summary>
internal sealed class Exim : IAsyncDisposable
{
    public const string User = "notify";
    public const string Password = "the-password-of-the-mail-server";

    private const string Program = "/usr/sbin/exim4";

    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("notify-exim-");
    private Process? server;

    public int Port { get; } = NotifyProcess.FreePort();

    /// <summary>PEM.</summary>
    public string CaCertificate { get; private set; } = "";

    /// <summary>What has been delivered, each to one recipient: <c>Envelope-To</c>.</summary>
    public IReadOnlyList<MimeMessage> Delivered =>
        new DirectoryInfo(Path.Combine(home.FullName, "mail", "new")) is { Exists: true } box
            ? [.. box.GetFiles().Select(x => MimeMessage.Load(x.FullName))] : [];

    public async Task StartAsync()
    {
        if (!File.Exists(Program)) throw new InvalidOperationException(
            "This test needs exim4. build/test.sh installs it (Debian: apt-get install exim4-daemon-light).");
        using (var certificate = EmailStandIn.NewCertificate())
        {
            CaCertificate = certificate.ExportCertificatePem();
            await File.WriteAllTextAsync(Path.Combine(home.FullName, "certificate.pem"), CaCertificate);
            using var key = certificate.GetECDsaPrivateKey()!;
            await File.WriteAllTextAsync(Path.Combine(home.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        }

        var configuration = Template.Replace("(home)", home.FullName, StringComparison.Ordinal).Replace("(user)", User, StringComparison.Ordinal)
            .Replace("(password)", Password, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(home.FullName, "exim.conf"), configuration);
        // It runs as its own user, who is another than that of the test.
        home.UnixFileMode = (UnixFileMode)0b111_111_111;
        foreach (var file in home.GetFiles()) file.UnixFileMode = (UnixFileMode)0b110_100_100;
        server = Start(
            "setpriv", "--reuid=Debian-exim", "--regid=Debian-exim", "--clear-groups", Program, "-C", Path.Combine(home.FullName, "exim.conf"), "-bdf",
            "-oX", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1.{Port}"));
        await Eventually.GetAsync(ListensAsync, x => x);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            using (var kill = Start("kill", server.Id.ToString(CultureInfo.InvariantCulture))) await kill.WaitForExitAsync();
            await server.WaitForExitAsync();
            server.Dispose();
        }

        using var remove = Start("rm", "-rf", home.FullName);
        await remove.WaitForExitAsync();
    }

    private async Task<bool> ListensAsync()
    {
        if (server!.HasExited) throw new InvalidOperationException($"exim4 ended with {server.ExitCode}.");
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>As root, or through sudo.</summary>
    private static Process Start(string program, params string[] arguments) => Process.Start(
        Environment.IsPrivilegedProcess ? new ProcessStartInfo(program, arguments) : new ProcessStartInfo("sudo", ["-n", program, .. arguments]))!;

    private const string Template = """
        keep_environment =
        primary_hostname = mail.plant.example
        spool_directory = (home)/spool
        log_file_path = (home)/%slog
        tls_certificate = (home)/certificate.pem
        tls_privatekey = (home)/key.pem
        tls_advertise_hosts = *
        auth_advertise_hosts = ${if def:tls_in_cipher {*}{}}
        deliver_drop_privilege
        never_users =
        host_lookup =
        acl_smtp_rcpt = recipient
        message_size_limit = 100K
        begin acl
        recipient:
          deny !authenticated = *
               message = 5.7.0 Sign in first
          deny local_parts = gone
               message = 5.1.1 <$local_part@$domain>: user unknown
          accept domains = plant.example
          deny message = 5.7.1 relay access denied
        begin routers
        local:
          driver = accept
          domains = plant.example
          transport = keep
        begin transports
        keep:
          driver = appendfile
          directory = (home)/mail
          maildir_format
          directory_mode = 0755
          mode = 0644
          envelope_to_add
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_condition = ${if and{{eq{$auth2}{(user)}}{eq{$auth3}{(password)}}}}
          server_set_id = $auth2
        login:
          driver = plaintext
          public_name = LOGIN
          server_prompts = Username:: : Password::
          server_condition = ${if and{{eq{$auth1}{(user)}}{eq{$auth2}{(password)}}}}
          server_set_id = $auth1
        cram:
          driver = cram_md5
          public_name = CRAM-MD5
          server_secret = ${if eq{$auth1}{(user)}{(password)}fail}
          server_set_id = $auth1

        """;
}
