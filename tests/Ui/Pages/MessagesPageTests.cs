using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Notify.Rules.Pages;

namespace Notify.Ui.Tests.Pages;

public sealed class MessagesPageTests : ComponentTest
{
    [Fact]
    public void a_message_is_tested_before_it_is_saved()
    {
        Answer = asked => asked.StartsWith("GET services?", StringComparison.Ordinal) ? JsonNode.Parse("""
            { "total": 1, "items": [{ "id": "s1", "name": "Plant", "type": "wecom", "status": "enabled",
              "wecom": { "sendTo": ["bot"], "bots": [{ "alias": "Line 1" }] } }] }
            """)
            : asked == "POST messages/test" ? JsonNode.Parse("""{ "id": "test-1", "body": "High Pump", "results": [] }""")
            : new JsonObject { ["items"] = new JsonArray(), ["total"] = 0 };
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("messages/new/wecom");
        var page = Render<MessagesPage>(x => x.Add(y => y.NewType, "wecom"));
        page.WaitForState(() => page.FindAll(".dialog-actions .start button").Count == 1);
        page.Find(".dialog-actions .start button").Click();
        var dialog = page.FindComponent<TestMessageDialog>();
        dialog.WaitForState(() => dialog.FindAll(".choice input").Count == 1);
        dialog.Markup.Should().NotContain("saved message");
        dialog.Find(".choice input").Change(true);
        dialog.Find("button.primary").Click();
        dialog.WaitForAssertion(() => dialog.Find("pre").TextContent.Should().Be("High Pump"));
        Asked.Should().Contain("POST messages/test");
    }
}
