using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Protocol;
using Notify.Testing;

namespace Notify.Alarms.Tests.Mqtt;

/// <summary>Debian's MQTT broker for one test, on ports of its own, which keeps sessions in memory.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    public const string User = "scada";
    public const string Password = "the-password-of-the-broker";
    private const string Program = "/usr/sbin/mosquitto";

    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("notify-mosquitto-");
    private Process? server;
    private readonly bool isProtected;

    private Mosquitto(bool isProtected) => this.isProtected = isProtected;

    public int Port { get; } = NotifyProcess.FreePort();

    public string Address => isProtected ? $"mqtts://localhost:{Port}" : $"mqtt://127.0.0.1:{Port}";

    /// <summary>PEM.</summary>
    public string CaFile => Path.Combine(home.FullName, "certificate.pem");

    /// <param name="isProtected">By TLS, and a user with a password.</param>
    /// <param name="writable">The topics to which clients may publish; empty: all.</param>
    public static async Task<Mosquitto> StartAsync(bool isProtected = false, params string[] writable)
    {
        if (!File.Exists(Program)) throw new InvalidOperationException(
            "This test needs mosquitto. build/test.sh installs it (Debian: apt-get install mosquitto).");
        var broker = new Mosquitto(isProtected);
        var listener = string.Create(CultureInfo.InvariantCulture, $"listener {broker.Port} 127.0.0.1\npersistence false\nmax_queued_messages 0\n");
        var access = isProtected
            ? $"allow_anonymous false\npassword_file {broker.Of("passwords")}\ncertfile {broker.CaFile}\nkeyfile {broker.Of("key.pem")}\n"
            : "allow_anonymous true\n";
        if (writable.Length > 0)
        {
            access += $"acl_file {broker.Of("acl")}\n";
            await File.WriteAllLinesAsync(broker.Of("acl"), ["topic read #", .. writable.Select(x => $"topic write {x}")]);
        }

        await File.WriteAllTextAsync(broker.Of("mosquitto.conf"), listener + access);
        if (isProtected)
        {
            broker.MakeCertificate();
            await File.WriteAllTextAsync(broker.Of("passwords"), "");
            using var passwords = Process.Start("mosquitto_passwd", ["-b", broker.Of("passwords"), User, Password]);
            await passwords.WaitForExitAsync();
        }

        // It runs as its own user, who is another than that of the test.
        broker.home.UnixFileMode = (UnixFileMode)0b111_111_111;
        foreach (var file in broker.home.GetFiles()) file.UnixFileMode = (UnixFileMode)0b110_100_100;
        await broker.BeginAsync();
        return broker;
    }

    public async Task BeginAsync()
    {
        server = Process.Start(
            new ProcessStartInfo(Program, ["-c", Of("mosquitto.conf")])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
        server.OutputDataReceived += (_, _) => { };
        server.ErrorDataReceived += (_, _) => { };
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        await Eventually.GetAsync(ListensAsync, x => x);
    }

    public async Task EndAsync()
    {
        if (server is null) return;
        server.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    /// <summary>A client of its own, as a SCADA system has one.</summary>
    /// <param name="received">Gets what comes by the subscription.</param>
    public async Task<IMqttClient> ConnectAsync(string? subscription = null, Action<string, string>? received = null)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += args =>
        {
            received?.Invoke(args.ApplicationMessage.Topic, args.ApplicationMessage.ConvertPayloadToString() ?? "");
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", Port).Build());
        if (subscription is not null) await client.SubscribeAsync(subscription, MqttQualityOfServiceLevel.AtLeastOnce);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        home.Delete(recursive: true);
    }

    private string Of(string file) => Path.Combine(home.FullName, file);

    private void MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddYears(1));
        File.WriteAllText(CaFile, certificate.ExportCertificatePem());
        File.WriteAllText(Of("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<bool> ListensAsync()
    {
        if (server!.HasExited) throw new InvalidOperationException($"mosquitto ended with {server.ExitCode}.");
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
}
