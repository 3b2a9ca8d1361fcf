using System.Text.RegularExpressions;
using CsCheck;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public class EscapingTests
{
    private static readonly TemplateContext context = new(TimeZones.Get("Asia/Shanghai"), "");

    private static string Render(string value, string format, string content = "{description}") =>
        Template.Parse(content, Given.Format(format)).Render(Given.Alarm with { Description = value, Value = value }, context);

    /// <summary>Reads <c>^x</c> as the full-width x, which in source would be hard to tell from x.</summary>
    private static string Wide(string text) =>
        Regex.Replace(text, @"\^.", x => ((char)(x.Value[1] + 0xFEE0)).ToString(), RegexOptions.None, TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData("<@all> look", "^<^@all> look")]
    [InlineData("<a href=\"x\">y</a>", "^<a href=\"x\">y^</a>")]
    [InlineData("@all>", "^@all>")]
    [InlineData("ends with <", "ends with ^<")]
    [InlineData("T < 5, p <= 3, q <7, a@b.com, 5*3, LINE_1 [x] #2", "T < 5, p <= 3, q <7, a@b.com, 5*3, LINE_1 [x] #2")]
    [InlineData("two\nlines", "two\nlines")]
    public void in_text_a_value_mentions_nobody_and_stays_readable(string value, string expected) =>
        Render(value, "text").Should().Be(Wide(expected));

    [Theory]
    [InlineData("<@all>", "^<^@all^>")]
    [InlineData("**bold**", "^*^*bold^*^*")]
    [InlineData("`code`", "^`code^`")]
    [InlineData("[link](http://x)", "^[link^](http://x)")]
    [InlineData("# heading", "^# heading")]
    [InlineData("</font>", "^</font^>")]
    [InlineData("_slanted_ LINE_1_TT", "^_slanted^_ LINE_1_TT")]
    [InlineData("__init__", "^_^_init^_^_")]
    [InlineData("~~gone~~", "^~^~gone^~^~")]
    [InlineData("C:\\", "C:^\\")]
    [InlineData("\\* C:\\data", "^\\^* C:\\data")]
    [InlineData("&lt;x R&D a & b", "^&lt;x R&D a & b")]
    [InlineData("a\n> quote\r\n# heading", "a ^> quote ^# heading")]
    [InlineData("- item", "^- item")]
    [InlineData("---", "^---")]
    [InlineData("-5", "-5")]
    [InlineData("1. item", "1^. item")]
    [InlineData("12.4", "12.4")]
    [InlineData("    indented", "indented")]
    public void in_markdown_a_value_is_no_markup(string value, string expected)
    {
        Render(value, "markdown").Should().Be(Wide(expected));
        Render(value, "markdown_v2").Should().Be(Wide(expected));
    }

    [Theory]
    [InlineData("javascript:alert(1)", "./javascript:alert%281%29")]
    [InlineData(" JavaScript:alert", "./JavaScript:alert")]
    [InlineData("intent://scan/#Intent;end", "./intent://scan/#Intent;end")]
    [InlineData("file:///etc/passwd", "./file:///etc/passwd")]
    [InlineData("data:text/html,x", "./data:text/html,x")]
    [InlineData("\u200bjavascript:x", "./%E2%80%8Bjavascript:x")]
    [InlineData("//evil.example", ".///evil.example")]
    [InlineData("", "./")]
    [InlineData("https://kb.example/a?b=c", "https://kb.example/a?b=c")]
    [InlineData("HTTP://kb.example", "HTTP://kb.example")]
    [InlineData("mailto:ops@example.com", "mailto:ops@example.com")]
    [InlineData("tel:+8610", "tel:+8610")]
    public void a_value_that_begins_a_link_leads_into_the_web_to_a_mail_or_a_phone_and_nowhere_else(string value, string expected)
    {
        Render(value, "markdown", "[open]({value})").Should().Be($"[open]({expected})");
        Render(value, "markdown_v2", "![x](<{value}>)").Should().Be($"![x](<{expected}>)");
        Render(value, "text", "<a href=\"{value}\">open</a>").Should().Be($"<a href=\"{expected}\">open</a>");
        Render(value, "text", "<a href={value}>open</a>").Should().Be($"<a href={expected}>open</a>");
    }

    [Theory]
    [InlineData("https", "[open]({value}://kb.example)", "[open](https://kb.example)")]
    [InlineData("javascript", "[open]({value}://%0aalert)", "[open](./javascript://%0aalert)")]
    [InlineData("javascript:x", "[open](https://kb.example/{value})", "[open](https://kb.example/javascript:x)")]
    [InlineData("javascript:x", "[open]({labels.none}{value})", "[open](./javascript:x)")]
    public void also_where_the_author_or_another_value_writes_a_part_of_it(string value, string content, string expected) =>
        Render(value, "markdown", content).Should().Be(expected);

    [Fact]
    public void a_value_adds_no_cell_to_a_table() => Render("a|b\nc", "markdown_v2", "| x | {value} |").Should().Be(Wide("| x | a^|b c |"));

    [Fact]
    public void a_value_adds_no_line_to_a_card() => Render("a\nb: c", "template_card").Should().Be("a b: c");

    [Fact]
    public void the_authors_markup_stays() => Render("x", "markdown", "# **{value}** <font color=\"warning\">`{{}}`</font> <@zhangsan>")
        .Should().Be("# **x** <font color=\"warning\">`{}`</font> <@zhangsan>");

    [Fact]
    public void control_characters_reordering_marks_and_broken_surrogates_are_gone() =>
        Render("a\u0007b\u202Ec\ud800d\u2067e😀", "text").Should().Be("abc\uFFFDde😀");

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    [InlineData("markdown_v2")]
    public void no_two_values_make_markup_together(string format)
    {
        var values = Gen.Char["<>@*_`[]#|~\\&-+=1. a\n"].Array[0, 12].Select(x => new string(x));
        Gen.Select(values, values).Sample((first, second) =>
        {
            var text = Template.Parse("{description}{value}", Given.Format(format))
                .Render(Given.Alarm with { Description = first, Value = second }, context);

            if (format == "text") return !text.Contains("<@", StringComparison.Ordinal) && !text.Contains("<a", StringComparison.Ordinal);
            return !text.Any(c => "<>*`@[]#~\n".Contains(c, StringComparison.Ordinal))
                && (format == "markdown" || !text.Contains('|', StringComparison.Ordinal));
        }, iter: 5_000);
    }
}
