using System.Globalization;
using System.Text;
using Notify.Channels.Messages;

namespace Notify.Delivery.Tests.WeCom;

public sealed class MessageSplitterTests
{
    private static readonly string[] vocabulary =
    [
        "pump ", "报警：", "泵站一号温度过高", "👩‍👩‍👧‍👦", "🇨🇳", "👍🏽", "é", "e\u0301", "\n", "\n\n", "**", "**bold 粗体**", "<font color=\"warning\">", "</font>",
        "<@zhangsan>", "[图表](https://example.com/a?b=c)", "`code`", "\n```sql\nselect 1\n```\n", "\n> quoted ", "![p](https://example.com/p.png)",
        "a", "𠮷", "|", "<", "*",
    ];

    private static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 100)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void parts_keep_within_the_limit_and_together_are_the_text(int seed)
    {
        var random = new Random(seed);
        var text = Compose(random, random.Next(50, 3000));
        var limit = random.Next(MessageSplitter.SmallestLimit, 4096);
        foreach (var markup in new[] { true, false })
        {
            var parts = MessageSplitter.Split(text, limit, markup);
            string.Concat(parts.Select(x => x.Slice)).Should().Be(text);
            parts.Should().OnlyContain(x => strict.GetByteCount(x.ToString()) <= limit && x.Slice.Length > 0);
            if (parts.Count > 1) parts.Select(x => x.Number).Should().Equal(Enumerable.Range(1, parts.Count).Select(i => $"({i}/{parts.Count})\n"));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void no_character_as_people_see_it_is_cut(int seed)
    {
        var text = Compose(new(seed), 800);
        var boundaries = StringInfo.ParseCombiningCharacters(text).ToHashSet();
        var at = 0;
        foreach (var part in MessageSplitter.Split(text, 300, markup: false).SkipLast(1)) boundaries.Should().Contain(at += part.Slice.Length);
    }

    [Fact]
    public void a_text_without_lines_is_cut_between_its_words()
    {
        var words = Enumerable.Range(0, 500).Select(i => $"Pump{i}").ToList();
        var parts = MessageSplitter.Split(string.Join(' ', words), 300, markup: false);
        parts.SelectMany(x => x.Slice.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Should().Equal(words);
    }

    [Theory]
    [InlineData("<font color=\"warning\">")]
    [InlineData("[chart](https://example.com/chart?id=12345)")]
    [InlineData("<@zhangsan>")]
    public void tags_and_links_are_never_cut(string piece)
    {
        var parts = MessageSplitter.Split(string.Concat(Enumerable.Repeat(piece + " hot ", 100)), 500, markup: true);
        parts.Should().HaveCountGreaterThan(1);
        parts.Sum(x => Count(x.Slice, piece)).Should().Be(100);
    }

    [Theory]
    [InlineData("https://k.example/app#/a?b=1&kiosk_mode=~x&from=now-6h&to=now&var-site=north&var-line=7&var-pump=12", true)]
    [InlineData("https://k.example/app#/a?b=1&kiosk_mode=~x&from=now-6h&to=now&var-site=north&var-line=7&var-pump=12", false)]
    [InlineData("[看板](https://k.example/app#/a?b=1&kiosk_mode=~x&from=now-6h&to=now&var-site=north&var-line=7&var-pump=12)", true)]
    [InlineData("<a href=\"https://k.example/app#/a?b=1&kiosk_mode=~x&from=now-6h&to=now&var-site=north&var-line=7\">看板</a>", false)]
    public void a_long_address_is_not_cut(string piece, bool markup)
    {
        var parts = MessageSplitter.Split(string.Concat(Enumerable.Repeat(piece + " hot ", 50)), 500, markup);
        parts.Should().HaveCountGreaterThan(1);
        parts.Sum(x => Count(x.Slice, piece)).Should().Be(50);
    }

    [Fact]
    public void an_open_colour_and_bold_are_closed_and_opened_again()
    {
        var parts = MessageSplitter.Split($"<font color=\"warning\">{new string('x', 500)}</font> **{new string('y', 500)}**", 300, markup: true);
        parts[0].ToString().Should().StartWith("(1/").And.EndWith("x</font>");
        parts[1].ToString().Should().Contain(")\n<font color=\"warning\">x").And.Contain("</font>");
        parts[^1].ToString().Should().Contain(")\n**y").And.EndWith("y**");
        parts.Should().OnlyContain(x => Count(x.ToString(), "<font") == Count(x.ToString(), "</font>") && Count(x.ToString(), "**") % 2 == 0);
    }

    [Fact]
    public void an_open_block_of_code_is_closed_and_opened_again()
    {
        var parts = MessageSplitter.Split("```sql\n" + string.Concat(Enumerable.Repeat("select **1**\n", 60)) + "```", 400, markup: true);
        parts.Should().HaveCountGreaterThan(1).And.OnlyContain(x => Count(x.ToString(), "```") == 2);
    }

    [Fact]
    public void lines_stay_whole_when_they_can()
    {
        var lines = Enumerable.Range(0, 100).Select(i => $"报警 {i} 温度过高").ToList();
        var parts = MessageSplitter.Split(string.Join('\n', lines), 500, markup: false);
        parts.SelectMany(x => x.Slice.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Should().Equal(lines);
    }

    [Fact]
    public void what_fits_to_the_byte_is_left_alone()
    {
        var text = new string('报', 682) + "ab";
        MessageSplitter.Split(text, 2048, markup: false).Should().ContainSingle().Which.ToString().Should().Be(text);
        MessageSplitter.Split(text + "c", 2048, markup: false).Should().HaveCount(2);
    }

    [Fact]
    public void a_character_longer_than_a_part_is_cut_between_code_points()
    {
        var monster = "a" + new string('\u0301', 2000);
        var parts = MessageSplitter.Split(monster, 300, markup: false);
        parts.Should().OnlyContain(x => strict.GetByteCount(x.ToString()) <= 300);
        string.Concat(parts.Select(x => x.Slice)).Should().Be(monster);
    }

    private static string Compose(Random random, int words) =>
        string.Concat(Enumerable.Range(0, words).Select(_ => vocabulary[random.Next(vocabulary.Length)]));

    private static int Count(string text, string what) => text.Split(what).Length - 1;
}
