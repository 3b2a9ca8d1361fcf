using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Notify.Delivery.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>A change of more notifications than somebody waits for, and how it is found again.</summary>
public sealed class FailedPageTests : ComponentTest
{
    private string status = "running";
    private int done = 40;

    public FailedPageTests() => Answer = asked =>
        asked is "POST notifications/bulk" or "GET notifications/bulk/bulk-1" ? Bulk()
        : asked.StartsWith("GET notifications/failed/count", StringComparison.Ordinal) ? new JsonObject { ["count"] = 5000 }
        : asked.StartsWith("GET notifications/failed?", StringComparison.Ordinal)
            ? new JsonObject { ["items"] = new JsonArray(Failed()), ["nextCursor"] = "9" }
        : null;

    private BunitNavigationManager Navigation => Services.GetRequiredService<BunitNavigationManager>();

    [Fact]
    public void it_stands_in_the_address_from_its_beginning_and_its_progress_on_the_page()
    {
        var page = Show("failed?search=pump");
        page.Find("input[type=checkbox]").Change(true);
        page.Find("label input[type=checkbox]").Change(true);
        page.Find(".live-bar button.primary").Click();
        page.Find("dialog button.primary").Click();
        Asked.Should().Contain("POST notifications/bulk");
        Navigation.Uri.Should().EndWith("failed?search=pump&bulk=bulk-1");
        page.FindAll("dialog").Should().BeEmpty();
    }

    [Fact]
    public void whoever_opens_its_address_sees_how_far_it_is_and_its_result()
    {
        var page = Show("failed?bulk=bulk-1");
        page.Find(".panel [role=status]").TextContent.Should().Be("40 of 5000 …");
        page.FindAll(".panel button").Should().BeEmpty("it is not done");
        (status, done) = ("completed", 5000);
        Time.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => page.Find(".panel [role=status]").TextContent.Should().Be("Done: 5000."));
        page.Find(".panel button").Click();
        Navigation.Uri.Should().EndWith("/failed");
    }

    [Fact]
    public void a_row_leads_to_the_notification_and_to_the_rule_and_says_only_what_is_unlike_the_others()
    {
        var row = Show("failed").FindAll("tbody tr").Single(x => x.QuerySelector("td.kind") is not null);
        row.QuerySelector("a[href='notifications/n1']")!.TextContent.Should().Be("Steam pressure high");
        row.QuerySelector("a[href='rules/r1']")!.TextContent.Should().Be("Boiler house");
        row.TextContent.Should().Contain("Line 1 · WeCom groups");
        row.QuerySelectorAll(".state").Should().BeEmpty("all have failed");
    }

    private IRenderedComponent<FailedPage> Show(string address)
    {
        Navigation.NavigateTo(address);
        return Render<FailedPage>(x => x.AddCascadingValue(
            new Me("u1", "Li Si", "li.si", [], ["notifications.read", "notifications.resend"], [], null, false, 0, null)));
    }

    private JsonObject Bulk() => new()
    {
        ["id"] = "bulk-1",
        ["verb"] = "resend",
        ["status"] = status,
        ["total"] = 5000,
        ["done"] = done,
        ["outcomes"] = new JsonObject { ["resent"] = done },
        ["requestedAt"] = "2026-10-01T12:00:00Z",
    };

    private static JsonObject Failed() => new()
    {
        ["id"] = "n1",
        ["alarmName"] = "Steam pressure high",
        ["ruleId"] = "r1",
        ["ruleName"] = "Boiler house",
        ["serviceName"] = "WeCom groups",
        ["type"] = "wecom",
        ["status"] = "Failed",
        ["body"] = "Steam pressure high",
        ["attempts"] = new JsonArray(),
        ["receivers"] = new JsonArray(new JsonObject { ["kind"] = "robot", ["alias"] = "Line 1" }),
        ["requestedAt"] = "2026-10-01T12:00:00Z",
    };
}
