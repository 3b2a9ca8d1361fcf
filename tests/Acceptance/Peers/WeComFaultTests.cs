using Notify.Peers.WeCom;

namespace Notify.Acceptance.Tests.Peers;

/// <summary>The stand-in fails in all the ways the platform and the network can.</summary>
public sealed class WeComFaultTests : WeComStandInContext
{
    [Fact]
    public async Task a_removed_robot_is_93000_until_it_is_back()
    {
        Wecom.RemoveRobot("boiler");
        (await RobotAsync(Text("x"))).Code.Should().Be(93000);
        Wecom.RestoreRobot("boiler");
        (await RobotAsync(Text("x"))).Code.Should().Be(0);
    }

    [Fact]
    public async Task a_fault_meets_as_many_calls_of_its_target_as_it_says()
    {
        Wecom.AddRobot("pump", "Pump station");
        Wecom.AddFault(new Fault(FaultKind.ErrCode) { Robot = "boiler", Code = -1, Count = 2 });

        (await RobotAsync(Text("1"))).Code.Should().Be(-1);
        (await RobotAsync(Text("2"), "pump")).Code.Should().Be(0);
        (await RobotAsync(Text("3"))).Code.Should().Be(-1);
        (await RobotAsync(Text("4"))).Code.Should().Be(0);
        Wecom.Received.Where(one => one.Delivered).Select(one => one.Text).Should().Equal("2", "4");
    }

    [Fact]
    public async Task faults_last_until_they_are_cleared()
    {
        Wecom.AddFault(new Fault(FaultKind.ErrCode) { Path = "/cgi-bin/gettoken", Code = 45009 });
        (await GetTokenAsync("corp", "secret")).Code.Should().Be(45009);
        (await GetTokenAsync("corp", "secret")).Code.Should().Be(45009);
        Wecom.ClearFaults();
        (await GetTokenAsync("corp", "secret")).Code.Should().Be(0);
    }

    [Theory]
    [InlineData(FaultKind.HttpStatus, 502, 502, "<html>")]
    [InlineData(FaultKind.Html, 0, 200, "<html>")]
    [InlineData(FaultKind.EmptyBody, 0, 200, "")]
    [InlineData(FaultKind.MissingErrCode, 0, 200, """{"errmsg":"ok"}""")]
    public async Task an_answer_can_be_no_verdict(FaultKind kind, int code, int status, string body)
    {
        Wecom.AddFault(new Fault(kind) { Code = code, Count = 1 });
        var answer = await Http.PostAsync(Wecom.RobotUrl("boiler"), JsonOf(Text("x")));

        ((int)answer.StatusCode).Should().Be(status);
        var text = await answer.Content.ReadAsStringAsync();
        (body.Length == 0 ? text.Length == 0 : text.StartsWith(body, StringComparison.Ordinal)).Should().BeTrue();
        Wecom.Received.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Fault = kind, Delivered = false, ErrCode = (int?)null });
    }

    [Theory]
    [InlineData(FaultKind.CutBody, true)]
    [InlineData(FaultKind.ResetAfter, true)]
    [InlineData(FaultKind.ResetBefore, false)]
    public async Task a_connection_can_break_with_the_message_shown_or_not(FaultKind kind, bool shown)
    {
        Wecom.AddFault(new Fault(kind) { Count = 1 });
        await Http.Invoking(client => client.PostAsync(Wecom.RobotUrl("boiler"), JsonOf(Text("x")))).Should().ThrowAsync<HttpRequestException>();
        Wecom.Received.Should().ContainSingle().Which.Delivered.Should().Be(shown);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(true, true)]
    public async Task a_call_can_hang_until_its_caller_gives_up(bool? processed, bool shown)
    {
        Wecom.AddFault(new Fault(FaultKind.Hang) { Processed = processed });
        using var givingUp = new CancellationTokenSource();
        var call = Http.PostAsync(Wecom.RobotUrl("boiler"), JsonOf(Text("x")), givingUp.Token);
        var met = await Wecom.WaitForAsync(one => one.Fault == FaultKind.Hang);
        await givingUp.CancelAsync();

        await call.Invoking(pending => pending).Should().ThrowAsync<OperationCanceledException>();
        met[0].Delivered.Should().Be(shown);
    }

    [Fact]
    public async Task a_slow_answer_comes_after_the_message_was_shown()
    {
        Wecom.AddFault(new Fault(FaultKind.Slow) { DelayMs = 50 });
        var call = RobotAsync(Text("x"));
        (await Wecom.WaitForAsync(one => one.Delivered)).Should().ContainSingle();
        (await call).Code.Should().Be(0);
    }
}
