using System.Text;
using Notify.Channels.Messages;
using Notify.Channels.WeCom;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Kernel.Texts;
using Notify.Testing;

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

        if (Merged(alarms, limit) is not var (text, count)) return; // the first two are too long to be told together

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
        var alarms = Enumerable.Range(0, random.Next(2, 100))
            .Select(i => Storm(random, i) with { AlarmPath = $"{places[random.Next(places.Length)]}/P{i}" }).ToList();
        var limit = random.Next(600, 8192);

        if (Merged(alarms, limit) is not var (text, count)) return;

        Merged([.. alarms.Select(x => x with { AlarmValue = null })], limit)!.Value.Count.Should().Be(count);
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
            (Encoding.UTF8.GetByteCount(text) + told.Sum(x => Encoding.UTF8.GetByteCount(richer(x)) - Encoding.UTF8.GetByteCount(forms[form](x))))
                .Should().BeGreaterThan(limit);

        bool Stands(string words) =>
            (from before in (string[])["/", ", ", ": ", "; "] from after in (string[])[", ", "; ", "\n"] select before + words + after)
                .Any(x => $"{text}\n".Contains(x, StringComparison.Ordinal));
        static string InBrackets(params string?[] details) =>
            details.All(x => x is null) ? "" : $" ({string.Join(", ", details.Where(x => x is not null))})";
        static string Leaf(NotificationRequested x) => Shown(x.AlarmPath.Split('/')[^1]);
    }

    [Fact]
    public void all_are_told_when_they_fit()
    {
        var alarms = new[] { Alarm("High pressure", "Site1/Line1/a"), Alarm("High pressure", "Site1/Line1/b", second: 3),
            Alarm("High pressure", "Site1/Line1/b"), Alarm("Fire", "") };
        Merged(alarms, 160).Should().Be((
            """
            4 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 +00:00
            High ActiveUnacked High pressure: Site1/Line1/a, b ×2
            High ActiveUnacked Fire
            """, 4));
    }

    [Fact]
    public void value_and_time_are_told_where_there_is_room()
    {
        var alarms = new[]
        {
            Alarm("High pressure", "Site1/Line1/a") with { AlarmValue = "9.7 bar" },
                Alarm("High pressure", "Site1/Line1/b", second: 3) with { AlarmValue = "<@all>" },
            Alarm("High pressure", "Site1/Line1/c", second: 2), Alarm("Fire", "") with { AlarmValue = "on" }, Alarm("Fire", "", second: 1),
        };
        const string Rich =
            """
            5 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 +00:00
            High ActiveUnacked High pressure: Site1/Line1/a (9.7 bar, 04:00:00), b (＜＠all＞, 04:00:03), c (04:00:02)
            High ActiveUnacked Fire (on, 04:00:00), (04:00:01)
            """;
        Merged(alarms, 2048).Should().Be((Rich, 5));
        const string WithValue =
            """
            5 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 +00:00
            High ActiveUnacked High pressure: Site1/Line1/a (9.7 bar), b (＜＠all＞), c
            High ActiveUnacked Fire (on), ×1
            """;
        Merged(alarms, Encoding.UTF8.GetByteCount(Rich) - 1).Should().Be((WithValue, 5));
        Merged(alarms, Encoding.UTF8.GetByteCount(WithValue) - 1).Should().Be((
            """
            5 alarms / 条报警  2026-09-30 04:00:00 ~ 04:00:03 +00:00
            High ActiveUnacked High pressure: Site1/Line1/a, b, c
            High ActiveUnacked Fire ×2
            """, 5));
    }

    [Fact]
    public void times_of_several_days_bear_their_day()
    {
        var alarms = new[] { Alarm("Fire", "a"), Alarm("Fire", "b", second: 24 * 60 * 60) };
        Merged(alarms, 2048)!.Value.Text.Should().Be(
            """
            2 alarms / 条报警  2026-09-30 04:00:00 ~ 2026-10-01 04:00:00 +00:00
            High ActiveUnacked Fire: a (09-30 04:00:00), b (10-01 04:00:00)
            """);
    }

    [Fact]
    public void times_are_those_of_the_single_messages_in_their_zone_and_with_its_offset()
    {
        var alarms = new[] { Of("Fire", "a", zone: "Asia/Shanghai"), Of("Fire", "b", second: 3, zone: "Asia/Shanghai") };
        Merged(alarms, 2048)!.Value.Text.Should().Be(
            """
            2 alarms / 条报警  2026-09-30 12:00:00 ~ 12:00:03 +08:00
            High ActiveUnacked Fire: a (12:00:00), b (12:00:03)
            """);
        MergedText.Of(alarms, WeComFormat.Of(WeComFormats.Text), 2048, calls: true,
            TestChannels.All.Default.Messages)!.Value.Message.TimeZone.Should().Be("Asia/Shanghai");
        Merged([.. alarms.Take(1), alarms[1] with { Content = alarms[1].Content with { TimeZone = "Europe/Berlin" } }], 2048)!.Value.Text.Should()
            .Contain("12:00:00 ~ 12:00:03 +08:00", "times in one list are by one clock");
    }

    [Fact]
    public void where_the_clock_was_put_back_between_them_each_time_bears_its_offset()
    {
        var start = new DateTimeOffset(2026, 10, 25, 0, 59, 0, TimeSpan.Zero);
        var alarms = new[] { Of("Fire", "a", zone: "Europe/Berlin") with { EventTime = start },
            Of("Fire", "b", zone: "Europe/Berlin") with { EventTime = start.AddMinutes(2) } };
        Merged(alarms, 2048)!.Value.Text.Should().Be(
            """
            2 alarms / 条报警  2026-10-25 02:59:00 +02:00 ~ 02:01:00 +01:00
            High ActiveUnacked Fire: a (02:59:00 +02:00), b (02:01:00 +01:00)
            """);
    }

    [Fact]
    public void the_words_are_in_the_language_of_the_messages_when_it_is_one()
    {
        Merged([Of("Fire", "a", language: "zh"), Of("Fire", "b", language: "zh")], 2048)!.Value.Text.Should()
            .StartWith("2 条报警  ").And.EndWith("\n高 已触发、未确认 Fire: a, b");
        Merged([Of("Fire", "a", language: "en"), Of("Fire", "b", language: "en")], 2048)!.Value.Text.Should()
            .StartWith("2 alarms  ").And.EndWith("\nHigh Active, unacknowledged Fire: a, b");
        Merged([Of("Fire", "a", language: "en"), Of("Fire", "b", language: "zh")], 2048)!.Value.Text.Should()
            .StartWith("2 alarms / 条报警  ").And.EndWith("\nHigh ActiveUnacked Fire: a, b");
    }

    [Fact]
    public void whom_the_single_messages_call_by_name_is_called_once()
    {
        NotificationRequested[] alarms =
        [
            Of("Fire", "a", text: "Fire a <@zhangsan>"), Of("Fire", "b", text: "Fire b <@lisi> <@ZhangSan>"),
            Of("Fire", "c", text: "Fire c"), Of("Fire", "d", text: "| <@not> |") with { Content = new("markdown_v2", "<@not>", Mentions.None) },
        ];
        Merged(alarms, 2048)!.Value.Text.Should().EndWith("\nHigh ActiveUnacked Fire: a, b, c, d\n<@zhangsan> <@lisi>");
        MergedText.Of(alarms, WeComFormat.Of(WeComFormats.Text), 2048, calls: false, TestChannels.All.Default.Messages)!.Value.Message.Text.Should()
            .EndWith("a, b, c, d", "an app's members are called by the message itself");
        Merged(alarms, Encoding.UTF8.GetByteCount(Merged(alarms, 2048)!.Value.Text) - 1)!.Value.Count.Should()
            .Be(3, "the calls are part of the text");
    }

    [Fact]
    public void only_whose_alarms_are_listed_are_called()
    {
        var alarms = Enumerable.Range(0, 100).Select(
            i => Of("Fire", $"P{i}", text: $"<@u{i}>") with { Content = new("text", $"<@u{i}>", new([$"m{i}"], [$"1380000{i:0000}"])) }).ToList();
        var (message, count) = MergedText.Of(alarms, WeComFormat.Of(WeComFormats.Text), 400, calls: true, TestChannels.All.Default.Messages)!.Value;

        count.Should().BeInRange(2, 50);
        message.Mentions.Accounts.Should().Equal(Enumerable.Range(0, count).Select(i => $"m{i}"));
        message.Mentions.Mobiles.Should().HaveCount(count);
        message.Text.Split('\n')[^1].Should().Be(string.Join(' ', Enumerable.Range(0, count).Select(i => $"<@u{i}>")));
    }

    [Fact]
    public void alarms_without_a_path_are_counted_also_among_others()
    {
        Merged([Alarm("Fire", ""), Alarm("Fire", "Site1/a"), Alarm("Fire", "")], 2048)!.Value.Text.Should()
            .EndWith("\nHigh ActiveUnacked Fire ×2: Site1/a");
    }

    [Fact]
    public void an_alarm_that_changed_is_listed_once_as_it_is_now()
    {
        var active = Alarm("Fire", "Site1/a");
        var cleared = active with { State = AlarmState.ClearedAcked };
        var text = Merged([Alarm("Fire", "Site1/b") with { AlarmId = "alarm-2", State = AlarmState.ClearedAcked }, active, cleared],
            2048)!.Value.Text;
        text.Split('\n').Skip(1).Should().Equal("High ClearedAcked Fire: Site1/b, a ×2");
    }

    [Fact]
    public void escalations_and_reminders_are_told_from_first_notifications()
    {
        var (first, second) = (Alarm("Fire", "Site1/a"), Alarm("Fire", "Site1/b"));
        NotificationStep escalation = new("step-1", StepKind.Escalation, 0), reminder = new("step-2", StepKind.Reminder, 3);
        Merged([first with { Step = escalation }, second with { Step = escalation }], 2048)!.Value.Text.Should()
            .StartWith("【升级 Escalation】2 alarms / 条报警  ").And.EndWith("\nHigh ActiveUnacked Fire: Site1/a, b");
        Merged([first with { Step = reminder }, second with { Step = reminder }], 2048)!.Value.Text.Should()
            .StartWith("【提醒 Reminder 3】2 alarms / 条报警  ");
        Merged([first, second with { Step = escalation }], 2048)!.Value.Text.Should()
            .StartWith("2 alarms / 条报警  ").And.EndWith("\nHigh ActiveUnacked Fire: Site1/a\n【升级 Escalation】High ActiveUnacked Fire: Site1/b");
    }

    [Fact]
    public void alarms_too_long_to_be_told_together_are_left_to_their_own_words()
    {
        Merged([Alarm(new string('热', 700), "a"), Alarm("Fire", "b")], 2048).Should().BeNull();
        Merged([Alarm("Fire", "b")], 2048).Should().BeNull("one alarm is told in its own words");
    }

    [Fact]
    public void the_most_urgent_come_first()
    {
        var text = Merged([Alarm("L", "x", AlarmLevel.Low), Alarm("C", "x", AlarmLevel.Critical), Alarm("M", "x", AlarmLevel.Medium)],
            2048)!.Value.Text;
        text.Split('\n').Skip(1).Select(x => x.Split(' ')[0]).Should().Equal("Critical", "Medium", "Low");
    }

    [Fact]
    public void a_storm_of_one_line_is_told_in_few_messages()
    {
        var alarms = Enumerable.Range(0, 200).Select(i => Alarm("High pressure", $"Site1/Line1/P{i}")).ToList();
        Merged(alarms, 2048)!.Value.Count.Should().Be(200);
    }

    /// <summary>As in an alarm's own message.</summary>
    private static string Shown(string words)
    {
        var text = new StringBuilder();
        WeComFormat.Of("markdown").Append(text, words, oneLine: true);
        return text.ToString();
    }

    private static (string Text, int Count)? Merged(IReadOnlyList<NotificationRequested> alarms, int limit) =>
        MergedText.Of(alarms, WeComFormat.Of(WeComFormats.Markdown), limit, calls: true, TestChannels.All.Default.Messages) is var (message, count)
            ? (message.Text, count) : null;

    private static NotificationRequested Storm(Random random, int i)
    {
        var place = places[random.Next(places.Length)];
        var path = random.Next(20) == 0 ? "" : $"{place}/P{i}";
        return Alarm(names[random.Next(names.Length)], path, (AlarmLevel)random.Next(4), random.Next(5),
            (AlarmState)random.Next(4)) with
        { AlarmValue = values[random.Next(values.Length)] };
    }

    private static NotificationRequested Of(
        string name, string path, int second = 0, string? zone = null, string? language = null, string text = "own words") =>
        Alarm(name, path, second: second) with
        {
            Content = new RenderedMessage(
            WeComFormats.Markdown, text, Mentions.None)
            { TimeZone = zone, Language = language }
        };

    private static NotificationRequested Alarm(
        string name, string path, AlarmLevel level = AlarmLevel.High, int second = 0, AlarmState state = AlarmState.ActiveUnacked)
    {
        var any = new VersionedRef("x-1", 1, "x");
        return new NotificationRequested(
            $"alarm-{Interlocked.Increment(ref alarms)}", name, path, level, state, start.AddSeconds(second), any, any, any, any, "wecom", "lane",
            [new Receiver("bot", "Line 1")],
            new RenderedMessage(WeComFormats.Markdown, "own words", Mentions.None));
    }
}
