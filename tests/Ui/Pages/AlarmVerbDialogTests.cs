using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms;
using Notify.Alarms.Pages;
using Notify.Kernel;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class AlarmVerbDialogTests : ComponentTest
{
    private readonly TaskCompletionSource first = new();
    private int read;
    private int closed;

    public AlarmVerbDialogTests()
    {
        Answer = _ => new JsonObject();
        Before = _ => Asked.Count == 1 ? first.Task : Task.CompletedTask;
    }

    [Fact]
    public void when_it_is_stopped_the_rest_is_left_and_it_says_how_many_were_changed()
    {
        var dialog = Acknowledge();
        dialog.Find(".dialog-box").TextContent.Should().Contain("stops the rest");
        dialog.Find(".dialog-actions button").TextContent.Should().Be("Stop");
        dialog.Find(".dialog-actions button").Click();
        first.SetResult();
        dialog.WaitForAssertion(() => Services.GetRequiredService<Notices>().Current!.Text.Should().Be("Stopped: 1 of 3 were changed."));
        (Asked.Count, read, closed).Should().Be((1, 1, 1));
    }

    [Fact]
    public async Task when_its_page_is_left_the_rest_is_left_too()
    {
        var dialog = Acknowledge();
        await DisposeComponentsAsync();
        first.SetResult();
        await dialog.InvokeAsync(() => { });
        Asked.Should().HaveCount(1);
        read.Should().Be(0);
    }

    private IRenderedComponent<AlarmVerbDialog> Acknowledge()
    {
        var dialog = Render<AlarmVerbDialog>(x => x
            .Add(y => y.Verb, AlarmVerb.Acknowledge).Add(y => y.Alarms, [.. Enumerable.Range(1, 3).Select(Alarm)])
            .Add(y => y.OnDone, () => read++).Add(y => y.OnClose, () => closed++));
        dialog.Find("textarea").Input("On my way");
        dialog.Find(".dialog-actions button.primary").Click();
        return dialog;
    }

    private static AlarmView Alarm(int number) => JsonSerializer.Deserialize<AlarmView>(
        $$"""{ "id": "a{{number}}", "name": "Pump {{number}}", "path": "Site1", "level": "High", "state": "ActiveUnacked", "ackMode": "manual" }""",
        NotifyJson.Options)!;
}
