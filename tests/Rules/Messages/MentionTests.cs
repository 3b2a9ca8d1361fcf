using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Notify.Testing;

namespace Notify.Rules.Tests;

/// <summary>An alarm's labels may say whom a message calls, where its author wants them to.</summary>
public class MentionTests
{
    private static RenderedMessage Render(MessageSettings settings, string owner) => Given.Compiled(settings).Render(
        Given.Alarm with { Labels = owner.Length == 0 ? [] : new Dictionary<string, string> { ["owner"] = owner } }, Given.Noon,
        TimeZones.Get("Asia/Shanghai"), "");

    [Fact]
    public void a_label_names_whom_to_call()
    {
        var message = Render(new() { Content = "x", Mentions = new(["lisi", "{labels.owner}"], ["{labels.owner}", "13800000000"]) },
            "zhangsan，@wangwu; LiSi 13900000001");

        message.Mentions.Accounts.Should().Equal("lisi", "zhangsan", "wangwu", "13900000001");
        message.Mentions.Mobiles.Should().Equal("13800000000", "13900000001");
        message.NotMentioned.Should().BeEquivalentTo([
            new NotMentioned("{labels.owner}", "noMobile", "zhangsan"), new NotMentioned("{labels.owner}", "noMobile", "@wangwu"),
            new NotMentioned("{labels.owner}", "noMobile", "LiSi")]);
    }

    [Theory]
    [InlineData("", "empty", null)]
    [InlineData("  ", "empty", null)]
    [InlineData("@all", "everyone", "@all")]
    [InlineData("ALL", "everyone", "ALL")]
    [InlineData("a|b", "noAccount", "a|b")]
    [InlineData("<zhangsan>", "noAccount", "<zhangsan>")]
    public void a_label_that_names_nobody_calls_nobody_and_says_so(string owner, string reason, string? value)
    {
        var message = Render(new() { Content = "x", Mentions = new(["{labels.owner}"], []) }, owner);

        message.Mentions.Accounts.Should().BeEmpty();
        message.NotMentioned.Should().Equal(new NotMentioned("{labels.owner}", reason, value));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    public void inside_a_text_a_label_calls_whom_it_names(string format)
    {
        var settings = new MessageSettings { Format = format, Content = "{name} <@{labels.owner}>!" };

        Render(settings, "zhang_san").Text.Should().Be("Overpressure <@zhang_san>!");
        Render(settings, "zhangsan, lisi").Text.Should().Be("Overpressure <@zhangsan> <@lisi>!");
        Render(settings, "").Should().BeEquivalentTo(
            new { Text = "Overpressure !", NotMentioned = new[] { new NotMentioned("<@{labels.owner}>", "empty") } });
        Render(settings, "all").Should().BeEquivalentTo(
            new { Text = "Overpressure all!", NotMentioned = new[] { new NotMentioned("<@{labels.owner}>", "everyone", "all") } });
        Render(settings, "zhangsan>,<@all").Text.Should().NotContainAny("<@", "@all");
    }

    [Fact]
    public void two_calls_in_a_row_are_two() =>
        Render(new() { Content = "<@{labels.owner}><@{name}>" }, "zhangsan").Text.Should().Be("<@zhangsan><@Overpressure>");

    [Fact]
    public void a_message_that_calls_by_name_says_nothing_more() =>
        Render(new() { Content = "x", Mentions = new(["@all"], []) }, "").NotMentioned.Should().BeNull();

    [Fact]
    public void a_parameter_is_checked_when_the_message_is_saved()
    {
        var faults = Given.FaultsOf(
            x => (Given.Text with { Mentions = new(["{labels.owner}", "{nmae}", "{labels.owner}"], ["{labels[\"手机\"]}", "{"]) })
            .Validate(x, TestChannels.All));

        faults.Keys.Should().Equal("mentions.accounts[1]", "mentions.accounts[2]", "mentions.mobiles[1]");
        faults["mentions.accounts[1]"].Single().Should().StartWith("Unknown parameter 'nmae'");
    }

    [Fact]
    public void a_name_with_braces_from_before_there_were_parameters_is_a_name() =>
        Render(new() { Content = "x", Mentions = new(["odd{name", "{odd}"], []) }, "").Mentions.Accounts.Should().Equal("odd{name", "{odd}");
}
