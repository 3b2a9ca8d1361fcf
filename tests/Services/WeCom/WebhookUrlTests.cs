using Notify.Channels.WeCom;

namespace Notify.Services.Tests.WeCom;

public sealed class WebhookUrlTests
{
    private const string Key = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa";
    private static readonly string[] allowed = ["http://127.0.0.1:8099", "https://proxy.example:8443/"];

    [Theory]
    [InlineData("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + Key, "https://qyapi.weixin.qq.com")]
    [InlineData("  https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + Key + "\r\n", "https://qyapi.weixin.qq.com")]
    [InlineData("HTTPS://QYAPI.weixin.QQ.com:443/cgi-bin/webhook/send?key=" + Key, "https://qyapi.weixin.qq.com")]
    [InlineData("http://127.0.0.1:8099/cgi-bin/webhook/send?key=" + Key, "http://127.0.0.1:8099")]
    [InlineData("https://proxy.example:8443/cgi-bin/webhook/send?key=" + Key, "https://proxy.example:8443")]
    public void an_address_of_an_allowed_origin_is_taken(string text, string origin)
    {
        WebhookUrl.TryParse(text, allowed, out var url, out _).Should().BeTrue();
        (url!.Origin, url.Key, url.Masked).Should().Be((origin, Key, $"{origin}/cgi-bin/webhook/send?key=****5aaa"));
    }

    [Theory]
    [InlineData("http://qyapi.weixin.qq.com")] // not encrypted
    [InlineData("https://qyapi.weixin.qq.com:8443")]
    [InlineData("https://qyapi.weixin.qq.com:")]
    [InlineData("https://qyapi.weixin.qq.com:0443")]
    [InlineData("https://qyapi.weixin.qq.com.")]
    [InlineData("https://qyapi.weixin.qq.com.evil.example")]
    [InlineData("https://evil.example#qyapi.weixin.qq.com")]
    [InlineData("https://evil.example?qyapi.weixin.qq.com")]
    [InlineData("https://qyapi.weixin.qq.com@evil.example")]
    [InlineData("https://user:pass@qyapi.weixin.qq.com")]
    [InlineData("https://@qyapi.weixin.qq.com")]
    [InlineData("https://qyapi%2Eweixin.qq.com")]
    [InlineData("https://qyapi.weixin.qq%2ecom")]
    [InlineData("https://evil.example\\@qyapi.weixin.qq.com")]
    [InlineData("https:\\\\qyapi.weixin.qq.com")]
    [InlineData("https://qyapi.weixin.qq.com\\.evil.example")]
    [InlineData("https:qyapi.weixin.qq.com")]
    [InlineData("https:/qyapi.weixin.qq.com")]
    [InlineData("https:///qyapi.weixin.qq.com")]
    [InlineData("https://qyapi。weixin。qq。com")] // ideographic full stops, which IDNA reads as dots
    [InlineData("https://ｑｙａｐｉ.weixin.qq.com")]
    [InlineData("https://qyapі.weixin.qq.com")] // a Cyrillic і
    [InlineData("https://xn--qyap-u9d.weixin.qq.com")]
    [InlineData("https://qyapi.weixin.qq.com\u200b")]
    [InlineData("https://qyapi\t.weixin.qq.com")]
    [InlineData("https://qyapi.\nweixin.qq.com")]
    [InlineData("https://qyapi.weixin.qq.com\0")]
    [InlineData("https://127.0.0.1:8099")] // allowed without encryption, not with it
    [InlineData("http://127.0.0.1")]
    [InlineData("http://2130706433:8099")]
    [InlineData("http://0x7f.1:8099")]
    [InlineData("http://[::ffff:127.0.0.1]:8099")]
    [InlineData("file://qyapi.weixin.qq.com")]
    [InlineData("javascript://qyapi.weixin.qq.com")]
    [InlineData("//qyapi.weixin.qq.com")]
    [InlineData("")]
    public void no_trick_leads_to_another_host(string origin) =>
        WebhookUrl.TryParse($"{origin}/cgi-bin/webhook/send?key={Key}", allowed, out _, out _).Should().BeFalse();

    [Theory]
    [InlineData("/cgi-bin/webhook/send")]
    [InlineData("/cgi-bin/webhook/send?key=")]
    [InlineData("/cgi-bin/webhook/send?KEY=abc")]
    [InlineData("/cgi-bin/webhook/send?%6bey=abc")]
    [InlineData("/cgi-bin/webhook/send?key=a%62c")]
    [InlineData("/cgi-bin/webhook/send?key=abc&key=def")]
    [InlineData("/cgi-bin/webhook/send?key=abc&debug=1")]
    [InlineData("/cgi-bin/webhook/send?debug=1&key=abc")]
    [InlineData("/cgi-bin/webhook/send?key=abc#fragment")]
    [InlineData("/cgi-bin/webhook/send?key=abc?")]
    [InlineData("/cgi-bin/webhook/send?key=****5aaa")]
    [InlineData("/cgi-bin/webhook/send/?key=abc")]
    [InlineData("/cgi-bin/webhook/send;x?key=abc")]
    [InlineData("/cgi-bin/webhook/%73end?key=abc")]
    [InlineData("/cgi-bin/webhook/../webhook/send?key=abc")]
    [InlineData("//cgi-bin/webhook/send?key=abc")]
    [InlineData("/CGI-BIN/webhook/send?key=abc")]
    [InlineData("/cgi-bin/webhook/upload_media?key=abc")]
    [InlineData("")]
    public void path_and_key_have_the_one_form(string rest)
    {
        WebhookUrl.TryParse(WebhookUrl.OfficialOrigin + rest, allowed, out _, out var fault).Should().BeFalse();
        fault.Should().NotContain("5aaa");
    }

    [Fact]
    public void a_key_of_more_than_128_characters_is_none() =>
        WebhookUrl.TryParse($"{WebhookUrl.OfficialOrigin}/cgi-bin/webhook/send?key={new string('a', 129)}", [], out _, out _).Should().BeFalse();
}
