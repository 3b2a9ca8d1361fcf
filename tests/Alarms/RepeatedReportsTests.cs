using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Tests;

/// <summary>What of many repeats goes on record.</summary>
public sealed class RepeatedReportsTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-22T12:00:00Z");
    private readonly RepeatedReports repeated = new();

    [Fact]
    public void each_request_has_its_own_record_and_counts_what_it_holds_several_times() =>
        Record(Noon, Repeat("a"), Repeat("a"), Repeat("b"), Repeat("a", of: 3)).Should()
            .Equal(("a", 1, 2, null), ("b", 1, 1, null), ("a", 3, 1, null));

    [Fact]
    public void a_flood_ends_with_a_record_that_counts_the_rest_and_says_until_when_more_is_passed_over()
    {
        var first = Record(Noon, [.. Enumerable.Range(1, RepeatedReports.MostInAMinute + 5).Select(i => Repeat($"{i}"))]);
        first.Should().HaveCount(RepeatedReports.MostInAMinute);
        first[^1].Should().Be(($"{RepeatedReports.MostInAMinute}", 1, 6, Noon.AddMinutes(1)));
        first.SkipLast(1).Should().OnlyContain(x => x.Times == 1 && x.QuietUntil == null);
        Record(Noon.AddSeconds(59), Repeat("late")).Should().BeEmpty();
        Record(Noon.AddSeconds(59), Repeat("other", alarm: "alarm-2")).Should().ContainSingle();
        Record(Noon.AddMinutes(1), Repeat("next")).Should().Equal(("next", 1, 1, null));
    }

    [Fact]
    public void a_clock_that_is_set_back_begins_another_minute()
    {
        Record(Noon, [.. Enumerable.Range(1, RepeatedReports.MostInAMinute).Select(i => Repeat($"{i}"))]);
        Record(Noon.AddHours(-1), Repeat("next")).Should().Equal(("next", 1, 1, null));
    }

    [Fact]
    public void one_by_one_they_come_to_the_same_end()
    {
        var all = Enumerable.Range(1, 100).SelectMany(i => Record(Noon.AddMilliseconds(i), Repeat($"{i}"))).ToList();
        all.Should().HaveCount(RepeatedReports.MostInAMinute);
        all[^1].QuietUntil.Should().Be(Noon.AddMilliseconds(1).AddMinutes(1));
    }

    [Fact]
    public void what_did_not_get_on_record_does_not_count()
    {
        for (var i = 0; i < 100; i++) repeated.Select([Repeat("a")], Noon).Should().ContainSingle();
    }

    private List<(string Correlation, long Repeats, int Times, DateTimeOffset? QuietUntil)> Record(DateTimeOffset at, params RepeatedReport[] repeats)
    {
        var selected = repeated.Select(repeats, at);
        repeated.Recorded(selected);
        return [.. selected.Select(x => (x.Audit.CorrelationId, x.Fact.Repeats, x.Fact.Times, x.Fact.QuietUntil))];
    }

    private static RepeatedReport Repeat(string correlation, long of = 1, string alarm = "alarm-1") =>
        new(alarm, "Pump", new ReportRepeated(of, AlarmState.ActiveUnacked, Noon, 1), AuditContext.OfSystem(correlation));
}
