using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

public sealed class MergeTests
{
    private static readonly DateTimeOffset start = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public void whoever_one_of_the_merged_calls_is_called()
    {
        var merged = TestChannels.All.Default.Messages.Merge(
            [Waiting("a", new(["zhangsan"], [])), Waiting("b", new(["lisi", "ZhangSan"], ["13800000000"]))])!.Value;
        merged.Count.Should().Be(2);
        merged.Words.Format.Should().Be("text", "only text calls accounts and mobile numbers in the same message");
        merged.Words.Mentions.Should().BeEquivalentTo(new Mentions(["zhangsan", "lisi"], ["13800000000"]));
    }

    [Fact]
    public void without_calls_markdown_stays_markdown_which_holds_twice_as_much()
    {
        var waiting = Enumerable.Range(0, 1000).Select(i => Waiting($"P{i}", Mentions.None)).ToList();
        var markdown = TestChannels.All.Default.Messages.Merge(waiting)!.Value;
        var shorter = TestChannels.All.Default.Messages.Merge([.. waiting.Select(x => x with { Form = MessageForm.Shorter })])!.Value;
        markdown.Words.Format.Should().Be("markdown");
        markdown.Count.Should().BeGreaterThan(500).And.BeGreaterThan(shorter.Count);
    }

    [Fact]
    public void what_is_too_long_to_be_listed_is_not_merged() =>
        TestChannels.All.Default.Messages.Merge([Waiting(new string('热', 1500), Mentions.None), Waiting("b", Mentions.None)]).Should().BeNull();

    private static Work Waiting(string leaf, Mentions mentions)
    {
        var any = new VersionedRef("x-1", 1, "x");
        var request = new NotificationRequested(
            $"alarm-{leaf}", "Hot", $"Site1/{leaf}", AlarmLevel.High, AlarmState.ActiveUnacked, start, any, any, any, any, "wecom", "lane",
            [new Receiver("bot", "Line 1")], new RenderedMessage(WeComFormats.Markdown, leaf, mentions));
        return new Work($"notification-{leaf}", "lane", 1, 0, 0, 0, request, start, "c", "c");
    }
}
