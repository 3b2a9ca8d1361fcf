using Notify.Peers.WeCom;

namespace Notify.Acceptance.Tests.Peers;

/// <summary>Tokens and messages of an app of the stand-in keep the rules of the platform's.</summary>
public sealed class WeComAppTests : WeComStandInContext
{
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
        Wecom.Counters.TokenCalls.Should().Be(1);
    }

    [Fact]
    public async Task an_app_has_one_token_at_a_time_and_it_ends()
    {
        var token = await TokenAsync();
        Clock.Advance(TimeSpan.FromSeconds(7199));
        (await TokenAsync()).Should().Be(token);
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(0);
        Clock.Advance(TimeSpan.FromSeconds(1));
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(42001);
        (await TokenAsync()).Should().NotBe(token);
    }

    [Fact]
    public async Task tokens_can_be_ended_or_withdrawn_early()
    {
        (await AppAsync("", AppText("lisi"))).Code.Should().Be(41001);
        (await AppAsync("made-up", AppText("lisi"))).Code.Should().Be(40014);
        var token = await TokenAsync();
        Wecom.ExpireTokens();
        (await AppAsync(token, AppText("lisi"))).Code.Should().Be(42001);
        token = await TokenAsync();
        Wecom.InvalidateTokens("corp", 1000002);
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
        { 40074, new { touser = "lisi", msgtype = "news", agentid = 1000002, safe = 1, news = new { } } },
        { 0, AppMessage("template_card", new { card_type = "button_interaction", main_title = new { title = "x" } }) },
    };

    [Theory]
    [MemberData(nameof(AppRules))]
    public async Task an_app_message_meets_its_rule(int code, object message)
    {
        (await AppAsync(await TokenAsync(), message)).Code.Should().Be(code);
        Wecom.Received.Should().ContainSingle().Which.Delivered.Should().Be(code == 0);
    }

    [Fact]
    public async Task partial_success_is_errcode_0_with_the_others_listed_in_lower_case()
    {
        var (code, body) = await AppAsync(await TokenAsync(), AppText("zhangsan|Nobody|WangWu"));

        code.Should().Be(0);
        body.GetProperty("invaliduser").GetString().Should().Be("nobody");
        body.GetProperty("unlicenseduser").GetString().Should().Be("wangwu");
        body.GetProperty("msgid").GetString().Should().NotBeEmpty();
        Wecom.Received.Should().ContainSingle().Which.ShownTo.Should().Equal("zhangsan");
    }

    [Fact]
    public async Task all_reaches_everybody_in_the_visible_range()
    {
        await AppAsync(await TokenAsync(), AppText("@all"));
        Wecom.Received.Should().ContainSingle().Which.ShownTo.Should().BeEquivalentTo("ZhangSan", "lisi");
    }

    [Fact]
    public async Task departments_outside_the_visible_range_are_listed()
    {
        Wecom.AddApp(new AppRegistration("corp", "secret4", 1000005) { Departments = new Dictionary<string, string[]> { ["2"] = ["zhaoliu"] } });
        var (code, body) = await AppAsync(
            await TokenAsync("secret4"), new { toparty = "2|3", msgtype = "text", agentid = 1000005, text = new { content = "x" } });

        code.Should().Be(0);
        body.GetProperty("invalidparty").GetString().Should().Be("3");
        Wecom.Received.Should().ContainSingle().Which.ShownTo.Should().Equal("zhaoliu");
    }

    [Fact]
    public async Task an_app_text_is_cut_at_a_character()
    {
        (await AppAsync(await TokenAsync(), AppText("lisi", content: new string('报', 700)))).Code.Should().Be(0);
        Wecom.Received.Should().ContainSingle().Which.Text.Should().Be(new string('报', 682));
    }

    [Fact]
    public async Task an_identical_request_within_its_interval_is_answered_but_not_shown()
    {
        var token = await TokenAsync();
        var message = new
        {
            touser = "lisi",
            msgtype = "text",
            agentid = 1000002,
            text = new { content = "x" },
            enable_duplicate_check = 1,
            duplicate_check_interval = 600,
        };
        var first = await AppAsync(token, message);
        var second = await AppAsync(token, message);
        Clock.Advance(TimeSpan.FromSeconds(600));
        await AppAsync(token, message);

        second.Code.Should().Be(0);
        first.Code.Should().Be(0);
        Wecom.Received.Select(one => (one.Delivered, one.Duplicate)).Should().Equal((true, false), (false, true), (true, false));
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
        Wecom.Received[^1].DroppedFor.Should().Equal("lisi");
        Wecom.Received[^1].ShownTo.Should().Equal("zhangsan");
        Clock.Advance(TimeSpan.FromMinutes(1));
        await AppAsync(token, AppText("lisi"));
        Wecom.Received[^1].ShownTo.Should().Equal("lisi");
    }

    [Fact]
    public async Task an_untrusted_address_gets_a_token_but_may_not_send()
    {
        Wecom.SetTrustedIp(false);
        var (code, body) = await AppAsync(await TokenAsync(), AppText("lisi"));
        code.Should().Be(60020);
        body.GetProperty("errmsg").GetString().Should().MatchRegex(
            "^not allow to access from your ip, hint: \\[\\d+\\], from ip: 203\\.0\\.113\\.7, more info at https://.*e=60020$");
        Wecom.SetTrustedIp(true);
        (await AppAsync(await TokenAsync(), AppText("lisi"))).Code.Should().Be(0);
    }
}
