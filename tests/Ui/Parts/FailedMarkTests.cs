using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class FailedMarkTests : ComponentTest
{
    private long count;

    public FailedMarkTests() => Answer = _ => new JsonObject { ["count"] = count, ["title"] = "Unavailable." };

    private string? Announced => Services.GetRequiredService<Notices>().Announced?.Text;

    [Fact]
    public void who_may_not_see_notifications_is_not_refused_them_either()
    {
        Render<FailedMark>(x => x.AddCascadingValue(Person("configuration.read"))).FindAll(".mark").Should().BeEmpty();
        Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task when_there_are_more_they_are_announced_and_not_knowing_is_shown_as_such()
    {
        count = 2;
        var mark = Show();
        Announced.Should().BeNull("whoever opens the page reads it");
        (count, var first) = (3, mark.Instance);
        await mark.InvokeAsync(first.ReloadAsync);
        Announced.Should().Be("3 failed");

        count = 1;
        await mark.InvokeAsync(first.ReloadAsync);
        Announced.Should().Be("3 failed", "fewer are no news");
        Status = StatusCodes.Status503ServiceUnavailable;
        await mark.InvokeAsync(first.ReloadAsync);
        mark.Render();
        mark.Find(".mark > [aria-hidden]").TextContent.Should().Be("?");
        Announced.Should().Be("the number of failed notifications could not be read");

        Status = StatusCodes.Status200OK;
        await mark.InvokeAsync(first.ReloadAsync);
        mark.Render();
        mark.Find(".mark > [aria-hidden]").TextContent.Should().Be("1");
    }

    private IRenderedComponent<FailedMark> Show() => Render<FailedMark>(x => x.AddCascadingValue(Person("notifications.read")).Add(y => y.Announces, true));

    private static Me Person(string permission) => new("u1", "Li Si", "li.si", [], [permission], [], null, false, 0, null);
}
