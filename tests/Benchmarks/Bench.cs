using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Host.Postgres;
using Notify.Peers.WeCom;

namespace Notify.Benchmarks;

/// <summary>The released Notify as a process of its own, its PostgreSQL, and a WeCom without limits in this process.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const string Key = "ntf_benchmark_administrator";
    private readonly DirectoryInfo data;
    private readonly EmbeddedPostgres postgres;
    private readonly WeComStandIn weCom;
    private readonly int robotLimit;
    private readonly int? escalateAfter;
    private readonly string dll;
    private readonly Process notify;
    private readonly List<Process> others = [];
    private Action<Received>? onReceived;

    private Bench(DirectoryInfo data, EmbeddedPostgres postgres, WeComStandIn weCom, int robotLimit, int? escalateAfter, string dll)
    {
        (this.data, this.postgres, this.weCom, this.robotLimit, this.escalateAfter, this.dll, Port) = (
            data, postgres, weCom, robotLimit, escalateAfter, dll, FreePort());
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        notify = StartNode("notify", Port);
    }

    public int Port { get; }
    public HttpClient Client { get; }
    public string ConnectionString => postgres.ConnectionString;
    public string SuperuserConnectionString => postgres.SuperuserConnectionString;
    public long Shown => weCom.Counters.Shown;
    public IReadOnlyList<Received> Received => weCom.Received;
    public double ResidentMegabytes
    {
        get
        {
            notify.Refresh();
            return notify.WorkingSet64 / 1024.0 / 1024.0;
        }
    }

    /// <summary>The most that Notify has had since its start.</summary>
    public double PeakMegabytes
    {
        get
        {
            notify.Refresh();
            return notify.PeakWorkingSet64 / 1024.0 / 1024.0;
        }
    }

    /// <summary>Processor time so far: Notify's, PostgreSQL's (with all its processes), and this process's.</summary>
    public (TimeSpan Notify, TimeSpan Postgres, TimeSpan Own) Cpu => (
        Read(() => notify.TotalProcessorTime), PostgresCpu(), Read(() => Process.GetCurrentProcess().TotalProcessorTime));

    /// <summary>Notify's processor time so far, for each node.</summary>
    public IReadOnlyList<TimeSpan> NodesCpu => [.. others.Prepend(notify).Select(node => Read(() => node.TotalProcessorTime))];

    /// <param name="robotLimit">Messages a minute, at WeCom and in Notify; 0: none.</param>
    /// <param name="escalateAfter">Minutes after which the robot is told, unless somebody acknowledges; null: at once.</param>
    /// <param name="dll">Another build's <c>Notify.Host.dll</c>; null: the one just built.</param>
    public static async Task<Bench> StartAsync(int robotLimit = 0, int? escalateAfter = null, string? dll = null)
    {
        var data = Directory.CreateTempSubdirectory("notify-bench-");
        var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = data.FullName, Settings = StatementProfile.Settings }, NullLogger.Instance);
        Bench? bench = null;
        var weCom = await WeComStandIn.StartAsync(options =>
        {
            (options.AcceptAnyRobot, options.RobotLimit, options.KeepBodies) = (true, robotLimit, robotLimit > 0);
            options.OnReceived = x => bench?.onReceived?.Invoke(x);
        });
        bench = new Bench(data, postgres, weCom, robotLimit, escalateAfter, dll ?? Dll());
        try
        {
            await WaitReadyAsync(bench.Client, bench.notify);
            await bench.ConfigureAsync();
            return bench;
        }
        catch
        {
            // Its processes would outlive this one.
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more node on the same PostgreSQL.</summary>
    public async Task AddNodeAsync()
    {
        var port = FreePort();
        var node = StartNode($"notify{others.Count + 2}", port);
        others.Add(node);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await WaitReadyAsync(client, node);
    }

    /// <summary>Calls back for each message that arrives, until the result is disposed.</summary>
    public IDisposable Observe(Action<Received> callback)
    {
        onReceived = callback;
        return new Observation(this);
    }

    /// <summary>Until so many messages have arrived in all.</summary>
    public async Task WaitForShownAsync(long count) => await weCom.WaitForCountersAsync(x => x.Shown >= count, TimeSpan.FromMinutes(5));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var node in others.Prepend(notify))
        {
            node.Kill();
            await node.WaitForExitAsync();
        }

        await weCom.DisposeAsync();
        await postgres.DisposeAsync();
        data.Delete(recursive: true);
    }

    private Process StartNode(string name, int port) => Process.Start(new ProcessStartInfo("dotnet", [dll, "--urls", $"http://127.0.0.1:{port}"])
    {
        Environment =
        {
            ["ConnectionStrings__Notify"] = postgres.ConnectionString,
            ["Notify__DataDirectory"] = Path.Combine(data.FullName, name),
            ["Notify__KeyFile"] = Path.Combine(data.FullName, "master.key"),
            ["Notify__Auth__BootstrapKey"] = Key,
            ["Notify__WeCom__ApiBaseUrl"] = weCom.BaseUrl,
            ["Notify__WeCom__AllowedOrigins__0"] = weCom.BaseUrl,
            ["Notify__WeCom__BotLimitPerMinute"] = robotLimit.ToString(CultureInfo.InvariantCulture),
            ["Logging__LogLevel__Default"] = "Warning",
        },
    })!;

    private static async Task WaitReadyAsync(HttpClient client, Process node)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (response.IsSuccessStatusCode) return;
                if (i >= 600) throw new InvalidOperationException($"Notify is not ready: {await response.Content.ReadAsStringAsync()}");
            }
            catch (HttpRequestException) when (i < 600 && !node.HasExited)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }
    }

    /// <summary>One rule that tells one robot of everything: one alarm, one message.</summary>
    private async Task ConfigureAsync()
    {
        var service = await PostAsync("services",
            new
            {
                type = "wecom",
                name = "Bench",
                wecom = new { bots = new[] { new { alias = "Robot", webhookUrl = weCom.RobotUrl("bench-robot-key") } } }
            });
        var message = await PostAsync(
            "messages", new { type = "wecom", name = "Bench", content = "{level} {name}\n{path} {value}\n{eventTime} {description}" });
        var schedule = (await Client.GetFromJsonAsync<JsonObject>("/api/v1/schedules"))!["items"]![0]!["id"]!.GetValue<string>();
        var action = new JsonObject
        {
            ["type"] = "wecom",
            ["serviceId"] = service,
            ["messageId"] = message,
            ["scheduleId"] = schedule,
            ["receivers"] = new JsonArray(new JsonObject { ["kind"] = "bot", ["alias"] = "Robot" }),
        };
        // Builds with which this one is compared may not know it.
        if (escalateAfter is { } minutes) action["after"] = new JsonObject { ["minutes"] = minutes };
        await PostAsync("rules", new { name = "Bench", criteria = new { states = new[] { "ActiveUnacked" } }, actions = new[] { action } });
    }

    private async Task<string> PostAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync($"/api/v1/{path}", body);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!["id"]!.GetValue<string>() : throw new InvalidOperationException($"{path}: {text}");
    }

    private static T Read<T>(Func<T> read) => read();

    private static string Dll() =>
        Environment.GetEnvironmentVariable("NOTIFY_BENCH_HOST")
            ?? throw new InvalidOperationException("Run build/bench.sh, which builds the release and names it.");

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private TimeSpan PostgresCpu()
    {
        // Backends that ended are counted in their parent's children's time (fields 16 and 17 of stat), live ones by themselves.
        long ticks = 0;
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(x => int.TryParse(Path.GetFileName(x), out _)))
        {
            try
            {
                var stat = File.ReadAllText($"{directory}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var id = int.Parse(Path.GetFileName(directory));
                if (id == postgres.ProcessId) ticks += long.Parse(fields[11]) + long.Parse(fields[12]) + long.Parse(fields[13])
                    + long.Parse(fields[14]);
                else if (int.Parse(fields[1]) == postgres.ProcessId) ticks += long.Parse(fields[11]) + long.Parse(fields[12]);
            }
            catch (IOException)
            {
                // it ended while we looked
            }
        }

        return TimeSpan.FromSeconds(ticks / 100.0);
    }

    private sealed class Observation(Bench bench) : IDisposable
    {
        public void Dispose() => bench.onReceived = null;
    }
}
