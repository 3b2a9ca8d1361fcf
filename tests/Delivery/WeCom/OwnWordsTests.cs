using Notify.Channels.Messages;
using Notify.Channels.WeCom;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

/// <summary>What is said in place of a message has its language and its clock, and calls whom it calls.</summary>
public sealed class OwnWordsTests
{
    private static readonly Uri link = new("https://ops.example.com/notify/alarms/alarm-1");

    [Theory]
    [InlineData(null, "High ActiveUnacked  2026-09-30 12:00:00 +08:00\nThe platform refuses the words of this alarm's message; read them in Notify.\n平台拒绝了该报警的通知内容，请在 Notify 中查看。\n")]
    [InlineData("en", "High Active, unacknowledged  2026-09-30 12:00:00 +08:00\nThe platform refuses the words of this alarm's message; read them in Notify.\n")]
    [InlineData("zh", "高 已触发、未确认  2026-09-30 12:00:00 +08:00\n平台拒绝了该报警的通知内容，请在 Notify 中查看。\n")]
    public void in_place_of_refused_words(string? language, string expected)
    {
        var message = OwnWords.InPlaceOfRefused(
            Requested("**Hot** <@zhangsan>", language), link, calls: true, WeComFormat.Of("text"), TestChannels.All.Default.Messages);

        message.Text.Should().Be($"{expected}{link}\n<@zhangsan>");
        (message.Format, message.Mentions.Accounts.Single()).Should().Be(("text", "lisi"));
        OwnWords.InPlaceOfRefused(Requested("<@zhangsan>", language), link, calls: false, WeComFormat.Of("text"),
            TestChannels.All.Default.Messages).Text.Should().Be($"{expected}{link}");
    }

    [Fact]
    public void in_place_of_no_words_an_alarms_name_calls_nobody() =>
        OwnWords.InPlaceOfNothing(Requested(" ", "zh") with { AlarmName = "<@all>\nfire" }, WeComFormat.Of("text")).Text.Should()
            .Be("高 已触发、未确认 ＜＠all> fire: Site1/a");

    [Theory]
    [InlineData(null, "【重发 Repeat】2026-09-30 12:00:00 +08:00\nHot")]
    [InlineData("zh", "【重发】2026-09-30 12:00:00 +08:00\nHot")]
    [InlineData("en", "[Repeat] 2026-09-30 12:00:00 +08:00\nHot")]
    public void a_repeat_says_of_when_it_is(string? language, string expected) =>
        OwnWords.AsRepeat(Requested("Hot", language).Content, new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero), WeComFormat.Of("text")).Text
            .Should().Be(expected);

    [Fact]
    public void nothing_is_put_before_a_text_of_which_it_is_not_known_that_it_may_be() =>
        OwnWords.AsRepeat(Requested("{}", "en").Content, new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero), null).Text.Should().Be("{}");

    [Theory]
    [InlineData("**[看板](https://k.example/#/a?b=1&c_d=~x**y)** `code`", "看板 https://k.example/#/a?b=1&c_d=~x**y code")]
    [InlineData("> # Title <font color=\"warning\">hot</font> <@zhangsan>", "Title hot <@zhangsan>")]
    [InlineData("![p](https://k.example/`x`.png)", "p https://k.example/`x`.png")]
    public void without_markup_an_address_stays_whole(string text, string expected) => ChatText.WithoutMarkup(text).Should().Be(expected);

    private static NotificationRequested Requested(string text, string? language)
    {
        var any = new VersionedRef("x-1", 1, "x");
        return new NotificationRequested(
            "alarm-1", "Hot", "Site1/a", AlarmLevel.High, AlarmState.ActiveUnacked, new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero), any, any, any, any,
            "wecom", "lane",
            [new Receiver("bot", "Line 1")], new RenderedMessage(
            "markdown", text, new(["lisi"], []))
            { Language = language, TimeZone = "Asia/Shanghai" });
    }
}
