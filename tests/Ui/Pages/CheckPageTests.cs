using System.Text.Json;
using Bunit;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Texts;
using Notify.Rules.Checking;
using Notify.Rules.Pages;

namespace Notify.Ui.Tests.Pages;

public sealed class CheckPageTests : ComponentTest
{
    [Fact]
    public void the_tiles_count_all_findings_not_only_those_in_the_list()
    {
        var finding = new CheckFinding("ruleUnreadable", CheckSeverity.Error, new("rule", "r1", "Rule"), null, [], new BilingualText("x", "x"));
        var answer = new CheckConfiguration.Answer(Now, 1, 1900, 1200, 700, [finding], Now, Now.AddDays(14), 0, []);
        Answer = asked => asked.StartsWith("GET configuration/check", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToNode(answer, NotifyJson.Options) : null;
        Render<CheckPage>().FindAll(".tile strong").Select(x => x.TextContent).Should().StartWith(["1200", "700"]);
    }

    [Fact]
    public void notes_alone_are_listed_below_the_words_that_all_is_well()
    {
        var note = new CheckFinding("noDrill", CheckSeverity.Information, new("drill", "", ""), null, [], new BilingualText("There is no drill", "没有任何演练"));
        var answer = new CheckConfiguration.Answer(Now, 1, 1, 0, 0, [note], Now, Now.AddDays(14), 0, []);
        Answer = asked => asked.StartsWith("GET configuration/check", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToNode(answer, NotifyJson.Options) : null;
        var page = Render<CheckPage>();
        page.Markup.Should().Contain("Every action of every enabled rule can notify those whom it names.");
        page.Find("tbody tr a").GetAttribute("href").Should().Be("drills");
        page.Find("tbody tr").TextContent.Should().Contain("ⓘ Note").And.Contain("There is no drill").And.Contain("Drills");
    }

    [Fact]
    public void what_is_not_always_notified_comes_first_and_looks_like_it()
    {
        PathCoverage Of(string path, long uncovered) => new(path, AlarmLevel.High, uncovered == 0, [], 0, uncovered, 1, []);
        var fortnight = (long)TimeSpan.FromDays(14).TotalSeconds;
        var answer = new CheckConfiguration.Answer(
            Now, 1, 0, 0, 0, [], Now, Now.AddDays(14), 3, [Of("A/**", 0), Of("B/**", fortnight / 2), Of("C/**", fortnight)]);
        Answer = asked => asked.StartsWith("GET configuration/check", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToNode(answer, NotifyJson.Options) : null;
        var page = Render<CheckPage>();
        page.FindAll(".tile strong").Select(x => x.TextContent).Should().Equal("none", "none", "2");
        page.FindAll(".coverage tbody button").Select(x => (x.GetAttribute("aria-label"), x.ClassList[^1])).Should().Equal(
            ("B/**, High: gaps 50 %", "cover-gaps"), ("C/**, High: never", "cover-never"), ("A/**, High: always", "cover-always"));
    }
}
