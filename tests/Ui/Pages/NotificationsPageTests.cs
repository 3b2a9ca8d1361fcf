using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Pages;
using Notify.Contracts.Replays;
using Notify.Delivery.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>What can be filtered by: all that there is, and what the address says even if it is no longer there.</summary>
public sealed class NotificationsPageTests : ComponentTest
{
    private static readonly Me me = new(
        "u1", "Li Si", "li.si", [], ["notifications.read", "configuration.read", "replays.run"], [], null, false, 0, null);

    public NotificationsPageTests() => Answer = asked =>
        asked.Contains("pageSize=200", StringComparison.Ordinal) ? PageOf(asked.Contains("page=2", StringComparison.Ordinal) ? 250 : 200, asked)
        : asked.StartsWith("GET notifications?", StringComparison.Ordinal) ? new JsonObject { ["items"] = new JsonArray() }
        : null;

    [Fact]
    public void notifications_are_filtered_by_every_service_and_rule()
    {
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("notifications?rule=rules-gone");
        var page = Render<NotificationsPage>(x => x.AddCascadingValue(me));
        page.WaitForAssertion(() => page.FindAll("option[value=rules-250]").Should().ContainSingle());
        page.FindAll("option[value=services-250]").Should().ContainSingle();
        page.Find("select:has([value=rules-gone])").GetAttribute("value").Should().Be("rules-gone");
    }

    [Fact]
    public void a_replay_is_of_any_rule()
    {
        var form = Render<ReplayForm>(x => x
            .AddCascadingValue(me).Add(y => y.From, Now).Add(y => y.To, Now).Add(y => y.Filter, new ReplayFilter(RuleId: "rules-gone")));
        form.WaitForAssertion(() => form.FindAll("select")[1].QuerySelectorAll("option[value=rules-250]").Should().ContainSingle());
        form.FindAll("option[value=rules-gone]").Should().ContainSingle();
    }

    /// <summary>The page of 250 resources that ends with a number.</summary>
    private static JsonObject PageOf(int last, string asked)
    {
        var plural = asked.Split(' ', '?')[1];
        var items = Enumerable.Range(last == 200 ? 1 : 201, last == 200 ? 200 : 50)
            .Select(x => new JsonObject { ["id"] = $"{plural}-{x}", ["name"] = $"{plural} {x}" });
        return new() { ["items"] = new JsonArray([.. items]), ["total"] = 250 };
    }
}
