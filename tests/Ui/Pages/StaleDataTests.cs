using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Http;
using Notify.Alarms.Pages;
using Notify.Delivery.Pages;
using Notify.Operation.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>A page that cannot be read anew keeps what it shows and says that it is of before.</summary>
public sealed class StaleDataTests : ComponentTest
{
    private readonly JsonObject refused = new() { ["title"] = "The database is unavailable." };
    private readonly HashSet<string> failing = [];

    [Fact]
    public async Task an_alarm_stays_below_the_problem()
    {
        AnswerWith(("GET alarms/a1", () => AlarmPageTests.Alarm()));
        var page = Render<AlarmPage>(x => x.Add(y => y.Id, "a1").AddCascadingValue(Person("alarms.read", "alarms.acknowledge")));
        page.Find(".page-head button.primary").Click();
        await FailAsync(page, () => page.FindComponent<AlarmVerbDialog>().Instance.OnDone.InvokeAsync(), "Pump 1");
    }

    [Fact]
    public async Task a_notification_stays_below_the_problem()
    {
        AnswerWith(("GET notifications/n1", () => NotificationPageTests.Notification("failed")));
        var page = Render<NotificationPage>(x => x.Add(y => y.Id, "n1").AddCascadingValue(Person("notifications.read", "notifications.resend")));
        page.Find(".page-head button.primary").Click();
        await FailAsync(page, () => page.FindComponent<ChangeDialog>().Instance.OnDone.InvokeAsync(), "Steam pressure high");
    }

    [Fact]
    public void the_overview_tells_what_it_could_not_read_from_what_there_is_not_and_from_what_is_not_permitted()
    {
        var one = new JsonObject { ["state"] = "ActiveUnacked", ["level"] = "Critical", ["shelved"] = false, ["count"] = 1 };
        AnswerWith(
            ("GET alarms/summary", () => new() { ["items"] = new JsonArray(one.DeepClone()) }),
            ("GET notifications/failed/count", () => new() { ["count"] = 0 }), ("GET lanes", () => new() { ["items"] = new JsonArray() }));
        failing.UnionWith(["GET alarms?state=ActiveUnacked&shelved=false&level=Critical&limit=6", "GET notifications/summary"]);
        var page = Render<OverviewPage>(x => x.AddCascadingValue(Person("alarms.read", "notifications.read")));
        page.Find("[role=alert]").TextContent.Should().Contain("The database is unavailable.");
        page.Find("[aria-labelledby=urgent]").TextContent.Should().Contain("could not be read").And.NotContain("No critical");
        page.Find("[aria-labelledby=sent]").TextContent.Should().Contain("could not be read");

        failing.Clear();
        var other = Render<OverviewPage>(x => x.AddCascadingValue(Person("alarms.read")));
        other.Find("[aria-labelledby=sent]").TextContent.Should().Contain("You may not see notifications.");
        other.FindAll("[role=alert]").Should().BeEmpty();
    }

    private static Me Person(params string[] permissions) => new("u1", "Li Si", "li.si", [], permissions, [], null, false, 0, null);

    private void AnswerWith(params (string Asked, Func<JsonObject> Answer)[] answers) => Answer = asked =>
    {
        Status = failing.Contains(asked) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return failing.Contains(asked) ? refused.DeepClone()
            : answers.FirstOrDefault(x => x.Asked == asked).Answer?.Invoke() ?? new() { ["items"] = new JsonArray() };
    };

    private async Task FailAsync<T>(IRenderedComponent<T> page, Func<Task> readAnew, string name)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        page.FindAll("[role=alert]").Should().BeEmpty();
        failing.Add(Asked[0]);
        await page.InvokeAsync(readAnew);
        page.Find("[role=alert]").TextContent.Should().Contain("The database is unavailable.");
        page.Find("h1").TextContent.Should().Be(name);

        failing.Clear();
        page.Find("[role=alert] button").Click();
        page.FindAll("[role=alert]").Should().BeEmpty();
        page.Find("h1").TextContent.Should().Be(name);
    }
}
