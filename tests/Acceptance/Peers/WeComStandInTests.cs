using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Notify.Peers.WeCom;

namespace Notify.Acceptance.Tests.Peers;

/// <summary>The stand-in keeps WeCom's rules, over real HTTP. If it were lax, every test that relies on it would be.</summary>
public sealed class WeComStandInTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly HttpClient http = new() { Timeout = Soon };
    private readonly FakeTimeProvider clock = new(DateTimeOffset.Parse("2026-11-22T08:00:00Z"));
    private WeComStandIn wecom = null!;

    public async Task InitializeAsync() => wecom = await WeComStandIn.StartAsync(options =>
    {
        options.Clock = clock;
        options.SeenIp = "203.0.113.7";
        options.Robots.Add(new RobotRegistration("boiler", "Boiler house"));
        options.Apps.Add(new AppRegistration("corp", "secret", 1000002) { Members = ["ZhangSan", "lisi"], Unlicensed = ["wangwu"] });
        options.Apps.Add(new AppRegistration("corp", "secret2", 1000003) { Members = ["*"] });
        options.Apps.Add(new AppRegistration("other", "secret3", 1000004));
    });

    public async Task DisposeAsync()
    {
        http.Dispose();
        await wecom.DisposeAsync();
    }

    [Fact]
    public async Task a_robot_shows_a_text_in_its_group()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, wecom.RobotUrl("boiler")) { Content = JsonOf(Text("压力高")) };
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        var answer = await http.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).Should().Be("""{"errcode":0,"errmsg":"ok"}""");
        var received = wecom.Received.Should().ContainSingle().Subject;
        received.Should().BeEquivalentTo(new { Group = "Boiler house", MsgType = "text", Text = "压力高", ErrCode = 0, Delivered = true, At = clock.GetUtcNow() });
        received.Headers["traceparent"].Should().StartWith("00-4bf92f3577b34da6");
        JsonDocument.Parse(received.Body).RootElement.GetProperty("msgtype").GetString().Should().Be("text");
    }

    [Fact]
    public async Task a_wrong_key_is_93000_with_hint_address_and_link_behind_http_200()
    {
        var answer = await http.PostAsync(wecom.RobotUrl("nobody"), JsonOf(Text("x")));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).Should().MatchRegex(
            "^\\{\"errcode\":93000,\"errmsg\":\"invalid webhook url, hint: \\[\\d+\\], from ip: 203\\.0\\.113\\.7, "
            + "more info at https://open\\.work\\.weixin\\.qq\\.com/devtool/query\\?e=93000\"\\}$");
        wecom.Received.Should().ContainSingle().Which.Delivered.Should().BeFalse();
    }

    [Fact]
    public async Task any_robot_is_accepted_when_asked_for()
    {
        wecom.Options.AcceptAnyRobot = true;
        (await RobotAsync(Text("x"), "made-up")).Code.Should().Be(0);
    }

    public static TheoryData<int, object> RobotRules => new()
    {
        { 0, Text(new string('x', 2048)) },
        { 40058, Text(new string('x', 2049)) },
        { 40058, Text(new string('报', 683)) },
        { 44004, Text("") },
        { 0, Markdown("markdown", 4096) },
        { 40058, Markdown("markdown", 4097) },
        { 0, Markdown("markdown_v2", 4096) },
        { 40058, Markdown("markdown_v2", 4097) },
        { 40008, new { msgtype = "textcard", textcard = new { title = "x" } } },
        { 40008, new { text = new { content = "x" } } },
        { 40063, new { msgtype = "text" } },
        { 40058, new { msgtype = "text", text = new { content = 5 } } },
        { 0, new { msgtype = "text", text = new { content = "x", mentioned_list = new[] { "@all", "unknown" } } } },
        { 40058, new { msgtype = "text", text = new { content = "x", mentioned_list = "@all" } } },
        { 40007, new { msgtype = "file", file = new { media_id = "made-up" } } },
        { 40058, new { msgtype = "image", image = new { base64 = "data:image/png;base64,iVBORw0KGgo=", md5 = "" } } },
        { 301019, new { msgtype = "image", image = new { base64 = "iVBORw0KGgo=", md5 = "00" } } },
        { 0, new { msgtype = "image", image = new { base64 = "iVBORw0KGgo=", md5 = "e9dd2797018cad79186e03e8c5aec8dc" } } },
        { 0, News(8) },
        { 45008, News(9) },
        { 41016, new { msgtype = "news", news = new { articles = new[] { new { url = "https://x" } } } } },
        { 40094, new { msgtype = "news", news = new { articles = new[] { new { title = "x", url = "x.example" } } } } },
        { 0, Card(new { card_type = "text_notice", main_title = new { title = "x" }, card_action = new { type = 1, url = "https://x" } }) },
        { 40058, Card(new { card_type = "text_notice", main_title = new { title = "x" } }) },
        { 40058, Card(new { card_type = "text_notice", main_title = new { title = "x" }, card_action = new { type = 0 } }) },
        { 40058, Card(new { card_type = "text_notice", main_title = new { }, card_action = new { type = 1, url = "https://x" } }) },
        { 40058, Card(new { card_type = "button_interaction", main_title = new { title = "x" } }) },
        { 40058, Card(new { card_type = "news_notice", main_title = new { title = "x" }, card_action = new { type = 1, url = "https://x" } }) },
        { 40058, Card(new
        {
            card_type = "text_notice", main_title = new { title = "x" }, card_action = new { type = 1, url = "https://x" },
            horizontal_content_list = Enumerable.Range(0, 7).Select(i => new { keyname = $"k{i}" }),
        }) },
    };

    [Theory]
    [MemberData(nameof(RobotRules))]
    public async Task a_robot_message_meets_the_rule_of_its_type(int code, object message)
    {
        (await RobotAsync(message)).Code.Should().Be(code);
        wecom.Received.Should().ContainSingle().Which.Delivered.Should().Be(code == 0);
    }

    [Fact]
    public async Task too_long_markdown_is_rejected_whole_and_the_text_says_so()
    {
        var (_, body) = await RobotAsync(Markdown("markdown", 4097));
        body.GetProperty("errmsg").GetString().Should().StartWith("markdown.content exceed max length 4096");
    }

    [Theory]
    [InlineData("not json", 47001)]
    [InlineData("[]", 47001)]
    [InlineData("""{"msgtype":"text","text":{"content":"\ud800"}}""", 40033)]
    public async Task a_body_that_cannot_be_read_is_an_error(string body, int code) => (await RobotAsync(body)).Code.Should().Be(code);

    [Fact]
    public async Task bytes_that_are_no_utf8_are_an_error()
    {
        byte[] body = [.. """{"msgtype":"text","text":{"content":" """u8, 0xB1, 0xA8, .. "\"}}"u8];
        var answer = await http.PostAsync(wecom.RobotUrl("boiler"), new ByteArrayContent(body));
        (await ReadAsync(answer)).Code.Should().Be(40033);
        wecom.Counters.Shown.Should().Be(0);
    }

    [Fact]
    public async Task a_robot_takes_twenty_messages_in_any_minute()
    {
        for (var i = 0; i < 20; i++)
        {
            (await RobotAsync(Text($"{i}"))).Code.Should().Be(0);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await RobotAsync(Text("too many"))).Code.Should().Be(45009);
        clock.Advance(TimeSpan.FromSeconds(40));
        (await RobotAsync(Text("the first left the window"))).Code.Should().Be(0);
        (await RobotAsync(Text("the second did not"))).Code.Should().Be(45009);
    }

    [Fact]
    public async Task an_upload_is_good_for_its_robot_for_three_days()
    {
        wecom.AddRobot("pump", "Pump station");
        using var form = new MultipartFormDataContent { { new ByteArrayContent("abcdef"u8.ToArray()), "media", "report.txt" } };
        var answer = await ReadAsync(await http.PostAsync($"{wecom.BaseUrl}/cgi-bin/webhook/upload_media?key=boiler&type=file", form));
        answer.Code.Should().Be(0);
        var file = new { msgtype = "file", file = new { media_id = answer.Body.GetProperty("media_id").GetString() } };

        (await RobotAsync(file)).Code.Should().Be(0);
        (await RobotAsync(file, "pump")).Code.Should().Be(40007);
        clock.Advance(TimeSpan.FromDays(3));
        (await RobotAsync(file)).Code.Should().Be(40007);
    }

    [Theory]
    [InlineData("file", "12345", 40006)]
    [InlineData("voice", "not a voice", 40005)]
    [InlineData("voice", "#!AMR\nxx", 0)]
    [InlineData("video", "a longer one", 40004)]
    public async Task an_upload_meets_the_rule_of_its_type(string type, string content, int code)
    {
        using var form = new MultipartFormDataContent { { new StringContent(content), "media", "x" } };
        (await ReadAsync(await http.PostAsync($"{wecom.BaseUrl}/cgi-bin/webhook/upload_media?key=boiler&type={type}", form))).Code.Should().Be(code);
    }

    [Theory]
    [InlineData("corp", "secret", 0)]
    [InlineData("corp", "wrong", 40001)]
    [InlineData("nobody", "secret", 40013)]
    [InlineData("corp", "secret3", 40091)]
    [InlineData("", "secret", 41002)]
    [InlineData("corp", "", 41004)]
    public async Task a_token_needs_the_company_and_its_secret(string corpId, string secret, int code)
    {
        (await GetTokenAsync(corpId, secret)).Code.Should().Be(code);
        wecom.Counters.TokenCalls.Should().Be(1);
    }

    [Fact]
    public async Task an_app_has_one_token_at_a_time_and_it_ends()
    {
        var token = await TokenAsync();
        clock.Advance(TimeSpan.FromSeconds(7199));
        (await TokenAsync()).Should().Be(token);
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(0);
        clock.Advance(TimeSpan.FromSeconds(1));
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(42001);
        (await TokenAsync()).Should().NotBe(token);
    }

    [Fact]
    public async Task tokens_can_be_ended_or_withdrawn_early()
    {
        (await AppAsync("", AppText("lisi"))).Code.Should().Be(41001);
        (await AppAsync("made-up", AppText("lisi"))).Code.Should().Be(40014);
        var token = await TokenAsync();
        wecom.ExpireTokens();
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(42001);
        token = await TokenAsync();
        wecom.InvalidateTokens("corp", 1000002);
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(40014);
    }

    public static TheoryData<int, object> AppRules => new()
    {
        { 41011, new { touser = "lisi", msgtype = "text", text = new { content = "x" } } },
        { 40056, AppText("lisi", agentId: "1000002") },
        { 40056, AppText("lisi", agentId: 7) },
        { 301002, AppText("lisi", agentId: 1000003) },
        { 40056, AppText("lisi", agentId: 1000004) },
        { 82001, AppText("") },
        { 40032, AppText(string.Join('|', Enumerable.Range(0, 1001))) },
        { 81013, AppText("nobody|wangwu") },
        { 44004, AppText("lisi", content: "") },
        { 0, AppText("lisi", content: new string('x', 5000)) },
        { 0, AppMessage("markdown", new { content = new string('x', 2048) }) },
        { 40058, AppMessage("markdown", new { content = new string('x', 2049) }) },
        { 40008, AppMessage("markdown_v2", new { content = "x" }) },
        { 41033, AppMessage("textcard", new { title = "x", url = "https://x" }) },
        { 40094, AppMessage("textcard", new { title = "x", description = "y", url = "x.example" }) },
        { 0, AppMessage("textcard", new { title = "x", description = "y", url = "https://x" }) },
        { 40074, new { touser = "lisi", msgtype = "news", agentid = 1000002, safe = 1, news = new { articles = new[] { new { title = "x", url = "https://x" } } } } },
        { 0, AppMessage("template_card", new { card_type = "button_interaction", main_title = new { title = "x" } }) },
    };

    [Theory]
    [MemberData(nameof(AppRules))]
    public async Task an_app_message_meets_its_rule(int code, object message)
    {
        (await AppAsync(await TokenAsync(), message)).Code.Should().Be(code);
        wecom.Received.Should().ContainSingle().Which.Delivered.Should().Be(code == 0);
    }

    [Fact]
    public async Task partial_success_is_errcode_0_with_the_others_listed_in_lower_case()
    {
        var (code, body) = await AppAsync(await TokenAsync(), AppText("zhangsan|Nobody|WangWu"));

        code.Should().Be(0);
        body.GetProperty("invaliduser").GetString().Should().Be("nobody");
        body.GetProperty("unlicenseduser").GetString().Should().Be("wangwu");
        body.GetProperty("msgid").GetString().Should().NotBeEmpty();
        wecom.Received.Should().ContainSingle().Which.ShownTo.Should().Equal("zhangsan");
    }

    [Fact]
    public async Task all_reaches_everybody_in_the_visible_range()
    {
        await AppAsync(await TokenAsync(), AppText("@all"));
        wecom.Received.Should().ContainSingle().Which.ShownTo.Should().BeEquivalentTo("ZhangSan", "lisi");
    }

    [Fact]
    public async Task departments_outside_the_visible_range_are_listed()
    {
        wecom.AddApp(new AppRegistration("corp", "secret4", 1000005) { Departments = new Dictionary<string, string[]> { ["2"] = ["zhaoliu"] } });
        var (code, body) = await AppAsync(
            await TokenAsync("secret4"), new { toparty = "2|3", msgtype = "text", agentid = 1000005, text = new { content = "x" } });

        code.Should().Be(0);
        body.GetProperty("invalidparty").GetString().Should().Be("3");
        wecom.Received.Should().ContainSingle().Which.ShownTo.Should().Equal("zhaoliu");
    }

    [Fact]
    public async Task an_app_text_is_cut_at_a_character()
    {
        (await AppAsync(await TokenAsync(), AppText("lisi", content: new string('报', 700)))).Code.Should().Be(0);
        wecom.Received.Should().ContainSingle().Which.Text.Should().Be(new string('报', 682));
    }

    [Fact]
    public async Task an_identical_request_within_its_interval_is_answered_but_not_shown()
    {
        var token = await TokenAsync();
        var message = new { touser = "lisi", msgtype = "text", agentid = 1000002, text = new { content = "x" }, enable_duplicate_check = 1, duplicate_check_interval = 600 };
        var first = await AppAsync(token, message);
        var second = await AppAsync(token, message);
        clock.Advance(TimeSpan.FromSeconds(600));
        await AppAsync(token, message);

        second.Code.Should().Be(0);
        first.Code.Should().Be(0);
        wecom.Received.Select(one => (one.Delivered, one.Duplicate)).Should().Equal((true, false), (false, true), (true, false));
    }

    [Fact]
    public async Task a_member_over_the_rate_silently_misses_messages()
    {
        var token = await TokenAsync();
        for (var i = 0; i < 30; i++)
            await AppAsync(token, AppText("lisi", content: $"{i}"));
        var (code, body) = await AppAsync(token, AppText("lisi|zhangsan"));

        code.Should().Be(0);
        body.TryGetProperty("invaliduser", out _).Should().BeFalse();
        wecom.Received[^1].DroppedFor.Should().Equal("lisi");
        wecom.Received[^1].ShownTo.Should().Equal("zhangsan");
        clock.Advance(TimeSpan.FromMinutes(1));
        await AppAsync(token, AppText("lisi"));
        wecom.Received[^1].ShownTo.Should().Equal("lisi");
    }

    [Fact]
    public async Task an_untrusted_address_gets_a_token_but_may_not_send()
    {
        wecom.SetTrustedIp(false);
        var (code, body) = await AppAsync(await TokenAsync(), AppText("lisi"));
        code.Should().Be(60020);
        body.GetProperty("errmsg").GetString().Should().MatchRegex("^not allow to access from your ip, hint: \\[\\d+\\], from ip: 203\\.0\\.113\\.7, more info at ");
        wecom.SetTrustedIp(true);
        (await AppAsync(await TokenAsync(), AppText("lisi"))).Code.Should().Be(0);
    }

    [Fact]
    public async Task a_removed_robot_is_93000_until_it_is_back()
    {
        wecom.RemoveRobot("boiler");
        (await RobotAsync(Text("x"))).Code.Should().Be(93000);
        wecom.RestoreRobot("boiler");
        (await RobotAsync(Text("x"))).Code.Should().Be(0);
    }

    [Fact]
    public async Task a_fault_meets_as_many_calls_of_its_target_as_it_says()
    {
        wecom.AddRobot("pump", "Pump station");
        wecom.AddFault(new Fault(FaultKind.ErrCode) { Robot = "boiler", Code = -1, Count = 2 });

        (await RobotAsync(Text("1"))).Code.Should().Be(-1);
        (await RobotAsync(Text("2"), "pump")).Code.Should().Be(0);
        (await RobotAsync(Text("3"))).Code.Should().Be(-1);
        (await RobotAsync(Text("4"))).Code.Should().Be(0);
        wecom.Received.Where(one => one.Delivered).Select(one => one.Text).Should().Equal("2", "4");
    }

    [Fact]
    public async Task faults_last_until_they_are_cleared()
    {
        wecom.AddFault(new Fault(FaultKind.ErrCode) { Path = "/cgi-bin/gettoken", Code = 45009 });
        (await GetTokenAsync("corp", "secret")).Code.Should().Be(45009);
        (await GetTokenAsync("corp", "secret")).Code.Should().Be(45009);
        wecom.ClearFaults();
        (await GetTokenAsync("corp", "secret")).Code.Should().Be(0);
    }

    [Theory]
    [InlineData(FaultKind.HttpStatus, 502, 502, "<html>")]
    [InlineData(FaultKind.Html, 0, 200, "<html>")]
    [InlineData(FaultKind.EmptyBody, 0, 200, "")]
    [InlineData(FaultKind.MissingErrCode, 0, 200, """{"errmsg":"ok"}""")]
    public async Task an_answer_can_be_no_verdict(FaultKind kind, int code, int status, string body)
    {
        wecom.AddFault(new Fault(kind) { Code = code, Count = 1 });
        var answer = await http.PostAsync(wecom.RobotUrl("boiler"), JsonOf(Text("x")));

        ((int)answer.StatusCode).Should().Be(status);
        var text = await answer.Content.ReadAsStringAsync();
        (body.Length == 0 ? text.Length == 0 : text.StartsWith(body, StringComparison.Ordinal)).Should().BeTrue();
        wecom.Received.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Fault = kind, Delivered = false, ErrCode = (int?)null });
    }

    [Theory]
    [InlineData(FaultKind.CutBody, true)]
    [InlineData(FaultKind.ResetAfter, true)]
    [InlineData(FaultKind.ResetBefore, false)]
    public async Task a_connection_can_break_with_the_message_shown_or_not(FaultKind kind, bool shown)
    {
        wecom.AddFault(new Fault(kind) { Count = 1 });
        await http.Invoking(client => client.PostAsync(wecom.RobotUrl("boiler"), JsonOf(Text("x")))).Should().ThrowAsync<HttpRequestException>();
        wecom.Received.Should().ContainSingle().Which.Delivered.Should().Be(shown);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(true, true)]
    public async Task a_call_can_hang_until_its_caller_gives_up(bool? processed, bool shown)
    {
        wecom.AddFault(new Fault(FaultKind.Hang) { Processed = processed });
        using var givingUp = new CancellationTokenSource();
        var call = http.PostAsync(wecom.RobotUrl("boiler"), JsonOf(Text("x")), givingUp.Token);
        var met = await wecom.WaitForAsync(one => one.Fault == FaultKind.Hang, Soon);
        await givingUp.CancelAsync();

        await call.Invoking(pending => pending).Should().ThrowAsync<OperationCanceledException>();
        met[0].Delivered.Should().Be(shown);
    }

    [Fact]
    public async Task a_slow_answer_comes_after_the_message_was_shown()
    {
        wecom.AddFault(new Fault(FaultKind.Slow) { DelayMs = 50 });
        var call = RobotAsync(Text("x"));
        (await wecom.WaitForAsync(one => one.Delivered, Soon)).Should().ContainSingle();
        (await call).Code.Should().Be(0);
    }

    [Fact]
    public async Task waiting_ends_with_the_awaited_message_or_tells_what_came_instead()
    {
        var waiting = wecom.WaitForAsync(one => one.Text.StartsWith('b'), Soon, count: 2);
        foreach (var text in (string[])["a", "b1", "b2"])
            await RobotAsync(Text(text));
        (await waiting).Select(one => one.Text).Should().Equal("b1", "b2");

        await wecom.Invoking(it => it.WaitForAsync(one => one.Text == "c", TimeSpan.FromMilliseconds(1)))
            .Should().ThrowAsync<TimeoutException>().WithMessage("*b2*");
    }

    [Fact]
    public async Task only_the_last_messages_are_kept_but_all_are_counted()
    {
        wecom.Options.KeepMessages = 2;
        for (var i = 1; i <= 5; i++)
            await RobotAsync(Text($"{i}"));
        wecom.Received.Select(one => one.Text).Should().Equal("4", "5");
        wecom.Log.Since(4, 10).Select(one => one.Text).Should().Equal("5");
        wecom.Counters.Should().BeEquivalentTo(new { Requests = 5, Shown = 5 });
    }

    [Fact]
    public async Task without_bodies_counters_and_callback_remain()
    {
        wecom.Options.KeepBodies = false;
        var seen = new List<string>();
        wecom.Options.OnReceived = one => seen.Add(one.Text);
        var waiting = wecom.WaitForCountersAsync(counters => counters.Shown == 2, Soon);
        await RobotAsync(Text("1"));
        await RobotAsync(Text("2"));

        (await waiting).Requests.Should().Be(2);
        seen.Should().Equal("1", "2");
        wecom.Received.Should().BeEmpty();
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
        (await http.DeleteAsync($"{wecom.BaseUrl}/_control/faults")).IsSuccessStatusCode.Should().BeTrue();
        (await RobotAsync(Text("fourth"), "pump")).Code.Should().Be(0);

        var received = JsonDocument.Parse(await http.GetStringAsync($"{wecom.BaseUrl}/_control/received?since=1")).RootElement;
        received[0].GetProperty("text").GetString().Should().Be("second");
        (await http.GetStringAsync($"{wecom.BaseUrl}/_control/chat")).Should().Contain("== Pump station ==").And.Contain("[rejected 45033]");
        (await http.DeleteAsync($"{wecom.BaseUrl}/_control/received")).IsSuccessStatusCode.Should().BeTrue();
        wecom.Received.Should().BeEmpty();
    }

    [Theory]
    [InlineData("faults", """{"kind":"nonsense"}""")]
    [InlineData("faults", """{"kind":"html","robbot":"x"}""")]
    [InlineData("faults", """{"kind":"robotRemoved","robot":"unknown"}""")]
    [InlineData("robots", "{}")]
    [InlineData("robots", "not json")]
    public async Task control_refuses_what_it_does_not_understand(string what, string body) =>
        (await http.PostAsync($"{wecom.BaseUrl}/_control/{what}", JsonOf(body))).StatusCode.Should().Be(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/chat.css", "text/css")]
    [InlineData("/chat.js", "text/javascript")]
    public async Task the_chat_page_comes_from_the_stand_in_alone(string path, string type)
    {
        var answer = await http.GetAsync(wecom.BaseUrl + path);
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

    private static object Text(string content) => new { msgtype = "text", text = new { content } };

    private static Dictionary<string, object> Markdown(string type, int bytes) =>
        new() { ["msgtype"] = type, [type] = new { content = new string('x', bytes) } };

    private static object News(int articles) =>
        new { msgtype = "news", news = new { articles = Enumerable.Repeat(new { title = "x", url = "https://x.example" }, articles) } };

    private static object Card(object card) => new { msgtype = "template_card", template_card = card };

    private static object AppText(string toUser, object? agentId = null, string content = "x") =>
        new { touser = toUser, msgtype = "text", agentid = agentId ?? 1000002, text = new { content } };

    private static Dictionary<string, object> AppMessage(string type, object content) =>
        new() { ["touser"] = "lisi", ["msgtype"] = type, ["agentid"] = 1000002, [type] = content };

    private static StringContent JsonOf(object body) => new(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    private async Task<(int Code, JsonElement Body)> RobotAsync(object body, string key = "boiler") =>
        await ReadAsync(await http.PostAsync(wecom.RobotUrl(key), JsonOf(body)));

    private async Task<(int Code, JsonElement Body)> AppAsync(string token, object body) =>
        await ReadAsync(await http.PostAsync($"{wecom.BaseUrl}/cgi-bin/message/send?access_token={token}", JsonOf(body)));

    private async Task<(int Code, JsonElement Body)> GetTokenAsync(string corpId, string secret) =>
        await ReadAsync(await http.GetAsync($"{wecom.BaseUrl}/cgi-bin/gettoken?corpid={corpId}&corpsecret={secret}"));

    private async Task<string> TokenAsync(string secret = "secret", string corpId = "corp") =>
        (await GetTokenAsync(corpId, secret)).Body.GetProperty("access_token").GetString()!;

    private async Task ControlAsync(string what, object body) =>
        (await http.PostAsync($"{wecom.BaseUrl}/_control/{what}", JsonOf(body))).StatusCode.Should().Be(HttpStatusCode.NoContent);

    private static async Task<(int Code, JsonElement Body)> ReadAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return (body.GetProperty("errcode").GetInt32(), body);
    }
}
