using System.Globalization;
using Microsoft.Extensions.Configuration;
using Notify.Audit.HistoryReviews;
using Notify.Kernel;

namespace Notify.Audit.Tests.HistoryReviews;

/// <summary>Given which periods somebody has read, these are left.</summary>
public sealed class ReviewsDueTests
{
    private static readonly DateTimeOffset begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void without_a_setting_all_that_nobody_has_read_is_listed_and_nothing_is_overdue() =>
        Due(40, "", [Read(10, 20)]).Should().Equal("0–10 @", "20–40 @");

    [Fact]
    public void a_period_is_due_when_it_has_ended_and_overdue_after_the_time_that_the_setting_gives()
    {
        Due(29, "30/14", []).Should().BeEmpty();
        Due(44, "30/14", []).Should().Equal("0–30 @44");
        Due(45, "30/14", []).Should().Equal("0–30 @44!");
        Due(75, "30/14", []).Should().Equal("0–30 @44!", "30–60 @74!");
    }

    [Fact]
    public void what_somebody_has_read_is_not_due_whatever_the_pieces()
    {
        Due(75, "30/14", [Read(0, 60)]).Should().BeEmpty();
        Due(75, "30/14", [Read(20, 70), Read(0, 25)]).Should().BeEmpty();
        Due(75, "30/14", [Read(0, 10), Read(15, 62)]).Should().Equal("10–15 @29!");
        Due(100, "30/14", [Read(0, 62)]).Should().Equal("62–92 @106");
    }

    [Fact]
    public void a_review_that_left_something_out_counts_for_nothing_here() =>
        Due(45, "30/14", [Read(0, 45) with { Filter = new ReviewedEntries(Module: "rules") }]).Should().Equal("0–30 @44!");

    [Fact]
    public void what_was_recorded_before_the_setting_says_need_not_be_read()
    {
        Due(75, "30/14", [], from: 40).Should().Equal("40–70 @84");
        Due(75, "30/14", [], from: 100).Should().BeEmpty();
    }

    [Theory]
    [InlineData("EveryDays", "often")]
    [InlineData("EveryDays", "-1")]
    [InlineData("WithinDays", "367")]
    [InlineData("From", "yesterday")]
    public void a_setting_that_cannot_be_is_refused(string name, string value) =>
        ((Action)(() => SettingsOf((name, value)))).Should().Throw<StartException>().WithMessage($"Notify:HistoryReviews:{name} is '{value}'*");

    private static HistoryReviewed Read(int from, int to) =>
        new(begin.AddDays(from), begin.AddDays(to), null, "As expected", 1, 1, 1, "");

    /// <param name="setting">Days of a period and days to read it in.</param>
    private static List<string> Due(int now, string setting, IEnumerable<HistoryReviewed> reviews, int? from = null)
    {
        var days = setting.Split('/');
        var settings = SettingsOf(
            ("EveryDays", days[0]), ("WithinDays", days.Length > 1 ? days[1] : ""),
            ("From", from is { } x ? begin.AddDays(x).ToString("O", CultureInfo.InvariantCulture) : ""));
        return
        [
            .. ReviewsDue.Of(begin, reviews, settings, begin.AddDays(now)).Select(x =>
                $"{Day(x.From)}–{Day(x.To)} @{(x.DueAt is { } at ? Day(at) : "")}{(x.IsOverdue ? "!" : "")}"),
        ];
    }

    private static string Day(DateTimeOffset at) => (at - begin).TotalDays.ToString(CultureInfo.InvariantCulture);

    private static HistoryReviewSettings SettingsOf(params (string Name, string Value)[] values) => new(
        new ConfigurationBuilder().AddInMemoryCollection(
            values.Select(x => KeyValuePair.Create($"Notify:HistoryReviews:{x.Name}", (string?)x.Value))).Build());
}
