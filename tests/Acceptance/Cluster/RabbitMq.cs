using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Cluster;

/// <summary>A broker of Debian's rabbitmq-server for one test: own node name, ports and directories.</summary>
internal sealed class RabbitMq : IAsyncDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("notify-rabbitmq-");
    private readonly int port = NotifyProcess.FreePort();
    private readonly Dictionary<string, string> environment;
    private Process? server;

    /// <summary>Not started yet.</summary>
    public RabbitMq()
    {
        if (!File.Exists(Server)) throw new InvalidOperationException(
            "This test needs rabbitmq-server. build/test.sh installs it (Debian: apt-get install rabbitmq-server).");
        environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = home.FullName,
            ["RABBITMQ_NODENAME"] = string.Create(CultureInfo.InvariantCulture, $"notify{port}@localhost"),
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = NotifyProcess.FreePort().ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = home.FullName,
            ["RABBITMQ_LOG_BASE"] = home.FullName,
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(home.FullName, "none"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(home.FullName, "plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(home.FullName, "none"),
            ["ERL_EPMD_PORT"] = NotifyProcess.FreePort().ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        };
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{port}/");

    /// <summary>The first time or again, with what it has on disk.</summary>
    public async Task StartAsync()
    {
        // The shell script that Debian puts before it insists on a system user; the server itself does not.
        var start = new ProcessStartInfo("setsid", [Server])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = home.FullName
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        server = Process.Start(start)!;
        server.OutputDataReceived += (_, _) => { };
        server.ErrorDataReceived += (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        await Eventually.GetAsync(AnswersAsync, x => x, TimeSpan.FromSeconds(180));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (server is null) return;
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    /// <summary>SIGSTOP: like a host that was cut off, it says nothing, not even that it is gone.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();

        // Its port mapper left the process tree; it is known by its environment.
        foreach (var process in Process.GetProcessesByName("epmd"))
        {
            if (IsOurs(process)) process.Kill();
            process.Dispose();
        }

        home.Delete(recursive: true);
    }

    /// <summary>To all of its processes: setsid made them a group.</summary>
    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", "--", string.Create(CultureInfo.InvariantCulture, $"-{server!.Id}")]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0) throw new InvalidOperationException($"RabbitMQ did not take SIG{signal}.");
    }

    private bool IsOurs(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ").Contains($"HOME={home.FullName}", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<bool> AnswersAsync()
    {
        if (server!.HasExited) throw new InvalidOperationException($"RabbitMQ ended with {server.ExitCode}.");
        try
        {
            // The protocol's header; a broker that is up answers with its version.
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            await client.GetStream().WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 });
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            return await client.GetStream().ReadAsync(new byte[8], limit.Token) > 0;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
