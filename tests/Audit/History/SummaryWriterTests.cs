using System.Text.Json.Nodes;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Texts;

namespace Notify.Audit.Tests.History;

public sealed class SummaryWriterTests
{
    private static readonly ProblemTexts noTexts = new([]);

    [Fact]
    public void a_text_of_notify_s_own_is_in_the_reader_s_language_and_a_platform_s_is_as_it_was_said()
    {
        var writer = new SummaryWriter(
            [new EventSummary("x.failed.v1", "It failed[: {~why}]", "失败[：{~why}]")],
            new([new ProblemTable("The service '{}' was disabled. | 通知服务“{0}”已停用。")]));

        Of("The service 'Night' was disabled.").Should().Be(("It failed: The service 'Night' was disabled.", "失败：通知服务“Night”已停用。"));
        Of("invalid credential").Should().Be(("It failed: invalid credential", "失败：invalid credential"));

        (string, string) Of(string why)
        {
            var text = writer.Write("x.failed.v1", new JsonObject { ["why"] = why }, null, Actor.System);
            return (text.En, text.Zh);
        }
    }

    [Fact]
    public void a_name_is_told_as_it_is_also_when_it_is_a_code_elsewhere()
    {
        var writer = new SummaryWriter([new EventSummary("x.alarm_seen.v1", "Alarm “{name}” is {level}", "报警“{name}”为{level}")], noTexts);
        writer.Write("x.alarm_seen.v1", new JsonObject { ["name"] = "High", ["level"] = "High" }, null, Actor.System).Should()
            .Be(new BilingualText("Alarm “High” is high", "报警“High”为高"));
    }

    [Theory]
    [InlineData(0, "Changed 0 rows", "修改 0 行")]
    [InlineData(1, "Changed 1 row", "修改 1 行")]
    [InlineData(2, "Changed 2 rows", "修改 2 行")]
    public void a_number_has_the_singular_and_the_plural_of_its_noun_and_none_is_told_as_zero(int count, string english, string chinese)
    {
        var summary = new EventSummary("x.seen.v1", "Changed {n|row|rows}", "修改 {n} 行");
        Write(summary, new JsonObject { ["n"] = count }).Should().Be(new BilingualText(english, chinese));
        var listed = new EventSummary("x.seen.v1", "Changed {rows#|row|rows}", "修改 {rows#} 行");
        Write(listed, new JsonObject { ["rows"] = new JsonArray([.. Enumerable.Range(0, count).Select(x => (JsonNode)x)]) })
            .Should().Be(new BilingualText(english, chinese));
    }

    [Fact]
    public void a_part_in_brackets_is_left_out_when_its_number_is_zero() =>
        Write(new("x.seen.v1", "Imported[, {n|row|rows}]", "导入[，{n} 行]"), new JsonObject { ["n"] = 0 }).Should()
            .Be(new BilingualText("Imported", "导入"));

    [Fact]
    public void a_text_that_reads_zero_is_told() =>
        Write(new("x.seen.v1", "Seen[, value {value}]", "看到[，值 {value}]"), new JsonObject { ["value"] = "0" }).Should()
            .Be(new BilingualText("Seen, value 0", "看到，值 0"));

    [Fact]
    public void how_many_had_each_outcome_is_told_in_words() =>
        Write(new("x.done.v1", "Done: {outcomes}", "完成：{outcomes}"),
            new JsonObject { ["outcomes"] = new JsonObject { ["cancelled"] = 15, ["notPending"] = 1 } }).Should()
            .Be(new BilingualText("Done: 15 cancelled, 1 not waiting", "完成：15 条已取消、1 条不在等待"));

    [Fact]
    public void nothing_at_all_is_told_as_none() =>
        Write(new("x.done.v1", "Done: {outcomes}", "完成：{outcomes}"), new JsonObject { ["outcomes"] = new JsonObject() }).Should()
            .Be(new BilingualText("Done: none", "完成：无"));

    [Fact]
    public void whom_the_sentence_begins_with_is_not_named_again_as_who_did_it()
    {
        var writer = new SummaryWriter([new EventSummary("x.signed_in.v1", "“{name}” signed in", "“{name}”登录")], noTexts);
        var data = new JsonObject { ["name"] = "Wang" };
        var wang = new Actor("user-1", "Wang", "user");
        writer.Write("x.signed_in.v1", data, null, wang).Should().Be(new BilingualText("“Wang” signed in", "“Wang”登录"));
        writer.Write("x.signed_in.v1", data, null, wang with { Name = "Li" }).En.Should().EndWith(", by Li");
    }

    [Theory]
    [InlineData("Rule “A, B” was changed, by Wang", "Rule “A, B” was changed")]
    [InlineData("Alarm “Hot” is active, reported by Wang", "Alarm “Hot” is active")]
    [InlineData("修改通知规则“A”（操作人：Wang）", "修改通知规则“A”")]
    [InlineData("“Wang” signed in, by Wang", "“Wang” signed in, by Wang")]
    [InlineData("Rule “A” was changed", "Rule “A” was changed")]
    public void who_did_it_is_left_out_where_it_is_shown_beside(string summary, string shown) =>
        SummaryWriter.WithoutActor(summary, new Actor("user-1", "Wang", "user")).Should().Be(shown);

    private static BilingualText Write(EventSummary summary, JsonObject data) =>
        new SummaryWriter([summary], noTexts).Write(summary.EventType, data, null, Actor.System);
}
