using System.Collections.Concurrent;

namespace Notify.Peers;

/// <summary>Something that answers HTTP on 127.0.0.1, and faults that meet the next requests.</summary>
public abstract class LoopbackServer<TFault> : IAsyncDisposable
    where TFault : class
{
    private readonly WebApplication web;
    private readonly ConcurrentQueue<TFault> faults = new();
    private volatile TFault? always;

    protected LoopbackServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        web = builder.Build();
        web.Run(AnswerAsync);
    }

    /// <summary>Empty while it is not started.</summary>
    public string Origin => web.Urls.FirstOrDefault()?.TrimEnd('/') ?? "";

    public Task StartAsync() => web.StartAsync();

    /// <summary>Meets the next so many requests; null: all until <see cref="Heal"/>.</summary>
    public void Fail(TFault fault, int? count = 1)
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
        await web.StopAsync();
        await web.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>For a server that hands requests on; this one need not be started.</summary>
    public Task HandleAsync(HttpContext http) => AnswerAsync(http);

    protected abstract Task AnswerAsync(HttpContext http);

    /// <summary>What goes wrong with this request; null: nothing.</summary>
    protected TFault? NextFault() => faults.TryDequeue(out var one) ? one : always;

    /// <summary>No answer: the connection is lost, or left waiting.</summary>
    protected static async Task SayNothingAsync(HttpContext http, bool isLost)
    {
        if (isLost) http.Abort();
        else await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
