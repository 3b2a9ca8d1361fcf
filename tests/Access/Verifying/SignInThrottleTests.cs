using Microsoft.Extensions.Time.Testing;
using Notify.Access.Verifying;

namespace Notify.Access.Tests.Verifying;

public sealed class SignInThrottleTests
{
    private const string Desk = "10.0.0.1";

    private readonly FakeTimeProvider clock = new();
    private readonly SignInThrottle throttle;

    public SignInThrottleTests() => throttle = new SignInThrottle(clock);

    [Fact]
    public void after_five_failures_each_try_waits_twice_as_long_up_to_a_quarter_of_an_hour()
    {
        for (var i = 0; i < SignInThrottle.FreeAtAddress; i++) Try("li").Should().BeNull();
        for (var seconds = 1; seconds < 900; seconds *= 2)
        {
            Try("li").Should().Be(TimeSpan.FromSeconds(seconds));
            clock.Advance(TimeSpan.FromSeconds(seconds));
            Try("li").Should().BeNull("it has waited");
        }

        Try("li").Should().Be(SignInThrottle.LongestWait);
        clock.Advance(TimeSpan.FromDays(1));
        Try("li").Should().BeNull();
        Try("li").Should().BeNull("the old failures are forgotten");
    }

    [Fact]
    public void another_spelling_of_a_name_is_no_other_user()
    {
        string[] spellings = ["li.na", " LI.NA ", "li\u200B.na", "\uFF4Ci.na", "li.n\u00ADa"];
        foreach (var spelling in spellings) Try(spelling).Should().BeNull();
        foreach (var spelling in spellings) Try(spelling).Should().Be(TimeSpan.FromSeconds(1), spelling);
    }

    [Fact]
    public void who_waits_and_tries_does_not_wait_longer()
    {
        for (var i = 0; i < SignInThrottle.FreeAtAddress; i++) Try("li");
        for (var i = 0; i < 100; i++) Try("li").Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void tries_at_the_same_time_count_before_any_of_them_has_failed()
    {
        var waits = Enumerable.Range(0, 20).AsParallel().Select(_ => Try("li")).ToList();
        waits.Count(x => x is null).Should().Be(SignInThrottle.FreeAtAddress);
    }

    [Fact]
    public void what_others_do_elsewhere_slows_nobody_where_they_are_known()
    {
        for (var i = 0; i < 1000; i++) Try("li", $"203.0.{i / 250}.{i % 250}");
        Try("li", "198.51.100.7").Should().NotBeNull("it is a user whom many try");
        Try("li", Desk, isKnown: true).Should().BeNull();
        Try("wang", "198.51.100.7").Should().BeNull();
    }

    [Fact]
    public void one_address_that_tries_many_users_is_slowed()
    {
        var free = Enumerable.Range(0, 1000).Count(i => Try($"user{i}") is null);
        free.Should().Be(SignInThrottle.FreeOfAddress);
        Try("li", Desk, isKnown: true).Should().BeNull();
    }

    [Fact]
    public void a_network_of_ipv6_is_one_address()
    {
        for (var i = 0; i < SignInThrottle.FreeAtAddress; i++) Try("li", $"2001:db8:1:2::{i:x}").Should().BeNull();
        Try("li", "2001:db8:1:2:ffff::9").Should().NotBeNull();
        Try("li", "2001:db8:1:3::1").Should().BeNull();
    }

    [Fact]
    public void the_right_password_ends_the_count_and_takes_nothing_off_that_of_others()
    {
        for (var i = 0; i < SignInThrottle.FreeAtAddress - 1; i++) Try("li");
        Try("li").Should().BeNull();
        throttle.Succeeded("li", Desk, isKnownHere: false);
        for (var i = 0; i < SignInThrottle.FreeAtAddress; i++) Try("li").Should().BeNull();
        Try("li").Should().NotBeNull();
        Try("LI ").Should().NotBeNull("case and blanks make no other user");
    }

    [Fact]
    public void the_beginning_is_told_once()
    {
        var told = Enumerable.Range(0, 200).Count(i => throttle.Begin("li", $"203.0.113.{i}", isKnownHere: false).HasBegunToSlow);
        told.Should().Be(1);
    }

    private TimeSpan? Try(string user, string address = Desk, bool isKnown = false) => throttle.Begin(user, address, isKnown).Wait;
}
