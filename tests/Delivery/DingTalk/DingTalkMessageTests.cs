using System.Text;
using System.Text.Json.Nodes;
using Notify.Channels.DingTalk;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Delivery.Tests.DingTalk;

public sealed class DingTalkMessageTests
{
    private static readonly Uri link = new("https://notify.example/a/1?t=x&y=z");

    [Fact]
    public void whom_a_text_calls_stands_in_it() => Bodies(ToRobot(
        "text", "泵站 \"1\" <@lisi>", new(["zhangsan", "LISI", "@all"], ["13800000000"]), deliveryId: "d1")).Should().Equal("""
            {"msgtype":"text","text":{"content":"泵站 \"1\" @lisi\n@zhangsan @all @13800000000"},
            "at":{"atMobiles":["13800000000"],"atUserIds":["lisi","zhangsan"],"isAtAll":true},"msgUuid":"d1"}
            """.ReplaceLineEndings(""));

    [Fact]
    public void everyone_may_be_listed_among_the_numbers() => Bodies(ToRobot("text", "Hot", new(["@all"], ["@all", "13800000000"]))).Should().Equal(
        """{"msgtype":"text","text":{"content":"Hot\n@all @13800000000"},"at":{"atMobiles":["13800000000"],"isAtAll":true}}""");

    [Fact]
    public void markdown_has_a_title_and_line_ends_that_count() => Bodies(
        ToRobot("markdown", "# **Hot** pump\n80 °C", Mentions.None)).Should().Equal(
        """{"msgtype":"markdown","markdown":{"title":"Hot pump","text":"# **Hot** pump  \n80 °C"}}""");

    [Fact]
    public void a_card_calls_nobody_so_a_text_follows_that_does() => Bodies(
        ToRobot("actionCard", "**Pump hot**", new(["zhangsan"], []))).Should().Equal(
        """{"msgtype":"actionCard","actionCard":{"title":"Pump hot","text":"**Pump hot**","singleTitle":"Open the alarm","singleURL":"https://notify.example/a/1?t=x&y=z"}}""",
        """{"msgtype":"text","text":{"content":"↑ Pump hot\n@zhangsan"},"at":{"atUserIds":["zhangsan"]}}""");

    [Fact]
    public void members_get_twenty_to_a_request_and_are_not_called()
    {
        var parts = DingTalkMessage.ToMembers(
            "robot1", [.. Enumerable.Range(1, 45).Select(i => $"u{i}")], new("text", "Hot <@lisi>", new(["zhangsan"], [])), link);
        parts.Select(x => x.Users.Count).Should().Equal(20, 20, 5);
        parts[2].Body.ToJsonString(NotifyJson.Options).Should().Be(
            """{"robotCode":"robot1","userIds":["u41","u42","u43","u44","u45"],"msgKey":"sampleText","msgParam":"{\"content\":\"Hot @lisi\"}"}""");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    [InlineData("actionCard")]
    public void each_part_of_a_long_message_fits_and_nothing_is_lost(string format)
    {
        var lines = Enumerable.Range(0, 700).Select(i => $"\"{i}\" 第 {i} 行，温度过高").ToList();
        var message = new RenderedMessage(format, string.Join('\n', lines), Mentions.None);
        var (robot, members) = (DingTalkMessage.ToRobot(message, link), DingTalkMessage.ToMembers("robot1", ["u1"], message, link));
        robot.Should().HaveCountGreaterThan(1).And.OnlyContain(x => Bytes(x.Body) <= 20_000);
        members.Should().HaveCountGreaterThan(1).And.OnlyContain(x => Encoding.UTF8.GetByteCount((string)x.Body["msgParam"]!) <= 15_000);
        robot.Should().OnlyContain(x => Encoding.UTF8.GetByteCount(x.Shown) <= DingTalkMessage.LimitBytes(true, format));
        members.Should().OnlyContain(x => Encoding.UTF8.GetByteCount(x.Shown) <= DingTalkMessage.LimitBytes(false, format));
        lines.Should().OnlyContain(line => robot.Any(x => x.Shown.Contains(line, StringComparison.Ordinal))
            && members.Any(x => x.Shown.Contains(line, StringComparison.Ordinal)));
    }

    [Fact]
    public void what_is_refused_as_markdown_goes_as_text() =>
        DingTalkMessage.ToRobot(new("markdown", "**Pump** [hot](https://k.example)", Mentions.None), link, MessageForm.PlainText).Single().Body
            .ToJsonString(NotifyJson.Options).Should().Be("""{"msgtype":"text","text":{"content":"Pump hot https://k.example"}}""");

    [Fact]
    public void a_keyword_is_added_where_it_is_missing() =>
        DingTalkMessage.ToRobot(new("text", "Pump hot", Mentions.None), link, keyword: "报警").Single().Shown.Should().Be("Pump hot\n报警");

    private static IReadOnlyList<DingTalkMessage.Part> ToRobot(string format, string text, Mentions mentions, string? deliveryId = null) =>
        DingTalkMessage.ToRobot(new(format, text, mentions), link, deliveryId: deliveryId);

    private static IEnumerable<string> Bodies(IReadOnlyList<DingTalkMessage.Part> parts) =>
        parts.Select(x => x.Body.ToJsonString(NotifyJson.Options));

    private static int Bytes(JsonObject body) => Encoding.UTF8.GetByteCount(body.ToJsonString(NotifyJson.Options));
}
