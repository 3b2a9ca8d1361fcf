using System.Text.Json;
using Bunit;
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
}
