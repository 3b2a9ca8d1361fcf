using System.Text.Json.Nodes;
using Bunit;
using Notify.Audit.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>A verification of the history, found again on the page of the history.</summary>
public sealed class AuditPageTests : ComponentTest
{
    private JsonObject verification = new() { ["running"] = new JsonObject { ["startedAt"] = "2026-10-01T11:59:00Z", ["entries"] = 7000 } };

    public AuditPageTests() => Answer = asked =>
        asked == "GET audit/verify" ? verification.DeepClone()
        : asked.StartsWith("GET audit?", StringComparison.Ordinal) ? new JsonObject { ["items"] = new JsonArray() }
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
