using System.Text.Json.Nodes;
using Bunit;
using Notify.Audit.Pages;

namespace Notify.Ui.Tests.Pages;

/// <summary>An hour is played: an alarm, a decision, a failure, an acknowledgement, a change of the configuration, the end of the alarm.</summary>
public sealed class ReplayPlayerTests : ComponentTest
{
    private static readonly ReplayMoment[] moments =
    [
        At(1, 0, MomentKind.Alarm, "ActiveUnacked"), At(2, 0, MomentKind.Decision), At(3, 5, MomentKind.Failure),
        At(4, 20, MomentKind.People, ReplayMoment.Acknowledged),
        At(5, 30, MomentKind.Configuration), At(6, 50, MomentKind.Alarm, "ClearedAcked"),
    ];

    public ReplayPlayerTests() => Answer = asked => asked.StartsWith("GET state/diff", StringComparison.Ordinal)
        ? new JsonObject { ["from"] = Now.AddHours(-1), ["to"] = Now, ["differences"] = new JsonArray() }
        : new JsonObject
        {
            ["items"] = new JsonArray([.. moments.Select(x => new JsonObject { ["sequence"] = x.Sequence, ["summary"] = $"Entry {x.Sequence}" })]),
        };

    private static ReplayMoment At(long sequence, int minute, MomentKind kind, string? state = null) => new(
        sequence, Now.AddMinutes(minute), "x.y.v1", kind, state is null ? null : "alarm-1", "Pump", "Site1",
        kind == MomentKind.Alarm ? "High" : null, state);

    private IRenderedComponent<ReplayPlayer> Show(params ReplayMoment[] some) => Render<ReplayPlayer>(x => x
        .Add(y => y.From, Now.AddMinutes(-5)).Add(y => y.To, Now.AddMinutes(55)).Add(y => y.Moments, some));

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<ReplayPlayer> player, string text) =>
        player.FindAll("button").Single(x => x.TextContent.Trim() == text);

    /// <summary>Which entry, when, and the alarm that is open then.</summary>
    private static (string Position, string Clock, string? Alarm) Where(IRenderedComponent<ReplayPlayer> player) => (
        player.Find(".player-keys .quiet.numbers").TextContent, player.Find(".player-clock").TextContent[11..19],
        player.FindAll("[aria-labelledby=then-alarms] .tag").SingleOrDefault()?.TextContent);

    [Fact]
    public void one_steps_on_and_back_and_sees_what_was_open_then()
    {
        var player = Show(moments);
        Where(player).Should().Be(("entry 0 of 6", "11:55:00", null));
        Button(player, "Step back").HasAttribute("disabled").Should().BeTrue();
        Button(player, "Step").Click();
        Where(player).Should().Be(("entry 1 of 6", "12:00:00", "unacknowledged"));
        for (var i = 0; i < 3; i++) Button(player, "Step").Click();
        Where(player).Should().Be(("entry 4 of 6", "12:20:00", "acknowledged"));
        Button(player, "Step back").Click();
        Where(player).Should().Be(("entry 3 of 6", "12:05:00", "unacknowledged"));
        for (var i = 0; i < 3; i++) Button(player, "Step").Click();
        Where(player).Should().Be(("entry 6 of 6", "12:50:00", null));
        Button(player, "Step").HasAttribute("disabled").Should().BeTrue();
        Button(player, "To the beginning").Click();
        Where(player).Should().Be(("entry 0 of 6", "11:55:00", null));
        player.Find("[aria-labelledby=then-sent] dl").TextContent.Should().NotContain("1 / 1", "nothing has happened yet");
    }

    [Fact]
    public void one_jumps_to_the_next_of_a_kind_as_long_as_there_is_one()
    {
        var player = Show(moments);
        Button(player, "Failure").Click();
        Where(player).Should().Be(("entry 3 of 6", "12:05:00", "unacknowledged"));
        Button(player, "Failure").HasAttribute("disabled").Should().BeTrue();
        Button(player, "Sending").HasAttribute("disabled").Should().BeTrue("there is none");
        Button(player, "Alarm").Click();
        Where(player).Should().Be(("entry 6 of 6", "12:50:00", null));
        player.Find("[aria-current]").TextContent.Should().Contain("Entry 6");
    }

    [Fact]
    public void one_seeks_an_instant_between_two_entries()
    {
        var player = Show(moments);
        // A quarter of the hour.
        player.Find("input[type=range]").Input("250");
        Where(player).Should().Be(("entry 3 of 6", "12:10:00", "unacknowledged"));
        player.Find("input[type=range]").Input("0");
        Where(player).Should().Be(("entry 0 of 6", "11:55:00", null));
        player.Find("input[type=range]").Input("1000");
        Where(player).Should().Be(("entry 6 of 6", "12:55:00", null));
    }

    [Fact]
    public void it_plays_at_its_speed_skips_what_is_quiet_and_stops_at_the_end()
    {
        var player = Show(moments);
        player.Find("select").Change("60");
        Button(player, "Play").Click();
        Button(player, "Pause").HasAttribute("disabled").Should().BeFalse();
        // Five minutes of nothing are not waited for.
        Time.Advance(TimeSpan.FromMilliseconds(250));
        player.WaitForAssertion(() => Where(player).Should().Be(("entry 2 of 6", "12:00:00", "unacknowledged")));
        for (var i = 0; i < 4; i++) Time.Advance(TimeSpan.FromMilliseconds(250));
        player.WaitForAssertion(() => Where(player).Position.Should().Be("entry 6 of 6"));
        player.WaitForAssertion(() => Button(player, "Play").HasAttribute("disabled").Should().BeFalse());
        // From the end it plays from the beginning.
        Button(player, "Play").Click();
        Time.Advance(TimeSpan.FromMilliseconds(250));
        player.WaitForAssertion(() => Where(player).Position.Should().Be("entry 2 of 6"));
        Button(player, "Pause").Click();
        Time.Advance(TimeSpan.FromMinutes(1));
        Where(player).Position.Should().Be("entry 2 of 6");
    }

    [Fact]
    public void without_skipping_a_second_is_as_long_as_the_speed_says()
    {
        var player = Show(moments);
        player.Find("select").Change("60");
        player.Find("input[type=checkbox]").Change(false);
        Button(player, "Play").Click();
        Time.Advance(TimeSpan.FromMilliseconds(250));
        player.WaitForAssertion(() => Where(player).Should().Be(("entry 0 of 6", "11:55:15", null)));
    }

    [Fact]
    public void the_configuration_is_compared_again_only_after_a_change_of_it()
    {
        var player = Show(moments);
        for (var i = 0; i < 4; i++) Button(player, "Step").Click();
        Asked.Count(x => x.StartsWith("GET state/diff", StringComparison.Ordinal)).Should().Be(1);
        Button(player, "Step").Click();
        var compared = Asked.Where(x => x.StartsWith("GET state/diff", StringComparison.Ordinal)).ToList();
        compared.Should().HaveCount(2);
        compared[1].Should().Contain("2026-10-01T12%3A30");
        Asked.Count(x => x.StartsWith("GET audit?", StringComparison.Ordinal)).Should().Be(1, "the words of all are there");
    }

    [Fact]
    public void a_period_in_which_nothing_happened_says_so()
    {
        var player = Show();
        player.Find("[aria-labelledby=player] > p.quiet").TextContent.Should().Be("Nothing happened in this period.");
        foreach (var name in (string[])["Play", "Step", "Step back", "Alarm"]) Button(player, name).HasAttribute("disabled").Should().BeTrue();
    }
}
