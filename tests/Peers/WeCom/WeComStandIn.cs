using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Notify.Peers.WeCom;

/// <summary>
/// A WeCom platform of one's own: group robots, apps, their rules and their ways of failing, and a page that shows what people would see.
/// Listens on 127.0.0.1 unless told otherwise. Settings, robots, apps and faults may change while it runs.
/// </summary>
public sealed class WeComStandIn : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly Robots robots;
    private readonly Apps apps;
    private readonly Faults faults = new();

    private WeComStandIn(WeComOptions options)
    {
        Options = options;
        Log = new ReceivedLog(options);
        robots = new Robots(options);
        apps = new Apps(options);
        options.Robots.ForEach(robots.Add);
        options.Apps.ForEach(apps.Add);

        // The empty builder: no logging, no configuration files, nothing on the way of a request.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(Limits);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>();
        web = builder.Build();
        web.Run(Endpoints());
    }

    public static async Task<WeComStandIn> StartAsync(Action<WeComOptions>? configure = null)
    {
        var options = new WeComOptions();
        configure?.Invoke(options);
        var standIn = new WeComStandIn(options);
        await standIn.web.StartAsync();
        return standIn;
    }

    public WeComOptions Options { get; }

    /// <summary>Without a slash at the end.</summary>
    public string BaseUrl => web.Urls.First().TrimEnd('/');

    /// <summary>The webhook URL of a robot, as its owner would copy it.</summary>
    public string RobotUrl(string key) => $"{BaseUrl}{RobotWebhook.Path}?key={Uri.EscapeDataString(key)}";

    public ReceivedLog Log { get; }

    /// <summary>All kept sends, oldest first, shown or not.</summary>
    public IReadOnlyList<Received> Received => Log.All;

    public ReceivedCounters Counters => Log.Counters;

    /// <inheritdoc cref="ReceivedLog.WaitForAsync"/>
    public Task<IReadOnlyList<Received>> WaitForAsync(Func<Received, bool> predicate, TimeSpan? timeout = null, int count = 1) =>
        Log.WaitForAsync(predicate, timeout, count);

    /// <inheritdoc cref="ReceivedLog.WaitForCountersAsync"/>
    public Task<ReceivedCounters> WaitForCountersAsync(Func<ReceivedCounters, bool> predicate, TimeSpan? timeout = null) =>
        Log.WaitForCountersAsync(predicate, timeout);

    public void AddRobot(string key, string group) => robots.Add(new RobotRegistration(key, group));

    public void AddApp(AppRegistration app) => apps.Add(app);

    /// <summary>Every access token that was given out, and not revoked since.</summary>
    public IReadOnlyList<string> TokensGiven => apps.Tokens;

    public void AddFault(Fault fault) => faults.Add(fault);

    /// <summary>Drops all faults, puts removed robots back and trusts callers again. Tokens stay as they are.</summary>
    public void ClearFaults()
    {
        faults.Clear();
        foreach (var robot in robots.All)
            robot.Removed = false;
        SetTrustedIp(true);
    }

    /// <summary>The robot leaves its group: 93000.</summary>
    public void RemoveRobot(string key) => robots.SetRemoved(key, true);

    public void RestoreRobot(string key) => robots.SetRemoved(key, false);

    /// <summary>Tokens handed out so far are past their time: 42001.</summary>
    public void ExpireTokens(string? corpId = null, int? agentId = null) => apps.ExpireTokens(Matching(corpId, agentId));

    /// <summary>Tokens handed out so far are withdrawn early: 40014.</summary>
    public void InvalidateTokens(string? corpId = null, int? agentId = null) => apps.InvalidateTokens(Matching(corpId, agentId));

    /// <summary>Whether the caller's address is on the app's list of trusted IPs; if not, sends meet 60020.</summary>
    public void SetTrustedIp(bool trusted, string? corpId = null, int? agentId = null)
    {
        foreach (var app in apps.All.Where(Matching(corpId, agentId)))
            app.TrustsCaller = trusted;
    }

    /// <summary>Runs until the process is told to stop (SIGINT, SIGTERM).</summary>
    public async Task RunAsync()
    {
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await web.WaitForShutdownAsync();

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            web.Lifetime.StopApplication();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await web.StopAsync();
        await web.DisposeAsync();
    }

    internal IReadOnlyList<Robot> RobotList => [.. robots.All];

    internal IReadOnlyList<App> AppList => apps.All;

    private static void Limits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // A slow or stuck request is the caller's test, not a reason to close the connection.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
    }

    private static Func<App, bool> Matching(string? corpId, int? agentId) =>
        app => (corpId is null || app.CorpId == corpId) && (agentId is null || app.AgentId == agentId);

    private RequestDelegate Endpoints()
    {
        var wire = new Wire(Options, web.Lifetime.ApplicationStopping);
        var exchange = new Exchange(Options, Log, wire);
        var robotWebhook = new RobotWebhook(Options, robots, faults, exchange);
        var robotUpload = new RobotUpload(Options, robots, faults, wire);
        var appToken = new AppToken(apps, faults, Log, wire);
        var appSend = new AppSend(Options, apps, faults, exchange);
        var control = new Control(this);

        return async http =>
        {
            try
            {
                if (Options.Others is { } others && await others.TryAnswerAsync(http)) return;
                await (http.Request.Path.Value switch
                {
                    RobotWebhook.Path => robotWebhook.SendAsync(http),
                    RobotUpload.Path => robotUpload.UploadAsync(http),
                    AppToken.Path => appToken.GetAsync(http),
                    AppSend.Path => appSend.SendAsync(http),
                    { } path when path.StartsWith(Control.Prefix, StringComparison.Ordinal) => control.HandleAsync(http),
                    { } path when ChatPage.Has(path) => ChatPage.ServeAsync(http, path),
                    _ => Task.FromResult(http.Response.StatusCode = StatusCodes.Status404NotFound),
                });
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
            {
                // The caller went away, which is one of the things under test.
            }
            catch (OperationCanceledException)
            {
                http.Abort();
            }
        };
    }

    /// <summary>Leaves the process's signals alone, which belong to the program that started the stand-in.</summary>
    private sealed class GuestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
