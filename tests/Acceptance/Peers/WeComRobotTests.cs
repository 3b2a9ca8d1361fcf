using System.Net;
using System.Text.Json;

namespace Notify.Acceptance.Tests.Peers;

/// <summary>A group robot of the stand-in keeps the rules of the platform's.</summary>
public sealed class WeComRobotTests : WeComStandInContext
{
    [Fact]
    public async Task a_robot_shows_a_text_in_its_group()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Wecom.RobotUrl("boiler")) { Content = JsonOf(Text("压力高")) };
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        var answer = await Http.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).Should().Be("""{"errcode":0,"errmsg":"ok"}""");
        var received = Wecom.Received.Should().ContainSingle().Subject;
        received.Should().BeEquivalentTo(
            new { Group = "Boiler house", MsgType = "text", Text = "压力高", ErrCode = 0, Delivered = true, At = Clock.GetUtcNow() });
        received.Headers["traceparent"].Should().StartWith("00-4bf92f3577b34da6");
        JsonDocument.Parse(received.Body).RootElement.GetProperty("msgtype").GetString().Should().Be("text");
    }

    [Fact]
    public async Task a_wrong_key_is_93000_with_hint_address_and_link_behind_http_200()
    {
        var answer = await Http.PostAsync(Wecom.RobotUrl("nobody"), JsonOf(Text("x")));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).Should().MatchRegex(
            "^\\{\"errcode\":93000,\"errmsg\":\"invalid webhook url, hint: \\[\\d+\\], from ip: 203\\.0\\.113\\.7, "
            + "more info at https://open\\.work\\.weixin\\.qq\\.com/devtool/query\\?e=93000\"\\}$");
        Wecom.Received.Should().ContainSingle().Which.Delivered.Should().BeFalse();
    }

    [Fact]
    public async Task any_robot_is_accepted_when_asked_for()
    {
        Wecom.Options.AcceptAnyRobot = true;
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
        Wecom.Received.Should().ContainSingle().Which.Delivered.Should().Be(code == 0);
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
        var answer = await Http.PostAsync(Wecom.RobotUrl("boiler"), new ByteArrayContent(body));
        (await ReadAsync(answer)).Code.Should().Be(40033);
        Wecom.Counters.Shown.Should().Be(0);
    }

    [Fact]
    public async Task a_robot_takes_twenty_messages_in_any_minute()
    {
        for (var i = 0; i < 20; i++)
        {
            (await RobotAsync(Text($"{i}"))).Code.Should().Be(0);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await RobotAsync(Text("too many"))).Code.Should().Be(45009);
        Clock.Advance(TimeSpan.FromSeconds(40));
        (await RobotAsync(Text("the first left the window"))).Code.Should().Be(0);
        (await RobotAsync(Text("the second did not"))).Code.Should().Be(45009);
    }

    [Fact]
    public async Task an_upload_is_good_for_its_robot_for_three_days()
    {
        Wecom.AddRobot("pump", "Pump station");
        using var form = new MultipartFormDataContent { { new ByteArrayContent("abcdef"u8.ToArray()), "media", "report.txt" } };
        var answer = await ReadAsync(await Http.PostAsync($"{Wecom.BaseUrl}/cgi-bin/webhook/upload_media?key=boiler&type=file", form));
        answer.Code.Should().Be(0);
        var file = new { msgtype = "file", file = new { media_id = answer.Body.GetProperty("media_id").GetString() } };

        (await RobotAsync(file)).Code.Should().Be(0);
        (await RobotAsync(file, "pump")).Code.Should().Be(40007);
        Clock.Advance(TimeSpan.FromDays(3));
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
        (await ReadAsync(await Http.PostAsync($"{Wecom.BaseUrl}/cgi-bin/webhook/upload_media?key=boiler&type={type}", form))).Code.Should().Be(code);
    }
}
