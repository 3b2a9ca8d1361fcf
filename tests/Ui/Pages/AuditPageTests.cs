using System.Text.Json.Nodes;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>A verification of the history, found again on the page of the history.</summary>
public sealed class AuditPageTests : ComponentTest
{
    private JsonObject verification = new() { ["running"] = new JsonObject { ["startedAt"] = "2026-10-01T11:59:00Z", ["entries"] = 7000 } };

    private Func<string, JsonObject> found = _ => Page(null);

    public AuditPageTests() => Answer = asked =>
        asked == "GET audit/verify" ? verification.DeepClone()
        : asked.StartsWith("GET audit?", StringComparison.Ordinal) ? found(asked)
        : null;

    [Fact]
    public void one_that_runs_shows_its_progress_and_one_that_has_ended_its_findings_in_sentences()
    {
        var page = Show();
        page.Find(".notice").TextContent.Should().Contain("7000 entries so far");
        page.Find(".tools button").HasAttribute("disabled").Should().BeTrue();

        verification = Ended(new JsonObject { ["kind"] = "changed", ["explanation"] = "The event 17 was changed.", ["sequence"] = 17 });
        Time.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => page.Find(".notice-error li").TextContent.Should().StartWith("The event 17 was changed."));
        page.Find(".notice-error li a").GetAttribute("href").Should().Be("audit/17");
        page.Find(".notice-error").TextContent.Should().Contain("The first 1 of 250.").And.NotContain("{");
        page.Find(".tools button").HasAttribute("disabled").Should().BeFalse();
    }

    [Fact]
    public void the_result_of_the_last_one_is_there_when_the_page_is_opened()
    {
        verification = Ended();
        Show().Find(".notice-done").TextContent.Should().Contain("The history is intact: 9000 entries.");
    }

    [Fact]
    public void a_search_that_ended_before_the_oldest_entry_does_not_say_that_there_is_none()
    {
        found = asked => asked.Contains("cursor=c1", StringComparison.Ordinal) ? Page(null, 3) : Page("c1");
        var page = Show();
        page.FindAll(".empty").Should().BeEmpty();
        page.Find(".notice button.small").Click();
        page.FindAll("tbody tr").Should().ContainSingle();
        page.Markup.Should().NotContain("No entries match");
    }

    [Fact]
    public void older_entries_that_are_asked_for_twice_come_once()
    {
        var older = new TaskCompletionSource();
        found = asked => asked.Contains("cursor=", StringComparison.Ordinal) ? Page(null, 1) : Page("c1", 2);
        Before = asked => asked.Contains("cursor=c1", StringComparison.Ordinal) ? older.Task : Task.CompletedTask;
        var page = Show();
        var button = page.Find(".pager button");
        button.Click();
        button.Click();
        older.SetResult();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Should().HaveCount(2));
        Asked.Count(x => x.Contains("cursor=c1", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public void what_an_earlier_search_finds_late_is_not_shown_under_the_filters_of_the_later_one()
    {
        var first = new TaskCompletionSource();
        found = asked => asked.Contains("actor=Wang", StringComparison.Ordinal) ? Page(null, 8) : Page(null, 9);
        Before = asked => asked.Contains("actor=Li", StringComparison.Ordinal) ? first.Task : Task.CompletedTask;
        var navigation = Services.GetRequiredService<Bunit.TestDoubles.BunitNavigationManager>();
        navigation.NavigateTo("audit?actor=Li");
        var page = Show();
        navigation.NavigateTo("audit?actor=Wang");
        page.Render();
        page.WaitForAssertion(() => page.Find("tbody a").TextContent.Should().Be("8"));
        first.SetResult();
        page.WaitForAssertion(() => Asked.Count(x => x.StartsWith("GET audit?", StringComparison.Ordinal)).Should().Be(2));
        page.FindAll("tbody a").Select(x => x.TextContent).Should().Equal("8");
    }

    [Fact]
    public void it_begins_with_few_entries_and_names_who_did_it_once_and_how_many_filters_there_are()
    {
        found = asked => asked.Contains("cursor=", StringComparison.Ordinal) ? Page(null, 1) : Page("c1", 2);
        Services.GetRequiredService<Bunit.TestDoubles.BunitNavigationManager>().NavigateTo("audit?module=rules&type=rules.rule_changed.v1");
        var page = Show();
        page.Find("tbody tr").TextContent.Should().Contain("Changed ").And.Contain("Li Si").And.NotContain("by Li Si");
        page.Find("[aria-controls=filters]").TextContent.Should().Be("Filters (2)");
        page.Find(".pager button").Click();
        Asked.Where(x => x.StartsWith("GET audit?", StringComparison.Ordinal)).Select(x => x.Split('&')[1]).Should().Equal("limit=30", "limit=100");
    }

    [Fact]
    public void an_entry_that_does_not_exist_is_named()
    {
        Render<AuditPage>(x => x.Add(y => y.Sequence, 99)).Find(".notice-warn").TextContent.Should().Contain("There is no entry 99");
    }

    [Fact]
    public void a_period_of_the_address_is_an_instant_and_shown_in_the_readers_time()
    {
        Reader.TimeZone = "Asia/Shanghai";
        Services.GetRequiredService<Bunit.TestDoubles.BunitNavigationManager>().NavigateTo("audit?from=2026-10-01T04:00:00Z");
        Show().Find("#from").GetAttribute("value").Should().Be("2026-10-01 12:00:00");
        Asked.Should().Contain(x => x.Contains("from=2026-10-01T04:00:00Z", StringComparison.Ordinal));
    }

    private static JsonObject Page(string? next, params long[] sequences) => new()
    {
        ["items"] = new JsonArray([.. sequences.Select(x => new JsonObject
        {
            ["sequence"] = x, ["eventId"] = Guid.Empty.ToString(), ["at"] = "2026-10-01T11:00:00Z", ["occurredAt"] = "2026-10-01T11:00:00Z", ["module"] = "rules",
            ["type"] = "rules.rule_changed.v1", ["resource"] = new JsonObject { ["kind"] = "rule", ["id"] = "rule-1", ["version"] = 1 },
            ["actor"] = new JsonObject { ["kind"] = "user", ["name"] = "Li Si" }, ["summary"] = "Changed, by Li Si", ["summaries"] = new JsonObject { ["en"] = "Changed.", ["zh"] = "已修改。" },
            ["changes"] = new JsonArray(), ["data"] = new JsonObject(), ["hash"] = "00",
        })]),
        ["nextCursor"] = next,
    };

    private IRenderedComponent<AuditPage> Show() => Render<AuditPage>(x => x.AddCascadingValue(
        new Me("u1", "Li Si", "li.si", [], ["history.read", "history.verify"], [], null, false, 0, null)));

    private static JsonObject Ended(params JsonObject[] findings) => new()
    {
        ["lastAt"] = "2026-10-01T12:00:00Z",
        ["last"] = new JsonObject
        {
            ["valid"] = findings.Length == 0,
            ["entries"] = 9000,
            ["findings"] = new JsonArray([.. findings]),
            ["found"] = findings.Length == 0 ? 0 : 250,
        },
    };
}
