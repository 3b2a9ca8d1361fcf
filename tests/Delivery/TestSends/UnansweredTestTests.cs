using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.TestSends;

public sealed class UnansweredTestTests
{
    [Fact]
    public async Task a_platform_that_does_not_answer_is_reported_in_time_and_as_unknown()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:WeCom:Timeout=00:00:01"]);
        var example = await Example.MakeAsync(host);
        host.WeCom.AddFault(new Fault(FaultKind.Hang) { Robot = Example.RobotKey });

        var answer = await host.PostAsync(
            $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "Hello" });

        var result = answer["results"]!.AsArray().Should().ContainSingle().Subject!;
        ((string)result["outcome"]!, result["platformCode"]).Should().Be(("unknown", null));
    }
}
