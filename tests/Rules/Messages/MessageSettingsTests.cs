using Notify.Contracts.Rules;
using Notify.Rules.Messages;
using Notify.Testing;

namespace Notify.Rules.Tests;

public class MessageSettingsTests
{
    private static string[] FaultyFields(MessageSettings settings) => [.. Given.FaultsOf(x => settings.Validate(x, TestChannels.All)).Keys];

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    [InlineData("markdown_v2")]
    [InlineData("template_card")]
    public void each_format_of_wecom_is_valid(string format) => FaultyFields(Given.Text with { Format = format }).Should().BeEmpty();

    [Fact]
    public void type_format_zone_and_language_must_be_known()
    {
        FaultyFields(Given.Text with { Type = "pigeon" }).Should().Equal("type");
        FaultyFields(Given.Text with { Format = "html" }).Should().Equal("format");
        FaultyFields(Given.Text with { TimeZone = "UTC+08" }).Should().Equal("timeZone");
        FaultyFields(Given.Text with { TimeZone = "Europe/Berlin" }).Should().BeEmpty();
        FaultyFields(Given.Text with { Language = "de" }).Should().Equal("language");
        FaultyFields(Given.Text with { Language = "zh" }).Should().BeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    public void a_content_is_required(string? content) => FaultyFields(Given.Text with { Content = content! }).Should().Equal("content");

    [Fact]
    public void a_content_is_measured_in_bytes()
    {
        FaultyFields(Given.Text with { Content = new string('警', 6_666) }).Should().BeEmpty();
        FaultyFields(Given.Text with { Content = new string('警', 6_667) }).Should().Equal("content");
    }

    [Fact]
    public void every_fault_of_the_content_is_listed() =>
        Given.FaultsOf(x => (Given.Text with { Content = "{a} {b}" }).Validate(x, TestChannels.All))["content"].Should().HaveCount(2);

    [Fact]
    public void mentions_are_checked_one_by_one()
    {
        var mentions = new Mentions(
            ["zhangsan", "@all", "a b", "ZhangSan", "x>", null!], ["13800000000", "+8613800000001", "@all", "123", "1380000000a"]);

        FaultyFields(Given.Text with { Mentions = mentions }).Should().Equal(
            "mentions.accounts[2]", "mentions.accounts[3]", "mentions.accounts[4]", "mentions.accounts[5]", "mentions.mobiles[3]",
            "mentions.mobiles[4]");
    }

    [Fact]
    public void absent_mentions_are_none() => FaultyFields(Given.Text with { Mentions = new(null!, null!) }).Should().BeEmpty();
}
