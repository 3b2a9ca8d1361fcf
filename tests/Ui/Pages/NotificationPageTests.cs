using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Delivery.Pages;
using Notify.Kernel;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class NotificationPageTests : ComponentTest
{
    public NotificationPageTests() => Answer = asked => asked switch
    {
        "GET notifications/n1" => Notification(),
        "GET messages/m1" => new JsonObject { ["id"] = "m1", ["name"] = "Alarm, short" },
        "GET schedules/s1" => new JsonObject { ["id"] = "s1", ["name"] = "Day shift" },
        _ => null,
    };

    [Fact]
    public void its_links_name_the_message_and_the_schedule()
    {
        var page = Show("notifications.read", "configuration.read");
        page.WaitForAssertion(() =>
        {
            LinkTo(page, "messages/m1").Should().Be("Alarm, short");
            LinkTo(page, "schedules/s1").Should().Be("Day shift");
        });
    }

    [Fact]
    public void who_may_not_read_the_configuration_sees_the_kinds_and_asks_for_no_names()
    {
        var page = Show("notifications.read");
        page.WaitForAssertion(() => LinkTo(page, "messages/m1").Should().Be("the message"));
        LinkTo(page, "schedules/s1").Should().Be("the schedule");
        Asked.Should().NotContain(x => x.Contains("messages/", StringComparison.Ordinal) || x.Contains("schedules/", StringComparison.Ordinal));
    }

    [Fact]
    public void what_went_wrong_is_explained_once_and_the_platforms_words_stand_at_the_attempt()
    {
        var said = Services.GetRequiredService<ChannelCatalog>().Find("wecom")!.Texts.Explain("40058")!;
        var failed = Notification("failed");
        failed["reason"] = "invalid Request Parameter";
        failed["explanation"] = JsonSerializer.SerializeToNode(said, NotifyJson.Options);
        failed["receivers"] = new JsonArray(new JsonObject
        {
            ["kind"] = "robot",
            ["alias"] = "Line 1",
            ["outcome"] = "failed",
            ["platformCode"] = "40058",
        });
        failed["attempts"] = new JsonArray(new JsonObject
        {
            ["number"] = 1,
            ["startedAt"] = "2026-10-01T12:00:00Z",
            ["outcome"] = "failed",
            ["platformCode"] = "40058",
            ["node"] = "a",
            ["platformMessage"] = "invalid Request Parameter",
            ["requests"] = new JsonArray(),
        });
        Answer = asked => asked == "GET notifications/n1" ? failed : null;
        var text = Show("notifications.read").Find(".notice-error").ParentElement!.TextContent;
        text.Split(said.Meaning.En).Should().HaveCount(2, "it is said once");
        text.Split("invalid Request Parameter").Should().HaveCount(2, "it is said once");
        text.Should().Contain("Plain text · 19 bytes");
    }

    private IRenderedComponent<NotificationPage> Show(params string[] permissions)
    {
        var me = new Me("u1", "Li Si", "li.si", [], permissions, [], null, false, 0, null);
        return Render<NotificationPage>(x => x.Add(p => p.Id, "n1").AddCascadingValue(me));
    }

    private static string LinkTo(IRenderedComponent<NotificationPage> page, string address) => page.Find($"a[href='{address}']").TextContent;

    internal static JsonObject Notification(string status = "delivered") => new()
    {
        ["id"] = "n1",
        ["alarmId"] = "a1",
        ["alarmName"] = "Steam pressure high",
        ["level"] = "critical",
        ["ruleId"] = "r1",
        ["ruleName"] = "Boiler house",
        ["serviceId"] = "v1",
        ["serviceName"] = "WeCom groups",
        ["messageId"] = "m1",
        ["messageVersion"] = 1,
        ["scheduleId"] = "s1",
        ["scheduleVersion"] = 1,
        ["type"] = "wecom",
        ["receivers"] = new JsonArray(),
        ["status"] = status,
        ["format"] = "text",
        ["body"] = "Steam pressure high",
        ["attempts"] = new JsonArray(),
        ["requestedAt"] = "2026-10-01T12:00:00Z",
        ["correlationId"] = "c1",
    };
}
