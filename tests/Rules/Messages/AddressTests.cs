using System.Text.RegularExpressions;
using CsCheck;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

/// <summary>An address stays the one that it was, wherever it stands in a message; and nothing in it gets out of its place.</summary>
public class AddressTests
{
    private const string Kiosk = "https://k.example/app#/a?b=1&kiosk_mode=~x";
    private const string BreakOut = ") <@all> [y](https://evil.example";

    private static readonly string[] markdowns = ["markdown", "markdown_v2"];
    private static readonly TemplateContext context = new(TimeZones.Get("Asia/Shanghai"), "https://n.example/a/tok_en-1_?x=_y~z");

    public static TheoryData<string> Markdowns => [.. markdowns];

    private static string Render(string content, string value, string format, string? second = null) =>
        Template.Parse(content, Given.Format(format)).Render(
        Given.Alarm with { Labels = new Dictionary<string, string> { ["u"] = value, ["v"] = second ?? "" }, Description = value }, context);

    [Theory]
    [MemberData(nameof(Markdowns))]
    public void in_a_link_or_an_image_an_address_is_whole(string format)
    {
        Render("[x]({labels.u})", Kiosk, format).Should().Be($"[x]({Kiosk})");
        Render("![x]({labels.u})", Kiosk, format).Should().Be($"![x]({Kiosk})");
        Render("[x](https://k.example/#/d?v={labels.u}&w={labels.v})", "a_b~c", format, "1&2").Should()
            .Be("[x](https://k.example/#/d?v=a_b~c&w=1&2)");
        Render("[x]({labels.u})", "http://[::1]:80/**_a_**", format).Should().Be("[x](http://[::1]:80/**_a_**)");
        Render("[x]({labels.u})", "https://k.example/厂区?a=泵", format).Should().Be("[x](https://k.example/厂区?a=泵)");
    }

    [Theory]
    [MemberData(nameof(Markdowns))]
    public void nothing_breaks_out_of_a_link(string format)
    {
        Render("[x]({labels.u})", Kiosk + BreakOut, format).Should().Be($"[x]({Kiosk}%29%20%3C@all%3E%20[y]%28https://evil.example)");
        Render("[x]({labels.u})", "a\nb\r\tc\u202Ed\0\\", format).Should().Be("[x](./a%0Ab%0D%09c%E2%80%AEd%00%5C)");
        Render("[x]({labels.u})", "https://a/&#41;&#60;@all&gt;?b=1;c", format).Should().Be("[x](https://a/&#41%3B&#60%3B@all&gt%3B?b=1;c)");
        Render("[x](<{labels.u}>)", "a> <@all>", format).Should().Be("[x](<./a%3E%20%3C@all%3E>)");
    }

    [Theory]
    [MemberData(nameof(Markdowns))]
    public void among_words_an_address_is_whole(string format)
    {
        Render("见 {description}。", $"看板 {Kiosk}, 处理", format).Should().Be($"见 看板 {Kiosk}, 处理。");
        Render("{labels.u}", Kiosk, format).Should().Be(Kiosk);
        Render("https://k.example/#/d?v={labels.u}", "a_b~c d", format).Should().Be("https://k.example/#/d?v=a_b~c%20d");
        Render("{description}", "https://k.example/_plugin/*/~~x", format).Should()
            .Be("https://k.example/%5Fplugin/%2A/%7E%7Ex", "decoded it is the same");
        Render("{urlPath} [x]({urlPath})", "", format).Should().Be($"{context.UrlPath} [x]({context.UrlPath})");
    }

    [Theory]
    [MemberData(nameof(Markdowns))]
    public void an_address_among_words_is_no_way_out(string format)
    {
        Render("[{labels.u}](https://k.example)", "https://a](https://evil.example) <@all>", format).Should()
            .NotContainAny("](https://evil", "<@", "<", "@all>");
        Render("{labels.u}", "https://a`**_b_**<@all>", format).Should().NotContainAny("`", "*", "<", "@", "_b");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("template_card")]
    [InlineData("markdown")]
    public void in_an_attribute_an_address_is_whole_and_cannot_end_it(string format)
    {
        Render("""<a href="{labels.u}">x</a>""", Kiosk, format).Should().Be($"""<a href="{Kiosk}">x</a>""");
        Render("""<a class="y" HREF = '{labels.u}'>x</a>""", "https://a/?b='c'\"><@all>", format).Should().Be("""<a class="y" HREF = 'https://a/?b=%27c%27%22%3E%3C@all%3E'>x</a>""");
        Render("<a href={labels.u}>x</a>", "https://a b", format).Should().Be("<a href=https://a%20b>x</a>");
    }

