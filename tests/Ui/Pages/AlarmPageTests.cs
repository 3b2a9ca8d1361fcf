using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class AlarmPageTests : ComponentTest
{
    private readonly Me me = new("u1", "Li Si", "li.si", [], ["alarms.read"], [], null, false, 0, null);

    [Fact]
    public void entries_of_the_same_second_show_their_milliseconds_and_a_notification_the_state_that_it_tells()
    {
        Answer = _ => Alarm(
            Entry("reported", "2026-10-01T11:00:00.100Z", "2026-10-01T11:00:00Z"), Entry("notification", "2026-10-01T11:00:00.250Z"),
            Entry("reported", "2026-10-01T11:05:00.300Z", "2026-10-01T11:04:00Z"));
        var page = Render<AlarmPage>(x => x.Add(y => y.Id, "a1").AddCascadingValue(me));
        var items = page.FindAll(".timeline > li").Select(x => x.TextContent).ToList();
        items.Should().HaveCount(3);
        items[0].Should().Contain("event time").And.NotContain(" ms");
        items[1].Should().Contain("250 ms").And.Contain("notification: active, unacknowledged");
        items[2].Should().Contain("100 ms").And.NotContain("event time", "it is the same second");
    }

    [Fact]
    public void the_list_is_read_in_the_order_that_is_chosen_and_that_stands_in_the_address()
    {
        Answer = _ => new JsonObject { ["items"] = new JsonArray() };
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        navigation.NavigateTo("alarms?level=High");
        var page = Render<AlarmsPage>(x => x.AddCascadingValue(me));
        page.Find("select[aria-label=Order]").Change("severity");
        navigation.Uri.Should().EndWith("alarms?level=High&order=severity");
        Asked.Should().Contain("GET alarms?level=High&open=true&shelved=false&order=severity&limit=200");
    }

    internal static JsonObject Alarm(params JsonNode[] timeline) => new()
    {
        ["id"] = "a1",
        ["name"] = "Pump 1",
        ["path"] = "Site1",
        ["level"] = "High",
        ["state"] = "ActiveUnacked",
        ["ackMode"] = "manual",
        ["description"] = "",
        ["value"] = "",
        ["type"] = "",
        ["ackUser"] = "",
        ["labels"] = new JsonObject(),
        ["timeline"] = new JsonArray(timeline),
    };

    private static JsonObject Entry(string kind, string at, string? eventTime = null) => new()
    {
        ["kind"] = kind,
        ["at"] = at,
        ["state"] = "ActiveUnacked",
        ["eventTime"] = eventTime,
        ["notification"] = kind == "notification"
            ? new JsonObject { ["id"] = "n1", ["status"] = "Delivered", ["receivers"] = new JsonArray(), ["serviceName"] = "WeCom", ["ruleName"] = "Line 1" } : null,
    };
}
