using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Notify.Delivery.Pages;
using Notify.Operation.Pages;
using Notify.Ui.Live;
using Notify.Ui.Parts;
using Notify.Ui.Resources;

namespace Notify.Ui.Tests.Parts;

/// <summary>What follows changes ends with the part that began it, also if the part has gone before its first answer came.</summary>
public sealed class LiveComponentTests : ComponentTest
{
    private readonly TaskCompletionSource first = new();
    private readonly Me reader = new("u1", "Li Si", "li.si", [], ["alarms.read", "notifications.read"], [], null, false, 0, null);

    public LiveComponentTests()
    {
        Before = _ => first.Task;
        Answer = asked => asked.Contains("count", StringComparison.Ordinal) ? new JsonObject { ["count"] = 2 }
            : asked.Contains("bulk", StringComparison.Ordinal) ? new JsonObject { ["id"] = "b1", ["verb"] = "resend", ["status"] = "running", ["total"] = 2 }
            : new JsonObject { ["items"] = new JsonArray() };
    }

    private int Subscriptions => Services.GetRequiredService<LiveChanges>().Subscriptions;

    [Fact]
    public Task a_list_that_has_gone_follows_nothing() => LeaveEarlyAsync(() => Render<ResourceList>(x => x
        .Add(y => y.Plural, "rules").Add(y => y.Address, "rules").Add(y => y.Title, "Rules").Add(y => y.EmptyText, "None.")));

    [Fact]
    public Task a_mark_that_has_gone_follows_nothing() => LeaveEarlyAsync(() => Render<FailedMark>(x => x.AddCascadingValue(reader)));

    [Fact]
    public Task an_overview_that_has_gone_follows_nothing_and_asks_nothing_by_its_timer() =>
        LeaveEarlyAsync(() => Render<OverviewPage>(x => x.AddCascadingValue(reader)));

    [Fact]
    public Task a_progress_that_has_gone_asks_nothing_by_its_timer() => LeaveEarlyAsync(() => Render<BulkProgress>(x => x.Add(y => y.Id, "b1")));

    [Fact]
    public async Task what_is_shown_follows_until_it_goes()
    {
        first.SetResult();
        Render<FailedMark>(x => x.AddCascadingValue(reader));
        var progress = Render<BulkProgress>(x => x.Add(y => y.Id, "b1"));
        Subscriptions.Should().Be(1);
        Asked.Should().HaveCount(2);
        Time.Advance(TimeSpan.FromMilliseconds(300));
        progress.WaitForState(() => Asked.Count == 3);

        await DisposeComponentsAsync();
        Subscriptions.Should().Be(0);
        Time.Advance(TimeSpan.FromSeconds(3));
        Asked.Should().HaveCount(3);
    }

    private async Task LeaveEarlyAsync<T>(Func<IRenderedComponent<T>> show)
        where T : IComponent
    {
        var part = show();
        var before = Asked.Count;
        before.Should().BePositive("its first answer is outstanding");
        await DisposeComponentsAsync();
        first.SetResult();
        await part.InvokeAsync(() => { });
        Subscriptions.Should().Be(0);
        var asked = Asked.Count;
        Time.Advance(TimeSpan.FromSeconds(3));
        await part.InvokeAsync(() => { });
        Asked.Should().HaveCount(asked);
    }
}
