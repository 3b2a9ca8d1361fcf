using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests;

/// <summary>Whatever instants an auditor asks about: an answer that says what it is of, or what is wrong with them.</summary>
public sealed class OddPeriodsTests(OddPeriodsTests.OneAlarm plant) : IClassFixture<OddPeriodsTests.OneAlarm>
{
    private const string FirstDay = "from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z";
    private const string LastDay = "from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59.9999999Z";
    private const string Backwards = "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";

    private readonly NotifyHost host = plant.Host;

    [Theory]
    [InlineData($"audit?{FirstDay}")]
    [InlineData($"audit?{LastDay}")]
    [InlineData($"explain?receiver=zhangsan&{FirstDay}")]
    [InlineData($"explain?receiver=zhangsan&{LastDay}")]
    [InlineData($"notifications?{FirstDay}")]
    [InlineData($"notifications?{LastDay}")]
    public async Task of_a_time_without_events_the_page_is_empty(string address) =>
        (await host.GetAsync(address))["items"]!.AsArray().Should().BeEmpty();

    [Theory]
    [InlineData($"audit?{Backwards}")]
    [InlineData($"audit/export?{Backwards}")]
    [InlineData($"explain?receiver=zhangsan&{Backwards}")]
    public async Task a_period_that_ends_before_it_begins_is_refused_and_not_taken_for_a_quiet_one(string address)
    {
        var answer = await host.SendAsync("GET", address);
        (answer.Status, answer.Faults.Single()).Should().Be((400, "to"));
    }

    [Fact]
    public async Task a_review_and_a_verification_of_the_first_day_ever_find_nothing_and_all_of_time_is_everything()
    {
        var all = JsonNode.Parse("""{"from":"0001-01-01T00:00:00Z","to":"9999-12-31T23:59:59.9999999Z"}""")!;
        var none = JsonNode.Parse("""{"from":"0001-01-01T00:00:00Z","to":"0001-01-02T00:00:00Z"}""")!;
        var (whole, nothing) = (await host.PostAsync("audit/verify", all), await host.PostAsync("audit/verify", none));
        ((bool)whole["valid"]!, (long)whole["entries"]! >= (long)whole["size"]! - 1).Should().Be((true, true));
        ((bool)nothing["valid"]!, (long)nothing["entries"]!).Should().Be((true, 0));
        none["mode"] = "review";
        (await host.SendAsync("POST", "replays", none)).Status.Should().Be(202);
    }

    [Fact]
    public async Task nobody_is_told_what_the_configuration_will_be()
    {
        var before = DateTimeOffset.UtcNow;
        var state = await host.GetAsync("state?asOf=2999-01-01T00:00:00Z");
        state["rules"]!.AsArray().Should().ContainSingle();
        state["asOf"]!.GetValue<DateTimeOffset>().Should().BeOnOrAfter(before).And.BeOnOrBefore(DateTimeOffset.UtcNow);
        var difference = await host.GetAsync("state/diff?from=2998-01-01T00:00:00Z&to=2999-01-01T00:00:00Z");
        difference["to"]!.GetValue<DateTimeOffset>().Should().BeOnOrBefore(DateTimeOffset.UtcNow);
        difference["differences"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task before_anything_was_set_up_there_was_nothing()
    {
        var state = await host.GetAsync("state?asOf=2020-01-01T00:00:00Z");
        state["rules"]!.AsArray().Should().BeEmpty();
        state["schedules"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task the_record_of_a_verification_says_of_which_period_it_was_and_how_it_ended()
    {
        await host.PostAsync("audit/verify", new { from = "2026-01-01T00:00:00Z", to = "2026-01-02T00:00:00Z" });
        var last = (await host.GetAsync("audit/verify"))["last"]!;
        ((string)last["from"]!, (string)last["to"]!).Should().Be(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"));
        var record = (await host.GetAsync("audit?type=audit.history_verified.v1&order=desc&limit=1"))["items"]![0]!;
        ((string)record["data"]!["from"]!, (string)record["data"]!["to"]!).Should().Be(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"));
        ((string)record["summaries"]!["en"]!).Should()
            .StartWith("The history was verified without findings; from 2026-01-01T00:00:00Z; until 2026-01-02T00:00:00Z");
        ((string)record["summaries"]!["zh"]!).Should().StartWith("审计记录验证通过；自 2026-01-01T00:00:00Z；至 2026-01-02T00:00:00Z");
    }

    [Fact]
    public async Task a_legal_hold_until_the_end_of_time_is_listed_and_released()
    {
        var hold = await host.SendAsync(
            "POST", "audit/holds", new { name = "Case 1", reason = "Asked for", from = "0001-01-01T00:00:00Z", to = "9999-12-31T23:59:59.9999999Z" });
        hold.Status.Should().Be(201);
        (await host.GetAsync("audit/holds"))["items"]!.AsArray().Select(x => (string)x!["to"]!).Should().Equal("9999-12-31T23:59:59.999999Z");
        (await host.SendAsync("DELETE", $"audit/holds/{hold.Id}", null, "X-Change-Reason", "Closed")).Status.Should().Be(204);
    }

    [Theory]
    [InlineData("notifications")]
    [InlineData("notification-unknown")]
    public async Task a_legal_hold_on_what_does_not_exist_is_refused_since_it_would_keep_nothing(string resource)
    {
        var answer = await host.SendAsync("POST", "audit/holds", new { name = "Case 2", reason = "Asked for", resource });
        (answer.Status, answer.Faults.Single()).Should().Be((400, "resource"));
    }

    public sealed class OneAlarm : IAsyncLifetime
    {
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync();
            await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }]);
            await Host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
