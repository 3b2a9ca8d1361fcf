using Notify.Rules.Pages;

namespace Notify.Ui.Tests.Pages;

public class HarmlessHtmlTests
{
    [Theory]
    [InlineData("""<img src="http://a.example/1.png" alt="Plan">""", """<img alt="Plan">""")]
    [InlineData("<img/src=http://a.example/1.png>", "<img>")]
    [InlineData("""<img alt="x"src=http://a.example/1.png>""", """<img alt="x">""")]
    [InlineData("<IMG\fSRC\n=\n'http://a.example'\tsrcset=b>", "<IMG>")]
    [InlineData("""<img a'b src=http://a.example c'>""", "<img>")]
    [InlineData("""<svg><image href="http://a.example"/><use xlink:href="http://a.example#x"/></svg>""", "<svg><image/><use/></svg>")]
    [InlineData("""<svg><rect fill="url(http://a.example)"/></svg>""", "<svg><rect/></svg>")]
    [InlineData("""<a href="http://a.example/?a=1&amp;b=2" ping=http://a.example>more</a>""", """<a href="http://a.example/?a=1&amp;b=2">more</a>""")]
    [InlineData("<p style='background:url(http://a.example)'>x</p>", "<p>x</p>")]
    [InlineData("<table background=http://a.example width=100% border><td colspan=2>x", """<table width="100%" border=""><td colspan="2">x""")]
    [InlineData("<style>@import 'http://a.example';</style><link rel=stylesheet href=http://a.example><p>x", "<p>x")]
    [InlineData("<style>p { color: red }</STYLE\n>x", "x")]
    [InlineData("<script>if (1<2) alert('<p>')</script>x", "x")]
    [InlineData("<style>never ends <img src=http://a.example>", "")]
    [InlineData("<!-- <img src=x> --><!DOCTYPE html><?xml?><p>x</p foo=1>", "<p>x</p>")]
    [InlineData("<title><img alt='</title><img src=http://a.example>'></title>",
        """<title><img alt="&lt;/title&gt;&lt;img src=http://a.example&gt;"></title>""")]
    [InlineData("""<img alt='say "x"'>""", """<img alt="say &quot;x&quot;">""")]
    [InlineData("<iframe src=http://a.example></iframe><o:p>x</o:p><base href=http://a.example>", "x")]
    [InlineData("1 < 2 and/src=3 > 2 & <b>x</b><", "1 &lt; 2 and/src=3 > 2 & <b>x</b>&lt;")]
    [InlineData("before <img src=http://a.example", "before ")]
    [InlineData("", "")]
    public void text_and_structure_remain_and_nothing_is_loaded(string html, string expected) => HarmlessHtml.Of(html).Should().Be(expected);
}
