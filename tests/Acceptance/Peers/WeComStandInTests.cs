using System.Net;
using System.Text.Json;
using Notify.Peers.WeCom;

namespace Notify.Acceptance.Tests.Peers;

/// <summary>What the stand-in offers its users: the record, waiting, control, the page, the command line.</summary>
public sealed class WeComStandInTests : WeComStandInContext
{
    [Fact]
    public async Task waiting_ends_with_the_awaited_message_or_tells_what_came_instead()
    {
        var waiting = Wecom.WaitForAsync(one => one.Text.StartsWith('b'), count: 2);
        foreach (var text in (string[])["a", "b1", "b2"])
            await RobotAsync(Text(text));
        (await waiting).Select(one => one.Text).Should().Equal("b1", "b2");

        await Wecom.Invoking(it => it.WaitForAsync(one => one.Text == "c", TimeSpan.FromMilliseconds(1)))
            .Should().ThrowAsync<TimeoutException>().WithMessage("*b2*");
    }

    [Fact]
    public async Task only_the_last_messages_are_kept_but_all_are_counted()
    {
        Wecom.Options.KeepMessages = 2;
        for (var i = 1; i <= 5; i++)
            await RobotAsync(Text($"{i}"));
        Wecom.Received.Select(one => one.Text).Should().Equal("4", "5");
        Wecom.Log.Since(4, 10).Select(one => one.Text).Should().Equal("5");
        Wecom.Counters.Should().BeEquivalentTo(new { Requests = 5, Shown = 5 });
    }

    [Fact]
    public async Task without_bodies_counters_and_callback_remain()
    {
        Wecom.Options.KeepBodies = false;
        var seen = new List<string>();
        Wecom.Options.OnReceived = one => seen.Add(one.Text);
        var waiting = Wecom.WaitForCountersAsync(counters => counters.Shown == 2);
        await RobotAsync(Text("1"));
        await RobotAsync(Text("2"));

        (await waiting).Requests.Should().Be(2);
        seen.Should().Equal("1", "2");
        Wecom.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task everything_can_be_controlled_and_read_over_http()
    {
        await ControlAsync("robots", new { key = "pump", group = "Pump station" });
        await ControlAsync("apps", new { corpId = "new", secret = "s", agentId = 1, members = new[] { "lisi" } });
        await ControlAsync("faults", new { kind = "errCode", robot = "pump", code = 45033, count = 1 });
        (await RobotAsync(Text("first"), "pump")).Code.Should().Be(45033);
        (await RobotAsync(Text("second"), "pump")).Code.Should().Be(0);
        await ControlAsync("faults", new { kind = "robotRemoved", robot = "pump" });
        (await RobotAsync(Text("third"), "pump")).Code.Should().Be(93000);
        var token = await TokenAsync("s", "new");
        await ControlAsync("faults", new { kind = "trustedIpOff" });
        (await AppAsync(token, AppText("lisi", agentId: 1))).Code.Should().Be(60020);
        await ControlAsync("faults", new { kind = "tokenExpired", corpId = "new" });
        (await AppAsync(token, AppText("lisi", agentId: 1))).Code.Should().Be(42001);
        (await Http.DeleteAsync($"{Wecom.BaseUrl}/_control/faults")).IsSuccessStatusCode.Should().BeTrue();
        (await RobotAsync(Text("fourth"), "pump")).Code.Should().Be(0);

        var received = JsonDocument.Parse(await Http.GetStringAsync($"{Wecom.BaseUrl}/_control/received?since=1")).RootElement;
        received[0].GetProperty("text").GetString().Should().Be("second");
        (await Http.GetStringAsync($"{Wecom.BaseUrl}/_control/chat")).Should().Contain("== Pump station ==").And.Contain("[rejected 45033]");
        (await Http.DeleteAsync($"{Wecom.BaseUrl}/_control/received")).IsSuccessStatusCode.Should().BeTrue();
        Wecom.Received.Should().BeEmpty();
    }

    [Theory]
    [InlineData("faults", """{"kind":"nonsense"}""")]
    [InlineData("faults", """{"kind":"html","robbot":"x"}""")]
    [InlineData("faults", """{"kind":"robotRemoved","robot":"unknown"}""")]
    [InlineData("faults", """{"kind":"html","count":0}""")]
    [InlineData("robots", "{}")]
    [InlineData("robots", "not json")]
    public async Task control_refuses_what_it_does_not_understand(string what, string body) =>
        (await Http.PostAsync($"{Wecom.BaseUrl}/_control/{what}", JsonOf(body))).StatusCode.Should().Be(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/chat.css", "text/css")]
    [InlineData("/chat.js", "text/javascript")]
    [InlineData("/chat.messages.js", "text/javascript")]
    [InlineData("/chat.markdown.js", "text/javascript")]
    public async Task the_chat_page_comes_from_the_stand_in_alone(string path, string type)
    {
        var answer = await Http.GetAsync(Wecom.BaseUrl + path);
        answer.Content.Headers.ContentType!.MediaType.Should().Be(type);
        answer.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("default-src 'none'").And.NotContain("unsafe-inline");
    }

    [Fact]
    public async Task the_command_line_sets_it_up()
    {
        await using var alone = await WeComStandIn.StartAsync(options => options.Read(
            ["--robot", "k=Group one", "--app", "c:s:7:a,b", "--robot-limit=1", "--member-limit", "0", "--accept-any-robot"]));

        alone.Options.Should().BeEquivalentTo(new { RobotLimit = 1, MemberLimit = 0, AcceptAnyRobot = true });
        alone.Options.Apps.Should().ContainSingle().Which.Members.Should().Equal("a", "b");
        var options = new WeComOptions();
        options.Invoking(it => it.Read(["--robots", "k"])).Should().Throw<ArgumentException>();
    }
}
