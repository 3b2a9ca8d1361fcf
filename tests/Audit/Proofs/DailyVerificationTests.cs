using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Nobody needs to ask: the history is verified each day, and who looks after Notify hears of it when it is not.</summary>
public sealed class DailyVerificationTests(VerifiedDaily plant) : IClassFixture<VerifiedDaily>
{
    private const string Overdue = "\"audit-proofs\":{\"status\":\"Degraded\",\"description\":\"The history was last verified whole at";

    private readonly MovedClock clock = plant.Clock;
    private readonly NotifyHost host = plant.Host;

    [Fact]
    public async Task of_two_nodes_one_verifies_and_what_could_not_be_recorded_is_done_again()
    {
        await plant.BeginDayAsync();
        await using var other = await plant.StartAsync("1.00:00:00", host);
        Verifications[] nodes = [.. new[] { host, other }.Select(x => x.Services.GetRequiredService<Verifications>())];
        clock.Advance(TimeSpan.FromDays(1));
        var morning = clock.GetUtcNow();
        await Task.WhenAll(nodes.Select(x => x.VerifyDailyAsync(default)));
        await plant.DayAsync(2);
        nodes.Count(x => x.State.LastAt >= morning).Should().Be(1);

        await host.RefuseAsync("audit.history_verified.v1");
        clock.Advance(TimeSpan.FromDays(1));
        await nodes[1].VerifyDailyAsync(default);
        await plant.DayAsync(2);
        ((string)(await plant.UnwatchedAsync("ActiveUnacked"))["description"]!).Should().Contain("ended by an error").And.Contain("refused for a test");
        await Eventually.GetAsync(plant.HealthAsync, x => x.Contains("ended by an error", StringComparison.Ordinal));
        await host.AcceptAgainAsync();
        await plant.DayAsync(3);
        await plant.UnwatchedAsync("ClearedUnacked");
        // The other node, which has seen the error too, learns that it was done.
        await other.Services.GetRequiredService<VerificationWatch>().WatchAsync(default);
        (await other.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Should().NotContain("Degraded");
    }

    [Fact]
    public async Task a_verification_that_is_kept_from_being_done_is_told_after_a_day()
    {
        await plant.BeginDayAsync();
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await using var connection = await plant.KeepFromVerifyingAsync();
        await plant.PassAsync(watch, TimeSpan.FromHours(25));
        (await plant.HealthAsync()).Should().NotContain("Degraded", "a day is not over by a minute");
        await plant.PassAsync(watch, TimeSpan.FromHours(2));
        (await plant.HealthAsync()).Should().Contain(Overdue);
        ((string?)(await plant.UnwatchedAsync("ActiveUnacked"))["level"]).Should().Be("Critical");

        await VerifiedDaily.LetVerifyAsync(connection);
        await plant.DayAsync(2);
        await plant.UnwatchedAsync("ClearedUnacked");
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().NotContain("Degraded");
    }

    [Fact]
    public async Task a_machine_that_slept_and_a_clock_that_was_set_get_the_time_of_a_start_to_verify_and_no_more()
    {
        await plant.BeginDayAsync();
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await using var connection = await plant.KeepFromVerifyingAsync();
        clock.Advance(TimeSpan.FromHours(30));
        await plant.PassAsync(watch, TimeSpan.FromMinutes(50));
        clock.Advance(-TimeSpan.FromHours(2));
        await plant.PassAsync(watch, TimeSpan.FromMinutes(50));
        (await plant.HealthAsync()).Should().NotContain("Degraded", "nothing could be verified while the machine slept");
        await plant.PassAsync(watch, TimeSpan.FromMinutes(15));
        (await plant.HealthAsync()).Should().Contain(Overdue);

        // To sleep once more makes nothing good.
        clock.Advance(TimeSpan.FromHours(30));
        await plant.PassAsync(watch, TimeSpan.FromMinutes(50));
        (await plant.HealthAsync()).Should().Contain(Overdue);
        await plant.UnwatchedAsync("ActiveUnacked");

        await VerifiedDaily.LetVerifyAsync(connection);
        await plant.DayAsync(2);
        await plant.UnwatchedAsync("ClearedUnacked");
    }

    [Fact]
    public async Task a_verification_that_goes_on_for_long_is_under_way_and_one_that_stands_still_is_not()
    {
        await plant.BeginDayAsync();
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        clock.Advance(TimeSpan.FromHours(13));
        await Eventually.GetAsync(() => Task.FromResult(host.Services.GetRequiredService<Verifications>().State.Running), x => x is null);
        // The last one is a day and more ago, and another node has one under way, which takes hours.
        await using var connection = await plant.KeepFromVerifyingAsync();
        clock.Advance(TimeSpan.FromHours(30));
        var (marks, row) = (host.Services.GetRequiredService<Marks>(), "");
        for (var i = 0; i < 60; i++)
        {
            await marks.WriteAsync(connection, new VerifyingMark(clock.GetUtcNow()), default);
            if (i == 30) row = await MarkAsync();
            await plant.PassAsync(watch, TimeSpan.FromMinutes(4));
        }

        (await plant.HealthAsync()).Should().NotContain("Degraded");
        await plant.PassAsync(watch, TimeSpan.FromMinutes(16));
        (await plant.HealthAsync()).Should().Contain(Overdue, "it has stood still for a quarter of an hour");
        await host.ExecuteAsync($"update notify.audit_mark set {row} where name = 'verifying'");
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().Contain(Overdue, "somebody put back what was said hours ago");
        await plant.UnwatchedAsync("ActiveUnacked");
        await VerifiedDaily.LetVerifyAsync(connection);
        await Eventually.GetAsync(plant.HealthAsync, x => !x.Contains("Degraded", StringComparison.Ordinal));

        // One of this node, which comes to a table that somebody has locked.
        await using var locking = await connection.BeginTransactionAsync();
        clock.Advance(TimeSpan.FromHours(30));
        await watch.WatchAsync(default);
        await using (var command = new NpgsqlCommand(
            "lock table notify.secret in access exclusive mode", connection)) await command.ExecuteNonQueryAsync();
        await Eventually.GetAsync(() => Task.FromResult(host.Services.GetRequiredService<Verifications>().WholeUnderWay), x => x?.Entries > 0);
        await plant.PassAsync(watch, TimeSpan.FromMinutes(55));
        await plant.PassAsync(watch, TimeSpan.FromMinutes(4));
        (await plant.HealthAsync()).Should().NotContain("Degraded");
        await plant.PassAsync(watch, TimeSpan.FromMinutes(16));
        (await plant.HealthAsync()).Should().Contain(Overdue);

        async Task<string> MarkAsync()
        {
            await using var command = new NpgsqlCommand(
                "select format('value = %L, mac = %L', value, mac) from notify.audit_mark where name = 'verifying'", connection);
            return (string)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task a_number_that_no_event_got_is_not_one_that_is_not_followed()
    {
        await plant.BeginDayAsync();
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await Eventually.GetAsync(plant.IsSignedAsync, x => x);
        // What is rolled back keeps its number; often it is the last of a day, as a change that came too late.
        await host.ExecuteAsync("select nextval('notify.mt_events_sequence')");
        await plant.PassAsync(watch, TimeSpan.FromMinutes(24));
        (await plant.HealthAsync()).Should().NotContain("Degraded");
    }

    /// <summary>An event that never gets a leaf could be deleted without a trace.</summary>
    [Fact]
    public async Task who_moves_the_log_ahead_is_told_of_and_nothing_is_signed_until_somebody_accepts_it()
    {
        await plant.BeginDayAsync();
        await Eventually.GetAsync(plant.IsSignedAsync, x => x);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await host.ExecuteAsync("update notify.follower_step set position = 9000000000000000000 where step = 'merkle-log'");
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().Contain("The log is said to have followed up to 9000000000000000000");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await watch.WatchAsync(default);
        await Eventually.GetAsync(
            plant.HealthAsync, x => x.Contains(" has no leaf in the log, though the log is said to have followed up to ", StringComparison.Ordinal));
        await plant.UnwatchedAsync("ActiveUnacked");
        var refused = await host.SendAsync("GET", "audit/checkpoint");
        refused.Status.Should().Be(409, refused.Text);
        (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Select(x => (string?)x!["kind"]).Should().Contain("log");

        (await host.SendAsync("POST", "audit/checkpoints/accept", new { reason = "Position put back" })).Status.Should().Be(200);
        await Eventually.GetAsync(plant.IsSignedAsync, x => x);
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().NotContain("Degraded");
    }
}
