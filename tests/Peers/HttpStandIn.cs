using System.Collections.Concurrent;
using System.Text;

namespace Notify.Peers;

/// <summary>What goes wrong with a message that would have been shown.</summary>
/// <param name="Status">What is answered; 0: nothing, and the connection is lost if <paramref name="Acts"/>, or left waiting.</param>
/// <param name="Acts">The message is shown all the same.</param>
/// <param name="Cut">The connection is closed before the answer is whole.</param>
/// <param name="Body">The answer; null: the platform's usual one.</param>
public sealed record HttpFault(int Status, bool Acts = false, bool Cut = false, string? Body = null);

/// <summary>What a stand-in answers.</summary>
/// <param name="Show">Shows the message to its readers; null: there is nothing to show, and no fault meets the request.</param>
public sealed record StandInAnswer(int Status, string Body, Action? Show = null);

/// <summary>A platform that answers JSON over HTTP on 127.0.0.1, and faults that meet the next messages.</summary>
public abstract class HttpStandIn : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentQueue<HttpFault> faults = new();
    private volatile HttpFault? always;

    protected HttpStandIn()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        web = builder.Build();
        web.Run(AnswerAsync);
    }

    public string Origin => web.Urls.First().TrimEnd('/');

    public Task StartAsync() => web.StartAsync();

    /// <summary>Meets the next so many messages; null: all until <see cref="Heal"/>.</summary>
    public void Fail(HttpFault fault, int? count = 1)
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

    protected abstract StandInAnswer Answer(HttpRequest request, string body);

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var answer = Answer(http.Request, await reader.ReadToEndAsync(http.RequestAborted));
        var fault = answer.Show is null ? null : faults.TryDequeue(out var one) ? one : always;
        if (fault is null or { Acts: true }) answer.Show?.Invoke();
        if (fault?.Status == 0)
        {
            if (fault.Acts) http.Abort();
            else await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        http.Response.StatusCode = fault?.Status ?? answer.Status;
        http.Response.ContentType = "application/json";
        var body = Encoding.UTF8.GetBytes(fault?.Body ?? answer.Body);
        // The server closes the connection when less has been written than was announced, after what was written has left.
        http.Response.ContentLength = fault?.Cut == true ? body.Length + 1000 : body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
