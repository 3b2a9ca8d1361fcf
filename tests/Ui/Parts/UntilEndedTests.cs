using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Ui.Api;
using Notify.Ui.Live;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

/// <summary>What a page does when its session has ended while it was open.</summary>
public sealed class UntilEndedTests : ComponentTest
{
    private readonly Me reader = new("u1", "Li Si", "li.si", [], ["notifications.read"], [], null, false, 0, null);

    private ConsoleApi Api => Services.GetRequiredService<ConsoleApi>();

    [Fact]
    public async Task what_it_shows_goes_nothing_is_asked_any_more_and_it_leads_back_after_signing_in()
    {
        Answer = _ => new JsonObject { ["count"] = 2, ["title"] = "Not authenticated." };
        Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo("rules/r1?x=1");
        var page = Render<UntilEnded>(x => x.AddCascadingValue(reader).AddChildContent<FailedMark>());
        page.Find(".mark").TextContent.Should().Contain("2");
        var live = Services.GetRequiredService<LiveChanges>();
        live.Subscriptions.Should().Be(1);

        Status = StatusCodes.Status401Unauthorized;
        await page.InvokeAsync(() => page.FindComponent<FailedMark>().Instance.ReloadAsync());
        page.Find("h1").TextContent.Should().Be("Your session has ended");
        page.FindAll(".mark").Should().BeEmpty();
        live.Subscriptions.Should().Be(0);
        page.Find("a").GetAttribute("href").Should().Be("sign-in?to=rules%2Fr1%3Fx%3D1");

        var asked = Asked.Count;
        var answer = await Api.GetAsync("rules");
        (answer.Status, answer.Problem!.Title).Should().Be((401, "Not authenticated."));
        Asked.Should().HaveCount(asked, "each refusal would be recorded, and be a reason to ask again");
    }

    [Fact]
    public async Task a_wrong_code_does_not_end_it()
    {
        Answer = _ => new JsonObject { ["title"] = "Not authenticated.", ["errors"] = new JsonObject { ["code"] = new JsonArray("The code is wrong.") } };
        Status = StatusCodes.Status401Unauthorized;
        var page = Render<UntilEnded>(x => x.AddChildContent("<h1>Rules</h1>"));
        await Api.SendAsync("POST", "proposals/p1/approve");
        page.Find("h1").TextContent.Should().Be("Rules");
        Reader.HasEnded.Should().BeFalse();
    }
}
