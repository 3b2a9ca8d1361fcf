using System.Text;
using System.Text.Json;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Tests.WeCom;

public sealed class WeComPayloadTests
{
    private static readonly Uri linkTarget = new("https://notify.example/a/1?t=x&y=z");

    [Fact]
    public void a_robots_text_calls_people_by_its_lists() =>
        Bodies(RobotMessage.Plan(new("text", "泵站 \"1\" 🔥\r\n热\u0007", new(["zhangsan", "@all"], ["13800000000"])), link: null)).Should().Equal(
            """{"msgtype":"text","text":{"content":"泵站 \"1\" 🔥\n热","mentioned_list":["zhangsan","@all"],"mentioned_mobile_list":["13800000000"]}}""");

    [Fact]
    public void a_robots_markdown_calls_accounts_inline_and_the_others_by_a_text() =>
        Bodies(RobotMessage.Plan(
            new("markdown", "# **Hot** <font color=\"warning\">pump</font>\n<@lisi>", new(["zhangsan", "lisi", "@all"], ["13800000000"])),
            link: null)).Should().Equal(
            """{"msgtype":"markdown","markdown":{"content":"# **Hot** <font color=\"warning\">pump</font>\n<@lisi>\n<@zhangsan>"}}""",
            """{"msgtype":"text","text":{"content":"↑ Hot pump","mentioned_list":["@all"],"mentioned_mobile_list":["13800000000"]}}""");

    [Fact]
    public void markdown_v2_knows_no_mentions() =>
        Bodies(RobotMessage.Plan(new("markdown_v2", "| a |", new(["zhangsan"], [])), link: null)).Should().Equal(
            """{"msgtype":"markdown_v2","markdown_v2":{"content":"| a |"}}""",
            """{"msgtype":"text","text":{"content":"↑ | a |","mentioned_list":["zhangsan"]}}""");

    [Fact]
    public void a_card_leads_to_its_link() =>
        Bodies(RobotMessage.Plan(new("template_card", "Pump hot\nLine 1\nLine 2", Mentions.None), linkTarget)).Should().Equal(
            """{"msgtype":"template_card","template_card":{"card_type":"text_notice","main_title":{"title":"Pump hot"},"sub_title_text":"Line 1\nLine 2","card_action":{"type":1,"url":"https://notify.example/a/1?t=x&y=z"}}}""");

    [Fact]
    public void what_a_card_has_no_room_for_follows_with_the_mentions()
    {
        var payloads = RobotMessage.Plan(new("template_card", "Pump hot\n" + new string('热', 150), new(["zhangsan"], [])), linkTarget);
        payloads.Select(x => x.Format).Should().Equal("template_card", "text");
        Member(payloads[0], "template_card", "sub_title_text").Should().Be(new string('热', 111) + "…");
        Member(payloads[1], "text", "content").Should().Be(new string('热', 39));
        Encoding.UTF8.GetString(payloads[1].Body.Span).Should().Contain("\"mentioned_list\":[\"zhangsan\"]");
    }

    [Fact]
    public void a_card_without_a_link_is_text() =>
        RobotMessage.Plan(new("template_card", "Pump hot", Mentions.None), link: null).Should().ContainSingle().Which.Format.Should().Be("text");

    [Theory]
    [InlineData(true, "text", 2048)]
    [InlineData(true, "markdown", 4096)]
    [InlineData(true, "markdown_v2", 4096)]
    [InlineData(false, "text", 2048)]
    [InlineData(false, "markdown", 2048)]
    public void a_long_message_is_sent_whole_in_parts_that_fit(bool robot, string format, int limit)
    {
        var message = new RenderedMessage(
            format, string.Join('\n', Enumerable.Range(0, 400).Select(i => $"报警 {i:000} 泵站温度过高")), new(["zhangsan"], []));
        var payloads = robot ? RobotMessage.Plan(message, link: null) : AppMessage.Plan(1, ["a"], message, link: null);
        var contents = payloads.Where(x => x.Format == format).Select(x => Member(x, format, "content")).ToList();
        contents.Should().HaveCountGreaterThan(2).And.OnlyContain(x => Encoding.UTF8.GetByteCount(x) <= limit);
        for (var i = 0; i < 400; i++) contents.Should()
            .ContainSingle(x => x.Contains($"报警 {i:000} 泵站温度过高\n", StringComparison.Ordinal)
            || x.EndsWith($"报警 {i:000} 泵站温度过高", StringComparison.Ordinal));
        if (robot && format == "text") payloads.Count(x => Encoding.UTF8.GetString(x.Body.Span).Contains("mentioned_list", StringComparison.Ordinal))
            .Should().Be(1);
    }

