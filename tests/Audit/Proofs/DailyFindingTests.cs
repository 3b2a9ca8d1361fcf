using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What the daily verification finds, and who hears of it: each in a history of its own.</summary>
public sealed class DailyFindingTests : IAsyncLifetime
{
    private readonly VerifiedDaily plant = new();

    public Task InitializeAsync() => plant.InitializeAsync();

    public Task DisposeAsync() => plant.DisposeAsync();

    [Fact]
    public async Task a_history_that_was_changed_is_found_on_the_next_day_told_to_a_robot_and_cleared_when_it_is_whole_again()
    {
        await Example.MakeAsync(plant.Host, [new { kind = "bot", alias = "Line 1" }]);
        (await plant.DayAsync(1))["data"]!["valid"]!.GetValue<bool>().Should().BeTrue();
        plant.Clock.Advance(TimeSpan.FromDays(1));
        var second = await plant.DayAsync(2);
        second["data"]!["valid"]!.GetValue<bool>().Should().BeTrue();
        (second["actor"]!["kind"]!.GetValue<string>(), second["reason"]!.GetValue<string>()).Should().Be(("system", "daily verification"));

        await plant.Host.ExecuteAsync("update notify.mt_events set data = jsonb_set(data, '{name}', '\"Nothing\"') where type = 'rules.rule_created.v1'");
        plant.Clock.Advance(TimeSpan.FromDays(1));
        var bad = await plant.DayAsync(3);
        ((bool)bad["data"]!["valid"]!, (string?)bad["data"]!["kind"]).Should().Be((false, "changed"));
        await plant.Host.WeCom.WaitForAsync(x => x.Text.Contains("The audit history does not verify / 审计记录验证不通过 ActiveUnacked", StringComparison.Ordinal));

        // Another node, which has not raised it and has been told nothing, finds it whole.
        await plant.Host.ExecuteAsync(
            "update notify.mt_events set data = jsonb_set(data, '{name}', '\"Everything\"') where type = 'rules.rule_created.v1'");
        await using var other = await plant.StartAsync("1.00:00:00", plant.Host);
        (await other.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        await plant.Host.WeCom.WaitForAsync(x => x.Text.Contains("The audit history does not verify / 审计记录验证不通过 ClearedUnacked", StringComparison.Ordinal));
        (await other.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        await Eventually.GetAsync(() => plant.Host.GetAsync("alarms?path=Notify/Audit"), x => x["items"]!.AsArray().Count == 1);
        (await plant.Host.Client.GetAllFromAsync("audit?type=alarms.alarm_reported.v1")).Should().HaveCount(2, "raised once and cleared once");
    }

    [Fact]
    public async Task the_same_damage_is_told_again_each_day_also_when_somebody_has_acknowledged_it_but_once_a_day()
    {
        await Example.MakeAsync(plant.Host, [new { kind = "bot", alias = "Line 1" }]);
        await plant.DayAsync(1);
        await plant.Host.ExecuteAsync("update notify.mt_events set data = jsonb_set(data, '{name}', '\"Nothing\"') where type = 'rules.rule_created.v1'");
        plant.Clock.Advance(TimeSpan.FromDays(1));
        await plant.DayAsync(2);
        await plant.ReportedAsync(1);
        var alarm = (string)(await plant.AlarmAsync("ActiveUnacked"))["id"]!;
        await plant.Host.PostAsync($"alarms/{alarm}/acknowledge", new { note = "I look into it" });

        // Whoever asks on the same day, on whichever node, learns what is known already.
        await using var other = await plant.StartAsync("1.00:00:00", plant.Host);
        foreach (var node in (NotifyHost[])[plant.Host, other]) (await node.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should()
            .BeFalse();
        plant.Clock.Advance(TimeSpan.FromDays(1));
        var records = await plant.DayAsync(5);
        records["data"]!["valid"]!.GetValue<bool>().Should().BeFalse();
        await plant.ReportedAsync(2);
        await plant.AlarmAsync("ActiveUnacked");
        await Eventually.GetAsync(() => Task.FromResult(plant.Host.WeCom.Received.Count(
            x => x.Text.Contains("The audit history does not verify / 审计记录验证不通过 ActiveUnacked", StringComparison.Ordinal))), x => x == 2);

        // Nobody has looked at it: it is told again all the same.
        plant.Clock.Advance(TimeSpan.FromDays(1));
        await plant.DayAsync(6);
        await plant.ReportedAsync(3);
    }

    /// <summary>With a password for the database somebody writes what a verification leaves behind, so that it is taken for done.</summary>
    [Fact]
    public async Task what_can_be_written_by_sql_switches_no_verification_off()
    {
        await plant.DayAsync(1);
        plant.Clock.Advance(TimeSpan.FromDays(1));
        await plant.DayAsync(2);
        var tomorrow = plant.Clock.GetUtcNow().AddDays(1);
        await plant.Host.ExecuteAsync(
            $"""
            insert into notify.mt_streams (id, type, version, timestamp, created) values ('verification-{tomorrow:yyyyMMdd}', null, 1, now(), now());
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, user_name)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), 'verification-{tomorrow:yyyyMMdd}', 1, data, type, timestamp, mt_dotnet_type, user_name
            from notify.mt_events where type = 'audit.history_verified.v1' order by seq_id limit 1;
            update notify.audit_mark set value = replace(value, '{tomorrow.AddDays(-1):yyyy-MM-dd}', '{tomorrow:yyyy-MM-dd}') where name = 'verified'
            """);
        plant.Clock.Advance(TimeSpan.FromDays(1));
        await plant.DayAsync(4); // the forged one is listed too
        await plant.Host.ExecuteAsync("delete from notify.audit_mark where name = 'verified'");
        await plant.DayAsync(5);
        await plant.Host.ExecuteAsync(
            "insert into notify.follower_lease values (true, 'nobody', 'infinity') on conflict (id) do update set node = 'nobody', lease_until = 'infinity'");
        await plant.Host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await Eventually.GetAsync(() => plant.Host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
    }

    [Fact]
    public async Task a_history_that_is_not_followed_or_not_signed_any_more_is_told()
    {
        await plant.DayAsync(1);
        var watch = plant.Host.Services.GetRequiredService<VerificationWatch>();
        await using var connection = await plant.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var command = new NpgsqlCommand(
                "select from notify.follower_step for update", connection)) await command.ExecuteNonQueryAsync();
            // So far behind that no reader waits.
            await plant.Host.ExecuteAsync("select setval('notify.mt_events_sequence', last_value + 30000) from notify.mt_events_sequence");
            await plant.Host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
            var proof = await plant.Host.SendAsync("GET", $"audit/proof/{await ForgedEvents.ScalarAsync(plant.Host, "select max(seq_id)::text from notify.mt_events")}");
            (proof.Status, (string?)proof.Body["detail"]).Should().Be((503, "The history is not up to date yet. Try again shortly."));
            await watch.WatchAsync(default);
            (await plant.HealthAsync()).Should().NotContain("Degraded");
            await plant.PassAsync(watch, TimeSpan.FromMinutes(16), works: false);
            (await plant.HealthAsync()).Should().Contain("no event is taken into the audit history");
        }

        await Eventually.GetAsync(() => plant.Host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().NotContain("Degraded");
        await plant.Host.Services.GetRequiredService<CheckpointSigner>().StopAsync(default);
        await plant.Host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too cold" } } });
        await Eventually.GetAsync(() => plant.Host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
        await plant.PassAsync(watch, TimeSpan.FromMinutes(4), works: false);
        plant.Clock.Advance(TimeSpan.FromHours(1));
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().NotContain("Degraded", "nothing could be signed while the machine slept");
        await plant.PassAsync(watch, TimeSpan.FromMinutes(16), works: false);
        (await plant.HealthAsync()).Should().Contain("no checkpoint was signed");
    }

    [Theory]
    [InlineData("tombstone", 9000000000000000000)]
    [InlineData("alarms.alarm_expired.v1", 1000000000000)]
    public async Task a_row_with_a_number_that_no_event_can_have_stops_nothing_and_is_told(string type, long number)
    {
        await plant.DayAsync(1);
        await plant.Host.ExecuteAsync(
            $$"""
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
            values ({{number}}, gen_random_uuid(), 'alarm-forged', 1, '{}', '{{type}}', now(), '')
            """);
        await plant.Host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await Eventually.GetAsync(plant.IsSignedAsync, x => x);
        (await plant.Host.GetAsync("audit?type=alarms.alarm_reported.v1"))["items"]!.AsArray().Should().ContainSingle();
        var watch = plant.Host.Services.GetRequiredService<VerificationWatch>();
        await watch.WatchAsync(default);
        (await plant.HealthAsync()).Should().Contain($"The event {number} has a number that the database has not given out");
        var bad = await plant.Host.PostAsync("audit/verify", new { });
        ((string?)bad["firstBad"]!["kind"], (long)bad["firstBad"]!["sequence"]!, (int)bad["found"]!).Should().Be(("inserted", number, 1));
    }
}
