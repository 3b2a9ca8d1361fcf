using System.Text;
using Notify.Channels.Messages;
using Notify.Testing;

namespace Notify.Delivery.Tests.Email;

public sealed class HtmlMailTests
{
    private static readonly IMessageFormat html = TestChannels.All.Of("email").Messages.Of("html");

    [Theory]
    [InlineData("<p>", "</p>", "a<b>&\"'", "a&#60;b&#62;&#38;&#34;&#39;")]
    [InlineData("<p>", "</p>", "one\r\ntwo", "one<br>two")]
    [InlineData("<p>", "</p>", "a\u202Eb\u0007c", "abc")]
    [InlineData("<p title=\"", "\">", "x\" onclick=\"y", "x&#34;&#32;onclick=&#34;y")]
    [InlineData("<p title=", ">", "x onclick=y>", "x&#32;onclick=y&#62;")]
    [InlineData("<a href=\"", "\">", "https://k.example/a?b=c&d", "https://k.example/a?b=c&#38;d")]
    [InlineData("<a href=\"", "\">", "javascript:alert(1)", "./javascript:alert(1)")]
    [InlineData("<a HREF = '", "'>", " data:text/html,x", "./data:text/html,x")]
    [InlineData("<a href=\"https://k.example/", "\">", "javascript:x", "javascript:x")]
    public void a_value_adds_no_markup_and_ends_none(string before, string after, string value, string expected)
    {
        var text = new StringBuilder();
        html.Append(text, value, html.PlaceOf(before, after));
        text.ToString().Should().Be(expected);
    }

    [Theory]
    [InlineData("5.1.1", "no such mailbox")]
    [InlineData("550", "no such mailbox")]
    [InlineData("5.7.8", "the password or access token")]
    [InlineData("4.9.9", "not accepting the mail now")]
    [InlineData("5.9.9", "policy rejects")]
    [InlineData("TLS", "certificate")]
    public void a_code_has_words_and_advice_in_both_languages(string code, string words)
    {
        var explained = TestChannels.All.Of("email").Texts.Explain(code)!;
        explained.Meaning.En.Should().Contain(words);
        explained.Meaning.Zh.Should().MatchRegex("[一-龥]");
        explained.Advice.En.Should().NotBeEmpty();
        explained.Advice.Zh.Should().MatchRegex("[一-龥]");
    }
}
