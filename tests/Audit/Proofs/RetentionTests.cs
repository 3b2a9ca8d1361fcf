using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Audit.Proofs.Expiring;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

public sealed class RetentionTests
{
    [Fact]
    public void everything_is_kept_unless_somebody_says_otherwise() => Policy([]).Periods.Should().BeEmpty();

    [Theory]
    [InlineData("rule", "30")]
    [InlineData("alarm", "0")]
    [InlineData("alarm", "soon")]
    public void a_setting_that_makes_no_sense_is_refused(string name, string value)
    {
        var act = () => Policy(new() { [$"Notify:Audit:Retention:{name}"] = value });
        act.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task what_expires_leaves_its_leaf_and_a_record_and_a_hold_keeps_it()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:notification=30"]);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        var notification = (await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!["id"]!.GetValue<string>();
        await host.SendAsync("GET", "audit/checkpoint");

        (await ExpireAsync(host, days: 29)).Should().Be(0, "its time is not up");
        var hold = await host.SendAsync("POST", "audit/holds", new { name = "Case 4711", reason = "Asked for by the authority", resource = "notification" });
        hold.Status.Should().Be(201);
        (await ExpireAsync(host, days: 31)).Should().Be(0, "a hold covers it");
        (await host.SendAsync("DELETE", $"audit/holds/{hold.Id}", null, "X-Change-Reason", "Case closed")).Status.Should().Be(204);
        (await ExpireAsync(host, days: 31)).Should().Be(3);

        (await host.SendAsync("GET", $"notifications/{notification}")).Status.Should().Be(404);
        (await host.GetAsync("notifications"))["items"]!.AsArray().Should().BeEmpty();
        var verified = await host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default);
        verified.FirstBad.Should().BeNull();
        (await host.Client.GetStringAsync(new Uri($"/api/v1/audit/export?resource={notification}", UriKind.Relative))).Should().Contain("\"body\":{\"$commitment\":\"");
        (await host.GetAsync("audit?type=audit.entries_expired.v1"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task an_alarm_that_was_put_away_comes_back_like_a_new_one()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var alarm = await ReportAsync("2026-01-31T08:00:00Z", "ClearedAcked");
        await ReportAsync("2026-01-31T08:01:00Z", "ClearedAcked");
        await host.SendAsync("GET", "audit/checkpoint");
        (await ExpireAsync(host, days: 31)).Should().Be(2);
        (await host.SendAsync("GET", $"alarms/{alarm}")).Status.Should().Be(404);

        (await ReportAsync("2026-03-31T08:00:00Z", "ActiveUnacked")).Should().Be(alarm);

        var back = await host.GetAsync($"alarms/{alarm}");
        ((string)back["state"]!, (long)back["version"]!).Should().Be(("ActiveUnacked", 3));
        back["timeline"]!.AsArray().Count(x => (string)x!["kind"]! == "reported").Should().Be(1, "what was put away is not shown");
        await host.SendAsync("GET", "audit/checkpoint");
        (await host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default)).FirstBad.Should().BeNull();

        async Task<string> ReportAsync(string eventTime, string state) =>
            (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", eventTime, state } } }))["accepted"]![0]!["alarmId"]!;
    }

    private static RetentionPolicy Policy(Dictionary<string, string?> settings) => new(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

    /// <summary>As if so many days had passed.</summary>
    private static Task<int> ExpireAsync(NotifyHost host, int days) =>
        ActivatorUtilities.CreateInstance<Expiry>(host.Services, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days))).ExpireAsync(default);
}
