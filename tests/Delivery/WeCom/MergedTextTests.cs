using System.Text;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Delivery.WeCom;

namespace Notify.Delivery.Tests.WeCom;

public sealed class MergedTextTests
{
    private static readonly DateTimeOffset start = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);
    private static int alarms;
    private static readonly string[] names = ["High pressure", "温度过高", "<@zhangsan>", "**loud**", "Door\nopen", "`x`", "[a](http://b)", "# title"];
    private static readonly string[] places = ["", "Site1", "Site1/Line1", "厂区/泵站", "a//b", "<font color=\"warning\">/x", "@all/*"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 100)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void it_keeps_the_limit_and_names_every_alarm_it_counts(int seed)
    {
        var random = new Random(seed);
        var alarms = Enumerable.Range(0, random.Next(2, 300)).Select(i => Storm(random, i)).ToList();
        var limit = random.Next(300, 4096);

        if (MergedText.Of(alarms, limit) is not var (text, count)) return; // the first two are too long to be told together

        count.Should().BeInRange(2, alarms.Count);
        Encoding.UTF8.GetByteCount(text).Should().BeLessThanOrEqualTo(limit);
        text.Should().StartWith($"{count} alarms / 条报警  2026-09-30 04:00:0");
        text.Should().NotContainAny("<", ">", "*", "`", "@", "[", "]", "#", "\r");
        foreach (var alarm in alarms.Take(count))
        {
            var line = $"\n{alarm.Level} {alarm.State} {Shown(alarm.AlarmName)}";
            text.Should().Contain(line);
            if (alarm.AlarmPath.Length > 0) text.Should().Contain(Shown(alarm.AlarmPath.Split('/')[^1]));
        }

        text.Split('\n').Skip(1).Should().OnlyContain(x => char.IsAsciiLetterUpper(x[0]), "an alarm's own words never begin a line");
    }

    [Fact]
    public void all_are_told_when_they_fit()
    {
        var alarms = new[] { Alarm("High pressure", "Site1/Line1/a"), Alarm("High pressure", "Site1/Line1/b", second: 3), Alarm("High pressure", "Site1/Line1/b"), Alarm("Fire", "") };
        MergedText.Of(alarms, 2048).Should().Be((
            """
            4 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 UTC
            High ActiveUnacked High pressure: Site1/Line1/a, b ×2
            High ActiveUnacked Fire
            """, 4));
    }

    [Fact]
    public void alarms_without_a_path_are_counted_also_among_others()
    {
        MergedText.Of([Alarm("Fire", ""), Alarm("Fire", "Site1/a"), Alarm("Fire", "")], 2048)!.Value.Text.Should().EndWith("\nHigh ActiveUnacked Fire ×2: Site1/a");
    }

    [Fact]
    public void an_alarm_that_changed_is_listed_once_as_it_is_now()
    {
        var active = Alarm("Fire", "Site1/a");
        var cleared = active with { State = AlarmState.ClearedAcked };
        var text = MergedText.Of([Alarm("Fire", "Site1/b") with { AlarmId = "alarm-2", State = AlarmState.ClearedAcked }, active, cleared], 2048)!.Value.Text;
        text.Split('\n').Skip(1).Should().Equal("High ClearedAcked Fire: Site1/b, a ×2");
    }

    [Fact]
    public void alarms_too_long_to_be_told_together_are_left_to_their_own_words()
    {
        MergedText.Of([Alarm(new string('热', 700), "a"), Alarm("Fire", "b")], 2048).Should().BeNull();
        MergedText.Of([Alarm("Fire", "b")], 2048).Should().BeNull("one alarm is told in its own words");
    }

    [Fact]
    public void the_most_urgent_come_first()
    {
        var text = MergedText.Of([Alarm("L", "x", AlarmLevel.Low), Alarm("C", "x", AlarmLevel.Critical), Alarm("M", "x", AlarmLevel.Medium)], 2048)!.Value.Text;
        text.Split('\n').Skip(1).Select(x => x.Split(' ')[0]).Should().Equal("Critical", "Medium", "Low");
    }

    [Fact]
    public void a_storm_of_one_line_is_told_in_few_messages()
    {
        var alarms = Enumerable.Range(0, 200).Select(i => Alarm("High pressure", $"Site1/Line1/P{i}")).ToList();
        MergedText.Of(alarms, 2048)!.Value.Count.Should().Be(200);
    }

    private static string Shown(string words) => words
        .Replace('<', '＜').Replace('>', '＞').Replace('*', '＊').Replace('`', '＇').Replace('@', '＠').Replace('[', '［').Replace(']', '］').Replace('#', '＃').Replace('\n', ' ');

    private static NotificationRequested Storm(Random random, int i)
    {
        var place = places[random.Next(places.Length)];
        var path = random.Next(20) == 0 ? "" : $"{place}/P{i}";
        return Alarm(names[random.Next(names.Length)], path, (AlarmLevel)random.Next(4), random.Next(5), (AlarmState)random.Next(4));
    }

    private static NotificationRequested Alarm(
        string name, string path, AlarmLevel level = AlarmLevel.High, int second = 0, AlarmState state = AlarmState.ActiveUnacked)
    {
        var any = new VersionedRef("x-1", 1, "x");
        return new NotificationRequested(
            $"alarm-{Interlocked.Increment(ref alarms)}", name, path, level, state, start.AddSeconds(second), any, any, any, any, "wecom", "lane", [new Receiver(Receiver.Bot, "Line 1")],
            new RenderedMessage(WeComFormats.Markdown, name, Mentions.None));
    }
}
