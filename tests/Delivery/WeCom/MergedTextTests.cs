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
    private static readonly string?[] values = [null, "9.7 bar", "<font color=\"info\">1</font>", "12\n# 高", "@all", "`x` [a](b)", "温度 85 °C"];
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

    [Theory]
    [MemberData(nameof(Seeds))]
    public void details_are_told_of_every_alarm_as_far_as_there_is_room_and_cost_none_its_place(int seed)
    {
        var random = new Random(seed);
        var alarms = Enumerable.Range(0, random.Next(2, 100)).Select(i => Storm(random, i) with { AlarmPath = $"{places[random.Next(places.Length)]}/P{i}" }).ToList();
        var limit = random.Next(600, 8192);

        if (MergedText.Of(alarms, limit) is not var (text, count)) return;

        MergedText.Of([.. alarms.Select(x => x with { AlarmValue = null })], limit)!.Value.Count.Should().Be(count);
        var told = alarms.Take(count).ToList();
        var sameTime = told.Select(x => x.EventTime).Distinct().Count() == 1;
        Func<NotificationRequested, string>[] forms =
        [
            x => InBrackets(x.AlarmValue is null ? null : Shown(x.AlarmValue), sameTime ? null : $"{x.EventTime:HH:mm:ss}"),
            x => InBrackets(x.AlarmValue is null ? null : Shown(x.AlarmValue)),
            _ => "",
        ];
        var form = Array.FindIndex(forms, detail => told.All(x => Stands(Leaf(x) + detail(x))));
        form.Should().BeGreaterThanOrEqualTo(0, "all are told in one form, in {0}", text);
        foreach (var richer in forms.Take(form))
            (Encoding.UTF8.GetByteCount(text) + told.Sum(x => Encoding.UTF8.GetByteCount(richer(x)) - Encoding.UTF8.GetByteCount(forms[form](x)))).Should().BeGreaterThan(limit);

        bool Stands(string words) =>
            (from before in (string[])["/", ", ", ": ", "; "] from after in (string[])[", ", "; ", "\n"] select before + words + after).Any(x => $"{text}\n".Contains(x, StringComparison.Ordinal));
        static string InBrackets(params string?[] details) => details.All(x => x is null) ? "" : $" ({string.Join(", ", details.Where(x => x is not null))})";
        static string Leaf(NotificationRequested x) => Shown(x.AlarmPath.Split('/')[^1]);
    }

    [Fact]
    public void all_are_told_when_they_fit()
    {
        var alarms = new[] { Alarm("High pressure", "Site1/Line1/a"), Alarm("High pressure", "Site1/Line1/b", second: 3), Alarm("High pressure", "Site1/Line1/b"), Alarm("Fire", "") };
        MergedText.Of(alarms, 160).Should().Be((
            """
            4 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 UTC
            High ActiveUnacked High pressure: Site1/Line1/a, b ×2
            High ActiveUnacked Fire
            """, 4));
    }

    [Fact]
    public void value_and_time_are_told_where_there_is_room()
    {
        var alarms = new[]
        {
            Alarm("High pressure", "Site1/Line1/a") with { AlarmValue = "9.7 bar" }, Alarm("High pressure", "Site1/Line1/b", second: 3) with { AlarmValue = "<@all>" },
            Alarm("High pressure", "Site1/Line1/c", second: 2), Alarm("Fire", "") with { AlarmValue = "on" }, Alarm("Fire", "", second: 1),
        };
        const string Rich =
            """
            5 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 UTC
            High ActiveUnacked High pressure: Site1/Line1/a (9.7 bar, 04:00:00), b (＜＠all＞, 04:00:03), c (04:00:02)
            High ActiveUnacked Fire (on, 04:00:00), (04:00:01)
            """;
        MergedText.Of(alarms, 2048).Should().Be((Rich, 5));
        const string WithValue =
            """
            5 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 UTC
            High ActiveUnacked High pressure: Site1/Line1/a (9.7 bar), b (＜＠all＞), c
            High ActiveUnacked Fire (on), ×1
            """;
        MergedText.Of(alarms, Encoding.UTF8.GetByteCount(Rich) - 1).Should().Be((WithValue, 5));
        MergedText.Of(alarms, Encoding.UTF8.GetByteCount(WithValue) - 1).Should().Be((
            """
            5 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 UTC
            High ActiveUnacked High pressure: Site1/Line1/a, b, c
            High ActiveUnacked Fire ×2
            """, 5));
    }

    [Fact]
    public void times_of_several_days_bear_their_day()
    {
        var alarms = new[] { Alarm("Fire", "a"), Alarm("Fire", "b", second: 24 * 60 * 60) };
        MergedText.Of(alarms, 2048)!.Value.Text.Should().Be(
            """
            2 alarms / 条报警  2026-09-30 04:00:00 ~ 2026-10-01 04:00:00 UTC
            High ActiveUnacked Fire: a (09-30 04:00:00), b (10-01 04:00:00)
            """);
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
        return Alarm(names[random.Next(names.Length)], path, (AlarmLevel)random.Next(4), random.Next(5), (AlarmState)random.Next(4)) with { AlarmValue = values[random.Next(values.Length)] };
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