    [Fact]
    public void in_text_an_address_is_whole()
    {
        foreach (var format in (string[])["text", "template_card"])
        {
            Render("见 {labels.u}", Kiosk, format).Should().Be($"见 {Kiosk}");
            Render("https://k.example/d?v={labels.u}", "a b<@all>\nc", format).Should().Be("https://k.example/d?v=a%20b%3C@all%3E%0Ac");
        }
    }

    [Fact]
    public void after_an_address_has_ended_words_are_words()
    {
        Render("https://k.example/a {labels.u}", "two words", "text").Should().Be("https://k.example/a two words");
        Render("(https://k.example/a){labels.u}", "two words", "text").Should().Be("(https://k.example/a)two words");
        Render("https://k.example/a，{labels.u}", "two words", "text").Should().Be("https://k.example/a，two words");
        Render("[x](https://k.example) {labels.u}", "a#b", "markdown").Should().Be("[x](https://k.example) a＃b");
    }

    private static readonly string[] pieces =
    [
        "https://k.example/", "http://", "https://", "://", Kiosk, BreakOut, "](", "<@", "all>", "&#41;", "&lt;", "**", "__", "~~", "😀", "\ud800",
        "警报", "\u202E", "\u2028",
        .. "<>@*_`[]()#|~\\&-+=1. a\n\r\t;\"'/?:{}\0".Select(x => x.ToString()),
    ];

    private static readonly Gen<string> values = Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, 12].Select(string.Concat);

    [Theory]
    [MemberData(nameof(Markdowns))]
    public void in_a_link_every_value_stays_in_its_place_and_is_itself_when_decoded(string format) => values.Sample(
        value =>
        {
            var text = Render("[x]({labels.u}) |tail", value, format);
            var target = Regex.Match(text, @"^\[x\]\((?<u>[^\s()<>""`\\|]*)\) \|tail$", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["u"];
            var whole = string.Concat(value.Trim().EnumerateRunes());
            // What leads neither into the web nor to a mail or a phone leads nowhere.
            var start = Regex.IsMatch(whole, "^(https?|mailto|tel)(:|$)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
                ? "" : "./";
            // An end of an entity is encoded; so are halves of pairs, which are no characters.
            return target.Success && Uri.UnescapeDataString(target.Value) == start + Uri.UnescapeDataString(whole)
                && "#&_~?=".All(c => target.Value.Count(x => x == c) == whole.Count(x => x == c));
        }, iter: 5_000);

    [Theory]
    [MemberData(nameof(Markdowns))]
    public void among_words_no_value_is_markup_or_a_call(string format) => Gen.Select(values, values).Sample(
        (first, second) =>
        {
            var text = Render("{labels.u}{labels.v}", first, format, second);
            return !text.Any(c => "<>*`[]\n\r\t\0\u202E\u2028".Contains(c, StringComparison.Ordinal))
                && !text.Contains("~~", StringComparison.Ordinal)
                && (format == "markdown" || !text.Contains('|', StringComparison.Ordinal));
        }, iter: 5_000);

    [Theory]
    [InlineData("""<a href="{labels.u}">x</a>""", """^<a href="[^"<>\s]*">x</a>$""")]
    [InlineData("<a href='{labels.u}'>x</a>", "^<a href='[^'<>\\s]*'>x</a>$")]
    [InlineData("https://k.example/{labels.u} tail", "^https://k.example/[^<>\"\\s]* tail$")]
    public void in_text_every_value_stays_in_its_address(string content, string expected) =>
        values.Sample(value => Regex.IsMatch(Render(content, value, "text"), expected, RegexOptions.None, TimeSpan.FromSeconds(1)), iter: 5_000);
}
