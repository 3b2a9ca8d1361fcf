using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Notify.Host;

namespace Notify.Testing;

/// <summary>
/// The program as operators run it: a process of its own, on a data directory of its own, with its own PostgreSQL. It can be killed and started
/// again.
/// </summary>
public sealed class NotifyProcess : IAsyncDisposable
{
    /// <summary>The handlers' code is that of the build if <c>build/test.sh</c> has made it, else each process makes its own.</summary>
    internal static readonly string GeneratedCode = "--Notify:GeneratedCode="
        + (typeof(NotifyApplication).Assembly.GetType("Internal.Generated.WolverineHandlers.GeneratedHandlerRegistry") is null ? "Dynamic" : "Static");

    private static readonly ConcurrentDictionary<int, byte> givenPorts = new();

    private readonly string data;
    private readonly string[] arguments;
    private readonly Process cleaner;
    private readonly StringBuilder output = new();
    private string? hook;
    private Process? process;

    private NotifyProcess(string data, string url, string[] arguments)
    {
        (this.data, this.arguments, Url) = (data, arguments, url);
        cleaner = TestPostgres.StartCleaner(data);
        Client = NotifyApi.ClientOf(url, NotifyHost.AdminKey);
    }

    /// <summary>The same after every start.</summary>
    public string Url { get; }

    /// <summary>With the administrator's key.</summary>
    public HttpClient Client { get; }

    /// <summary>What it has written to its console, in all its lives.</summary>
    public string Output
    {
        get { lock (output) return output.ToString(); }
    }

    /// <param name="weCom">Where the platform is.</param>
    /// <param name="settings">As on the command line, without dashes: <c>Notify:WeCom:BotLimitPerMinute=0</c>.</param>
    public static Task<NotifyProcess> StartNewAsync(string weCom, params string[] settings) =>
        StartNewInAsync(Directory.CreateTempSubdirectory("notify-process-").FullName, weCom, settings);

    /// <summary>A node of a cluster: on the database that is given, with the keys of the others.</summary>
    public static Task<NotifyProcess> StartNodeAsync(PrivatePostgres database, string keyFile, string weCom, params string[] settings) =>
        StartNewAsync(weCom, [$"ConnectionStrings:Notify={database.ConnectionString}", $"Notify:KeyFile={keyFile}", .. settings]);

    /// <param name="data">The data directory, which is removed at the end.</param>
    /// <inheritdoc cref="StartNewAsync"/>
    public static async Task<NotifyProcess> StartNewInAsync(string data, string weCom, params string[] settings)
    {
        var notify = await BeginNewInAsync(data, weCom, settings);
        await notify.ReadyAsync();
        return notify;
    }

    /// <summary>With something of a test inside, which begins before Notify does.</summary>
    /// <param name="hook">An assembly with a <c>StartupHook</c>.</param>
    /// <inheritdoc cref="StartNewAsync"/>
    public static async Task<NotifyProcess> StartHookedAsync(System.Reflection.Assembly hook, string weCom, params string[] settings)
    {
        var notify = New(Directory.CreateTempSubdirectory("notify-process-").FullName, weCom, settings);
        notify.hook = hook.Location;
        await notify.StartAsync();
        return notify;
    }

    /// <summary>Does not wait until it is ready.</summary>
    /// <inheritdoc cref="StartNewInAsync"/>
    public static async Task<NotifyProcess> BeginNewInAsync(string data, string weCom, params string[] settings)
    {
        var notify = New(data, weCom, settings);
        await notify.BeginAsync();
        return notify;
    }

    private static NotifyProcess New(string data, string weCom, string[] settings)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        return new NotifyProcess(data, url,
        [
            Path.Combine(AppContext.BaseDirectory, "Notify.Host.dll"), $"--urls={url}", $"--Notify:DataDirectory={data}",
            $"--Notify:Auth:BootstrapKey={NotifyHost.AdminKey}", "--Notify:Access:RecordReads=false",
            // What fails in a page says why in the browser.
            "--DetailedErrors=true", GeneratedCode,
            $"--Notify:WeCom:ApiBaseUrl={weCom}", $"--Notify:WeCom:AllowedOrigins:0={weCom}", .. settings.Select(x => $"--{x}"),
        ]);
    }

    /// <summary>Starts it, the first time or again, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        await BeginAsync();
        await ReadyAsync();
    }

    public Task ReadyAsync() => Eventually.GetAsync(IsReadyAsync, ready => ready, TimeSpan.FromMinutes(3));

    /// <summary>Starts it, and does not wait.</summary>
    public async Task BeginAsync()
    {
        var start = new ProcessStartInfo(
            "dotnet", arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = data };
        // The machine's settings for other databases and for tests are not meant for it.
        foreach (var name in start.Environment.Keys.Where(
            x => x.StartsWith("ConnectionStrings__", StringComparison.Ordinal) || x.StartsWith("Notify__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        if (hook is not null) start.Environment["DOTNET_STARTUP_HOOKS"] = hook;
        process = Process.Start(start)!;
        await File.WriteAllTextAsync(Path.Combine(data, "notify.pid"), process.Id.ToString(CultureInfo.InvariantCulture));
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL: no chance to do anything more. Its database goes on without it.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await EndedAsync();
    }

    /// <summary>SIGKILL to the database's own process.</summary>
    public void KillDatabase()
    {
        using var database = Process.GetProcessById(DatabaseProcessId());
        database.Kill();
    }

    /// <summary>SIGTERM, as an operator's Ctrl-C or a service manager would.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", process!.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        return await EndedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (process is not null) await KillAsync();
        cleaner.StandardInput.Close();
        await cleaner.WaitForExitAsync();
        cleaner.Dispose();
    }

    private int DatabaseProcessId() =>
        int.Parse(File.ReadLines(Path.Combine(data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private async Task<bool> IsReadyAsync()
    {
        if (process!.HasExited)
        {
            // What it said last may still be on its way here.
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"Notify ended with {process.ExitCode} instead of starting:\n{Output}");
        }

        try
        {
            using var response = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<int> EndedAsync()
    {
        await process!.WaitForExitAsync();
        File.Delete(Path.Combine(data, "notify.pid"));
        var code = process.ExitCode;
        process.Dispose();
        process = null;
        return code;
    }

    private void Keep(string? line)
    {
        lock (output) output.AppendLine(line);
    }

    /// <summary>
    /// Free now, and given to nobody else in this process; below the range from which the system gives ports to connections, so that none of those
    /// takes it while Notify is down.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = TestRandom.Any(20000, 30000);
            if (!givenPorts.TryAdd(port, 0)) continue;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: another
            }
        }
    }
}
