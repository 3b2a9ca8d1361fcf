using System.Text.Json.Nodes;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;

namespace Notify.Audit.Tests.History;

public sealed class SummaryWriterTests
{
    [Fact]
    public void a_name_is_told_as_it_is_also_when_it_is_a_code_elsewhere()
    {
        var writer = new SummaryWriter([new EventSummary("x.alarm_seen.v1", "Alarm “{name}” is {level}", "报警“{name}”为{level}")]);
        writer.Write("x.alarm_seen.v1", new JsonObject { ["name"] = "High", ["level"] = "High" }, null, Actor.System).Should()
            .Be(new BilingualText("Alarm “High” is high", "报警“High”为高"));
    }
}