    [Theory]
    [InlineData(true, "text", MessageForm.Shorter, "text", 1024)]
    [InlineData(true, "markdown", MessageForm.Shorter, "markdown", 2048)]
    [InlineData(false, "markdown", MessageForm.Shorter, "markdown", 1024)]
    [InlineData(true, "markdown", MessageForm.PlainText, "text", 2048)]
    [InlineData(true, "template_card", MessageForm.PlainText, "text", 2048)]
    [InlineData(false, "template_card", MessageForm.PlainText, "text", 2048)]
    public void a_refused_message_takes_another_form_and_loses_no_words(bool robot, string format, MessageForm form, string sentAs, int limit)
    {
        var message = new RenderedMessage(
            format, string.Join('\n', Enumerable.Range(0, 200).Select(i => $"**报警{i:000}** [泵站](https://notify.example/{i})")), Mentions.None);
        var payloads = robot ? RobotMessage.Plan(message, linkTarget, form) : AppMessage.Plan(1, ["a"], message, linkTarget, form: form);
        payloads.Should().OnlyContain(x => x.Format == sentAs && Encoding.UTF8.GetByteCount(Member(x, sentAs, "content")) <= limit);
        var all = string.Concat(payloads.Select(x => Member(x, sentAs, "content")));
        for (var i = 0; i < 200; i++) all.Should().Contain($"报警{i:000}").And.Contain($"https://notify.example/{i}");
        if (format == "markdown" && form == MessageForm.PlainText) all.Should().NotContain("**").And.NotContain("](");
    }

    [Fact]
    public void an_empty_text_is_never_sent() =>
        Member(RobotMessage.Plan(new("text", " \n", Mentions.None), link: null)[0], "text", "content").Should().Be(ChatText.Placeholder);

    [Fact]
    public void half_a_surrogate_pair_is_replaced() =>
        Member(RobotMessage.Plan(new("text", "a\ud83d", Mentions.None), link: null)[0], "text", "content").Should().Be("a\ufffd");

    [Fact]
    public void an_app_names_its_receivers_and_its_number() =>
        Bodies(AppMessage.Plan(1000002, ["zhangsan", "lisi", "ZhangSan"], new("text", "hot", new(["wangwu"], [])), link: null,
            new(TimeSpan.FromMinutes(30), "n-1"))).Should().Equal(
            """{"touser":"zhangsan|lisi","agentid":1000002,"enable_duplicate_check":1,"duplicate_check_interval":1800,"notify_id":"n-1","msgtype":"text","text":{"content":"hot"}}""");

    [Fact]
    public void everyone_makes_single_receivers_needless()
    {
        var payload = AppMessage.Plan(1, ["zhangsan", "@all"], new("text", "hot", Mentions.None), link: null).Should().ContainSingle().Subject;
        payload.Accounts.Should().Equal("@all");
        Encoding.UTF8.GetString(payload.Body.Span).Should().StartWith("""{"touser":"@all","agentid":1,""");
    }

    [Fact]
    public void more_than_a_thousand_receivers_take_several_requests() =>
        AppMessage.Plan(1, [.. Enumerable.Range(0, 2100).Select(i => $"u{i}")], new("text", "hot", Mentions.None), link: null)
            .Select(x => x.Accounts.Count).Should().Equal(1000, 1000, 100);

    [Theory]
    [InlineData("# Hot\n![chart](https://example.com/c.png)", "markdown", "# Hot\n[chart](https://example.com/c.png)")]
    [InlineData("a\n| x | y |\n| --- | --- |\n| 1 | 2 |", "text", "a\n| x | y |\n| --- | --- |\n| 1 | 2 |")]
    [InlineData("a\n```\ncode\n```", "text", "a\n```\ncode\n```")]
    public void an_app_has_no_markdown_v2(string content, string format, string expected)
    {
        var payload = AppMessage.Plan(1, ["a"], new("markdown_v2", content, Mentions.None), link: null).Should().ContainSingle().Subject;
        payload.Format.Should().Be(format);
        Member(payload, format, "content").Should().Be(expected);
    }

    [Fact]
    public void the_same_message_gives_the_same_bytes()
    {
        static ReadOnlyMemory<byte> Body() =>
            AppMessage.Plan(1, ["a"], new("text", "hot", Mentions.None), link: null, new(TimeSpan.FromHours(9), "n-1"))[0].Body;
        Body().ToArray().Should().Equal(Body().ToArray());
        Encoding.UTF8.GetString(Body().Span).Should().Contain("\"duplicate_check_interval\":14400");
    }

    private static IEnumerable<string> Bodies(IEnumerable<WeComPayload> payloads) => payloads.Select(x => Encoding.UTF8.GetString(x.Body.Span));

    private static string Member(WeComPayload payload, string outer, string inner) =>
        JsonDocument.Parse(payload.Body).RootElement.GetProperty(outer).GetProperty(inner).GetString()!;
}
