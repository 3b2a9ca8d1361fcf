using System.Text;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Channels;
using Notify.Kernel.Events;
using Notify.Ui.Api;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests;

/// <summary>A component without a browser, on a clock that stands still, before somebody who may change the configuration. What it asks of the
/// API, the test answers.</summary>
public abstract class ComponentTest : BunitContext, IAsyncLifetime
{
    protected static readonly DateTimeOffset Now = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    protected ComponentTest()
    {
        // What a machine under load takes is not what is tested.
        DefaultWaitTimeout = TimeSpan.FromSeconds(30);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddLogging();
        Services.AddOptions();
        Services.AddSingleton<IHttpContextFactory, DefaultHttpContextFactory>();
        Services.AddSingleton(Npgsql.NpgsqlDataSource.Create("Host=nowhere"));
        Services.AddSingleton<EventCatalog>();
        Services.AddSingleton<EventReader>();
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        Services.AddChannels(new ConfigurationBuilder().Build());
        Services.AddSingleton(new Kernel.Http.ProblemTexts([new(Kernel.Http.KernelProblemTexts.Lines)]));
        Services.AddUi();
        Services.GetRequiredService<PageRequests>().GoThrough(AnswerAsync);
        var engineer = new Me("u1", "Zhang San", "zhang.san", ["engineer"], ["configuration.change"], [], null, false, 0, null);
        RenderTree.Add<CascadingValue<Me>>(x => x.Add(y => y.Value, engineer));
    }

    protected FakeTimeProvider Time { get; } = new(Now);

    /// <summary>What was asked, method and path below <c>/api/v1/</c> with its query, in order.</summary>
    protected List<string> Asked { get; } = [];

    /// <summary>What the API answers; null: that there is no such thing.</summary>
    protected Func<string, JsonNode?> Answer { get; set; } = _ => null;

    /// <summary>With what status it answers.</summary>
    protected int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Where its answer leads.</summary>
    protected string? Location { get; set; }

    /// <summary>What is waited for before the API answers.</summary>
    protected Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    protected Reader Reader => Services.GetRequiredService<Reader>();

    /// <summary>The reader has chosen Chinese; called before anything is rendered.</summary>
    protected void ReadChinese()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Cookie = $"{Api.Reader.LanguageCookie}=zh";
        Services.GetRequiredService<IHttpContextAccessor>().HttpContext = http;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    private async Task AnswerAsync(HttpContext http)
    {
        var asked = $"{http.Request.Method} {http.Request.Path.Value![ConsoleApi.Root.Length..]}{http.Request.QueryString}";
        Asked.Add(asked);
        await Before(asked);
        var answer = Answer(asked);
        http.Response.StatusCode = answer is null ? StatusCodes.Status404NotFound : Status;
        if (Location is not null) http.Response.Headers.Location = Location;
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes((answer ?? new JsonObject { ["title"] = "Not found." }).ToJsonString()));
    }
}
