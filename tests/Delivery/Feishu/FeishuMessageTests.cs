using System.Text;
using Notify.Channels.Feishu;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Delivery.Tests.Feishu;

public sealed class FeishuMessageTests
{
    private static readonly Uri link = new("https://notify.example/a/1?t=x&y=z");

    [Fact]
    public void a_text_calls_whom_it_names() => Bodies(Of("text", "泵站 \"1\" <@ou_1> <@all>")).Should().Equal(
        """{"msg_type":"text","content":{"text":"泵站 \"1\" <at user_id=\"ou_1\"></at> <at user_id=\"all\"></at>"}}""");

    [Fact]
    public void a_rich_text_has_a_title_and_a_paragraph_for_each_line() => Bodies(Of("post", "Pump hot\n80 °C, see https://k.example/1\n<@ou_1>")).Should()
        .Equal("""
            {"msg_type":"post","content":{"post":{"zh_cn":{"title":"Pump hot","content":[[{"tag":"text","text":"80 °C, see "},
            {"tag":"a","text":"https://k.example/1","href":"https://k.example/1"}],[{"tag":"at","user_id":"ou_1"}]]}}}}
            """.ReplaceLineEndings(""));

    [Fact]
    public void a_card_has_a_title_markdown_and_a_button() => Bodies(Of("card", "**Pump hot**\n80 °C <@ou_1>")).Should().Equal("""
        {"msg_type":"interactive","card":{"config":{"wide_screen_mode":true},"header":{"title":{"tag":"plain_text","content":"Pump hot"},
        "template":"blue"},"elements":[{"tag":"markdown","content":"**Pump hot**\n80 °C <at id=ou_1></at>"},{"tag":"action","actions":
        [{"tag":"button","type":"primary","text":{"tag":"plain_text","content":"Open the alarm"},"url":"https://notify.example/a/1?t=x&y=z"}]}]}}
        """.ReplaceLineEndings(""));

    [Theory]
    [InlineData("<@ou_1> Pump hot\n80 °C")]
    [InlineData("Pump <@ou_1> hot")]
    [InlineData("Pump hot <@ou_1>\n80 °C")]
    public void a_mention_in_the_first_line_stays_out_of_the_title_and_calls(string text)
    {
        var post = Of("post", text).Single().Body["content"]!["post"]!["zh_cn"]!;
        ((string?)post["title"]).Should().Be("Pump hot");
        post["content"]!.ToJsonString().Should().Contain("""{"tag":"at","user_id":"ou_1"}""");
        var card = Of("card", text).Single().Body["card"]!;
        ((string?)card["header"]!["title"]!["content"]).Should().Be("Pump hot");
        ((string?)card["elements"]![0]!["content"]).Should().Contain("<at id=ou_1></at>");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("post")]
    [InlineData("card")]
    public void each_part_of_a_long_message_fits_and_nothing_is_lost(string format)
    {
        var lines = Enumerable.Range(0, 700).Select(i => $"\"{i}\" 第 {i} 行，温度过高").ToList();
        var parts = Of(format, string.Join('\n', lines));
        parts.Should().HaveCountGreaterThan(1);
        parts.Should().OnlyContain(x => Encoding.UTF8.GetByteCount(x.Shown) <= FeishuMessage.LimitBytes(format));
        parts.Should().OnlyContain(x => x.Body.ToJsonString(NotifyJson.Options).Length > 0
            && Encoding.UTF8.GetByteCount(x.Body.ToJsonString(NotifyJson.Options)) <= 20 * 1024);
        lines.Should().OnlyContain(line => parts.Any(x => x.Shown.Contains(line, StringComparison.Ordinal)));
    }

    [Fact]
    public void what_is_refused_as_a_card_goes_as_text() =>
        FeishuMessage.Plan(new("card", "**Pump** [hot](https://k.example)", Mentions.None), link, MessageForm.PlainText).Single().Body
            .ToJsonString(NotifyJson.Options).Should().Be("""{"msg_type":"text","content":{"text":"Pump hot https://k.example"}}""");

    [Fact]
    public void a_keyword_is_added_where_it_is_missing()
    {
        FeishuMessage.Plan(new("text", "Pump hot", Mentions.None), link, keyword: "报警").Single().Shown.Should().Be("Pump hot\n报警");
        FeishuMessage.Plan(new("text", "报警 Pump", Mentions.None), link, keyword: "报警").Single().Shown.Should().Be("报警 Pump");
    }

    private static IReadOnlyList<FeishuMessage.Part> Of(string format, string text) =>
        FeishuMessage.Plan(new(format, text, Mentions.None), link);

    private static IEnumerable<string> Bodies(IReadOnlyList<FeishuMessage.Part> parts) => parts.Select(x => x.Body.ToJsonString(NotifyJson.Options));
}
