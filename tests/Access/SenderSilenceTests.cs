using Notify.Access.ApiKeys;
using Notify.Access.People;
using Notify.Kernel;

namespace Notify.Access.Tests;

/// <summary>Given a key of which a report is expected every hour, its last report and since when a node listens: whether its sender is
/// silent.</summary>
public sealed class SenderSilenceTests
{
    private static readonly DateTimeOffset now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset longAgo = now.AddDays(-30);

    private static readonly ApiKey key = Key(new ApiKeySettings { ExpectEvery = 60 });

    private static ApiKey Key(ApiKeySettings settings, bool enabled = true, DateTimeOffset? updatedAt = null) => new()
    {
        Id = "apikey-1",
        Name = "SCADA",
        Enabled = enabled,
        CreatedAt = longAgo,
        UpdatedAt = updatedAt ?? longAgo,
        Settings = settings,
    };

    [Theory]
    [InlineData(0, ReportingState.Reporting)]
    [InlineData(3600, ReportingState.Reporting)]
    [InlineData(3614, ReportingState.Reporting)]
    [InlineData(3615, ReportingState.Silent)]
    [InlineData(86400, ReportingState.Silent)]
    public void it_is_silent_after_the_interval_and_the_time_that_a_report_may_take_to_be_known(int secondsAgo, ReportingState expected) =>
        SenderSilence.StateOf(key, now.AddSeconds(-secondsAgo), longAgo, now).Should().Be(expected);

    [Fact]
    public void a_key_that_has_never_reported_counts_from_when_it_was_made() =>
        SenderSilence.StateOf(key, null, longAgo, now).Should().Be(ReportingState.Silent);

    [Theory]
    [InlineData(3614, ReportingState.Awaited)]
    [InlineData(3615, ReportingState.Silent)]
    public void a_sender_is_not_blamed_for_the_time_before_its_key_was_changed(int secondsAgo, ReportingState expected)
    {
        var changed = Key(key.Settings, updatedAt: now.AddSeconds(-secondsAgo));
        SenderSilence.StateOf(changed, null, longAgo, now).Should().Be(expected);
        SenderSilence.StateOf(changed, longAgo, longAgo, now).Should().Be(expected);
    }

    [Theory]
    [InlineData(3614, ReportingState.Awaited)]
    [InlineData(3615, ReportingState.Silent)]
    public void a_sender_is_not_blamed_for_the_time_in_which_nobody_listened(int secondsAgo, ReportingState expected) =>
        SenderSilence.StateOf(key, longAgo, now.AddSeconds(-secondsAgo), now).Should().Be(expected);

    [Fact]
    public void a_report_in_time_counts_also_just_after_a_start_or_a_change()
    {
        SenderSilence.StateOf(key, now.AddMinutes(-59), now, now).Should().Be(ReportingState.Reporting);
        SenderSilence.StateOf(Key(key.Settings, updatedAt: now), now.AddMinutes(-59), longAgo, now).Should().Be(ReportingState.Reporting);
    }

    [Fact]
    public void nothing_is_expected_of_a_key_without_an_interval_or_that_is_revoked_or_has_expired()
    {
        ApiKey[] quiet =
        [
            Key(new ApiKeySettings()), Key(key.Settings, enabled: false), Key(key.Settings with { ExpiresAt = now }),
        ];
        foreach (var (index, one) in quiet.Index())
            SenderSilence.StateOf(one, longAgo, longAgo, now).Should().Be(ReportingState.NotExpected, $"key {index}");
        SenderSilence.StateOf(Key(key.Settings with { ExpiresAt = now.AddSeconds(1) }), longAgo, longAgo, now).Should().Be(ReportingState.Silent);
    }
}
