using System.Text.Json.Nodes;
using Bunit;
using Notify.Audit.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>Of the configuration the page reads what differs; the whole of it, which can be large, only when somebody opens it.</summary>
public sealed class StatePageTests : ComponentTest
{
    public StatePageTests() => Answer = asked =>
        asked.StartsWith("GET state/diff", StringComparison.Ordinal)
            ? new JsonObject
            {
                ["from"] = Now.AddDays(-1),
                ["to"] = Now,
                ["differences"] = new JsonArray(),
                ["counts"] = new JsonArray(
                    new JsonObject { ["kind"] = "message", ["then"] = 0, ["now"] = 1 }, new JsonObject { ["kind"] = "rule", ["then"] = 10000, ["now"] = 9000 }),
            }
            : asked.StartsWith("GET alarms/at", StringComparison.Ordinal) ? new JsonObject { ["items"] = new JsonArray(), ["complete"] = true }
            : asked.StartsWith("GET state?", StringComparison.Ordinal)
            ? new JsonObject
            {
                ["asOf"] = Now,
                ["messages"] = new JsonArray(),
                ["rules"] = new JsonArray(new JsonObject { ["id"] = "rule-1", ["name"] = "Night", ["version"] = 3, ["status"] = "enabled" }),
            }
            : null;

    [Fact]
    public void it_reads_at_the_same_time_what_it_shows_at_once_and_the_rest_once_when_a_part_is_opened()
    {
        var held = new TaskCompletionSource();
        Before = _ => held.Task;
        var page = Show("history.read", "alarms.read", "configuration.read", "people.read");
        Asked.Select(x => x.Split('?')[0]).Should().BeEquivalentTo("GET state/diff", "GET alarms/at");
        held.SetResult();

        page.WaitForAssertion(() => page.FindAll("[aria-labelledby=whole] > details > summary .tag").Select(x => x.TextContent).Should().Equal("10000"));
        page.Find("[aria-labelledby=whole] > p.quiet").TextContent.Should().Be("There were none of these: messages.");
        Asked.Should().HaveCount(2);
        page.Find("[aria-labelledby=whole] > details").TriggerEvent("ontoggle", EventArgs.Empty);
        page.WaitForAssertion(() => page.Find("[aria-labelledby=whole] th[scope=row]").TextContent.Should().Contain("Night"));
        page.Find("[aria-labelledby=whole] > details").TriggerEvent("ontoggle", EventArgs.Empty);
        Asked.Count(x => x.StartsWith("GET state?", StringComparison.Ordinal)).Should().Be(1);
        page.Find("[aria-labelledby=whole]").TextContent.Should().NotContain("permission");
    }

    [Fact]
    public void it_says_which_kinds_the_reader_may_not_see()
    {
        var page = Show("history.read", "configuration.read");
        page.WaitForAssertion(() => page.Find("[aria-labelledby=whole] code").TextContent.Should().Be("people.read"));
        Asked.Should().NotContain(x => x.StartsWith("GET alarms/at", StringComparison.Ordinal));
    }

    private IRenderedComponent<StatePage> Show(params string[] permissions) => Render<StatePage>(
        x => x.AddCascadingValue(new Me("u1", "Li Si", "li.si", [], permissions, [], null, false, 0, null)));
}
