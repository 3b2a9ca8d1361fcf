using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Notify.Host.Shell;

namespace Notify.Host.Tests;

/// <summary>What the browser reports about a page is handled when nothing else is done for that page.</summary>
public sealed class InOrderTests
{
    [Fact]
    public async Task what_comes_while_the_page_is_busy_waits_its_turn()
    {
        var page = Dispatcher.CreateDefault();
        var handler = new InOrder();
        handler.Begin(page.InvokeAsync);
        var done = new List<string>();
        var begun = new TaskCompletionSource();
        using var go = new ManualResetEventSlim();
        var rendering = Task.Run(() => page.InvokeAsync(() =>
        {
            done.Add("a rendering begins");
            begun.SetResult();
            go.Wait();
            done.Add("it ends");
        }));
        await begun.Task;

        var reported = Report("it has arrived");
        var clicked = Report("a click");
        go.Set();
        await Task.WhenAll(rendering, reported, clicked);
        done.Should().Equal("a rendering begins", "it ends", "it has arrived", "a click");

        Task Report(string what) => handler.CreateInboundActivityHandler(_ =>
        {
            done.Add(what);
            return Task.CompletedTask;
        })(null!);
    }

    [Fact]
    public async Task before_the_page_has_begun_nothing_waits()
    {
        var came = false;
        await new InOrder().CreateInboundActivityHandler((CircuitInboundActivityContext _) =>
        {
            came = true;
            return Task.CompletedTask;
        })(null!);
        came.Should().BeTrue();
    }
}
