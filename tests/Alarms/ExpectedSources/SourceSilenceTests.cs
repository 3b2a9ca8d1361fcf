using Notify.Alarms.ExpectedSources;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Tests.ExpectedSources;

/// <summary>Given paths of which a report is expected every half hour, the last one and since when a node listens: whether they are silent, and
/// what is said of it.</summary>
public sealed class SourceSilenceTests
{
    private static readonly DateTimeOffset now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset longAgo = now.AddDays(-30);

    private static ExpectedSource Source(bool enabled = true, DateTimeOffset? updatedAt = null, string path = "Site1/Line2/**") => new()
    {
        Id = "source-1",
        Name = "Line 2/west*",
        Enabled = enabled,
        CreatedAt = longAgo,
        UpdatedAt = updatedAt ?? longAgo,
        Settings = new() { Path = path, ExpectEvery = 30 },
    };

    [Theory]
    [InlineData(0, ReportingState.Reporting)]
    [InlineData(1814, ReportingState.Reporting)]
    [InlineData(1815, ReportingState.Silent)]
    public void they_are_silent_after_the_interval_and_the_time_that_a_report_may_take_to_be_known(int secondsAgo, ReportingState expected) =>
        SourceSilence.StateOf(Source(), now.AddSeconds(-secondsAgo), longAgo, now).Should().Be(expected);

    [Theory]
    [InlineData(1814, ReportingState.Awaited)]
    [InlineData(1815, ReportingState.Silent)]
    public void nobody_is_blamed_for_the_time_before_the_last_change_or_in_which_nobody_listened(int secondsAgo, ReportingState expected)
    {
        var at = now.AddSeconds(-secondsAgo);
        SourceSilence.StateOf(Source(updatedAt: at), null, longAgo, now).Should().Be(expected);
        SourceSilence.StateOf(Source(updatedAt: at), longAgo, longAgo, now).Should().Be(expected);
        SourceSilence.StateOf(Source(), longAgo, at, now).Should().Be(expected);
        SourceSilence.StateOf(Source(), null, at, now).Should().Be(expected);
    }

    [Fact]
    public void nothing_is_expected_while_it_is_disabled_or_of_a_pattern_that_somebody_has_broken()
    {
        SourceSilence.StateOf(Source(enabled: false), null, longAgo, now).Should().Be(ReportingState.NotExpected);
        SourceSilence.StateOf(Source(path: "Site1/Li*"), null, longAgo, now).Should().Be(ReportingState.NotExpected);
    }

    [Fact]
    public void the_alarm_says_where_and_since_when_in_both_languages_and_its_name_is_one_segment_of_a_path()
    {
        var raised = SourceSilence.Raised(Source(), now.AddHours(-1));
        (raised.Path, raised.State, raised.Level).Should().Be(("Notify/Sources/Line 2／west＊", AlarmState.ActiveUnacked, AlarmLevel.High));
        raised.Description.Should().Contain("Nothing has been reported at Site1/Line2/** (\"Line 2/west*\") since 2026-01-31 11:00:00 UTC")
            .And.Contain("没有上报，预期至少每 30 分钟上报一次");
        SourceSilence.Raised(Source(), null).Description.Should().Contain("since 2026-01-01 12:00:00 UTC", "it counts from the last change");
        var cleared = SourceSilence.Cleared(Source(), ReportingState.Reporting);
        (cleared.SourceId, cleared.Path, cleared.Name).Should().Be((raised.SourceId, raised.Path, raised.Name));
        cleared.State.Should().Be(AlarmState.ClearedUnacked);
        SourceSilence.Cleared(Source(), ReportingState.NotExpected).Description.Should().Contain("No reports are expected").And.Contain("不再要求");
    }

    [Theory]
    [InlineData("Site1/**", 1, null)]
    [InlineData("**", 10080, null)]
    [InlineData("/Site1/Line2/", 5, null)]
    [InlineData("", 5, "path")]
    [InlineData("Site1//Line2", 5, "path")]
    [InlineData("Site1/Li*", 5, "path")]
    [InlineData("notify/Sources/**", 5, "path")]
    [InlineData("/Notify", 5, "path")]
    [InlineData("Site1/**", 0, "expectEvery")]
    [InlineData("Site1/**", -1, "expectEvery")]
    [InlineData("Site1/**", 10081, "expectEvery")]
    public void a_source_needs_a_pattern_of_others_alarms_and_an_interval_of_a_minute_to_a_week(string path, int expectEvery, string? fault)
    {
        var errors = new Errors();
        new ExpectedSourceSettings { Path = path, ExpectEvery = expectEvery }.Validate(errors);
        errors.ToDictionary().Keys.Should().Equal(fault is null ? [] : [fault]);
    }
}
