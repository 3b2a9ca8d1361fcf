using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Nobody needs to ask: the history is verified each day, and who looks after Notify hears of it when it is not what it was.</summary>
public sealed class DailyVerificationTests : IAsyncLifetime
{
    private const string Overdue = "\"audit-proofs\":{\"status\":\"Degraded\",\"description\":\"The history was last verified whole at";

    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await StartAsync("00:00:00.1");

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_history_that_was_changed_is_found_on_the_next_day_told_to_a_robot_and_cleared_when_it_is_whole_again()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        (await DayAsync(1))["data"]!["valid"]!.GetValue<bool>().Should().BeTrue();
        clock.Advance(TimeSpan.FromDays(1));
        var second = await DayAsync(2);
        second["data"]!["valid"]!.GetValue<bool>().Should().BeTrue();
        (second["actor"]!["kind"]!.GetValue<string>(), second["reason"]!.GetValue<string>()).Should().Be(("system", "daily verification"));

        await host.ExecuteAsync("update notify.mt_events set data = jsonb_set(data, '{name}', '\"Nothing\"') where type = 'rules.rule_created.v1'");
        clock.Advance(TimeSpan.FromDays(1));
        var bad = await DayAsync(3);
        ((bool)bad["data"]!["valid"]!, (string?)bad["data"]!["kind"]).Should().Be((false, "changed"));
        await host.WeCom.WaitForAsync(x => x.Text.Contains("The audit history does not verify / 审计记录验证不通过 ActiveUnacked", StringComparison.Ordinal));

        // Another node, which has not raised it and has been told nothing, finds it whole.
        await host.ExecuteAsync(
            "update notify.mt_events set data = jsonb_set(data, '{name}', '\"Everything\"') where type = 'rules.rule_created.v1'");
        await using var other = await StartAsync("1.00:00:00", host);
        (await other.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        await host.WeCom.WaitForAsync(x => x.Text.Contains("The audit history does not verify / 审计记录验证不通过 ClearedUnacked", StringComparison.Ordinal));
        (await other.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        await Eventually.GetAsync(() => host.GetAsync("alarms?path=Notify/Audit"), x => x["items"]!.AsArray().Count == 1);
        (await host.Client.GetAllFromAsync("audit?type=alarms.alarm_reported.v1")).Should().HaveCount(2, "raised once and cleared once");
    }

    [Fact]
    public async Task the_same_damage_is_told_again_each_day_also_when_somebody_has_acknowledged_it_but_once_a_day()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await DayAsync(1);
        await host.ExecuteAsync("update notify.mt_events set data = jsonb_set(data, '{name}', '\"Nothing\"') where type = 'rules.rule_created.v1'");
        clock.Advance(TimeSpan.FromDays(1));
        await DayAsync(2);
        await ReportedAsync(1);
        var alarm = (string)(await AlarmAsync("ActiveUnacked"))["id"]!;
        await host.PostAsync($"alarms/{alarm}/acknowledge", new { note = "I look into it" });

        // Whoever asks on the same day, on whichever node, learns what is known already.
        await using var other = await StartAsync("1.00:00:00", host);
        foreach (var node in (NotifyHost[])[host, other]) (await node.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should()
            .BeFalse();
        clock.Advance(TimeSpan.FromDays(1));
        var records = await DayAsync(5);
        records["data"]!["valid"]!.GetValue<bool>().Should().BeFalse();
        await ReportedAsync(2);
        await AlarmAsync("ActiveUnacked");
        await Eventually.GetAsync(() => Task.FromResult(host.WeCom.Received.Count(
            x => x.Text.Contains("The audit history does not verify / 审计记录验证不通过 ActiveUnacked", StringComparison.Ordinal))), x => x == 2);

        // Nobody has looked at it: it is told again all the same.
        clock.Advance(TimeSpan.FromDays(1));
        await DayAsync(6);
        await ReportedAsync(3);
    }

    [Fact]
    public async Task of_two_nodes_one_verifies_and_what_could_not_be_recorded_is_done_again()
    {
        await DayAsync(1);
        await using var other = await StartAsync("1.00:00:00", host);
        Verifications[] nodes = [.. new[] { host, other }.Select(x => x.Services.GetRequiredService<Verifications>())];
        clock.Advance(TimeSpan.FromDays(1));
        var morning = clock.GetUtcNow();
        await Task.WhenAll(nodes.Select(x => x.VerifyDailyAsync(default)));
        await DayAsync(2);
        nodes.Count(x => x.State.LastAt >= morning).Should().Be(1);

        await host.RefuseAsync("audit.history_verified.v1");
        clock.Advance(TimeSpan.FromDays(1));
        await nodes[1].VerifyDailyAsync(default);
        await DayAsync(2);
        ((string)(await UnwatchedAsync("ActiveUnacked"))["description"]!).Should().Contain("ended by an error").And.Contain("refused for a test");
        await Eventually.GetAsync(HealthAsync, x => x.Contains("ended by an error", StringComparison.Ordinal));
        await host.AcceptAgainAsync();
        await DayAsync(3);
        await UnwatchedAsync("ClearedUnacked");
        // The other node, which has seen the error too, learns that it was done.
        await other.Services.GetRequiredService<VerificationWatch>().WatchAsync(default);
        (await other.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Should().NotContain("Degraded");
    }

    /// <summary>With a password for the database somebody writes what a verification leaves behind, so that it is taken for done.</summary>
    [Fact]
    public async Task what_can_be_written_by_sql_switches_no_verification_off()
    {
        await DayAsync(1);
        clock.Advance(TimeSpan.FromDays(1));
        await DayAsync(2);
        var tomorrow = clock.GetUtcNow().AddDays(1);
        await host.ExecuteAsync(
            $"""
            insert into notify.mt_streams (id, type, version, timestamp, created) values ('verification-{tomorrow:yyyyMMdd}', null, 1, now(), now());
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, user_name)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), 'verification-{tomorrow:yyyyMMdd}', 1, data, type, timestamp, mt_dotnet_type, user_name
            from notify.mt_events where type = 'audit.history_verified.v1' order by seq_id limit 1;
            update notify.audit_mark set value = replace(value, '{tomorrow.AddDays(-1):yyyy-MM-dd}', '{tomorrow:yyyy-MM-dd}') where name = 'verified'
            """);
        clock.Advance(TimeSpan.FromDays(1));
        await DayAsync(4); // the forged one is listed too
        await host.ExecuteAsync("delete from notify.audit_mark where name = 'verified'");
        await DayAsync(5);
        await host.ExecuteAsync(
            "insert into notify.follower_lease values (true, 'nobody', 'infinity') on conflict (id) do update set node = 'nobody', lease_until = 'infinity'");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await Eventually.GetAsync(() => host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
    }

    [Fact]
    public async Task a_verification_that_is_kept_from_being_done_is_told_after_a_day()
    {
        await DayAsync(1);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await using var connection = await KeepFromVerifyingAsync();
        await PassAsync(watch, TimeSpan.FromHours(25));
        (await HealthAsync()).Should().NotContain("Degraded", "a day is not over by a minute");
        await PassAsync(watch, TimeSpan.FromHours(2));
        (await HealthAsync()).Should().Contain(Overdue);
        ((string?)(await UnwatchedAsync("ActiveUnacked"))["level"]).Should().Be("Critical");

        await LetVerifyAsync(connection);
        await DayAsync(2);
        await UnwatchedAsync("ClearedUnacked");
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().NotContain("Degraded");
    }

    [Fact]
    public async Task a_machine_that_slept_and_a_clock_that_was_set_get_the_time_of_a_start_to_verify_and_no_more()
    {
        await DayAsync(1);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await using var connection = await KeepFromVerifyingAsync();
        clock.Advance(TimeSpan.FromHours(30));
        await PassAsync(watch, TimeSpan.FromMinutes(50));
        clock.Advance(-TimeSpan.FromHours(2));
        await PassAsync(watch, TimeSpan.FromMinutes(50));
        (await HealthAsync()).Should().NotContain("Degraded", "nothing could be verified while the machine slept");
        await PassAsync(watch, TimeSpan.FromMinutes(15));
        (await HealthAsync()).Should().Contain(Overdue);

        // To sleep once more makes nothing good.
        clock.Advance(TimeSpan.FromHours(30));
        await PassAsync(watch, TimeSpan.FromMinutes(50));
        (await HealthAsync()).Should().Contain(Overdue);
        await UnwatchedAsync("ActiveUnacked");

        await LetVerifyAsync(connection);
        await DayAsync(2);
        await UnwatchedAsync("ClearedUnacked");
    }

    [Fact]
    public async Task a_verification_that_goes_on_for_long_is_under_way_and_one_that_stands_still_is_not()
    {
        await DayAsync(1);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        clock.Advance(TimeSpan.FromHours(13));
        await Eventually.GetAsync(() => Task.FromResult(host.Services.GetRequiredService<Verifications>().State.Running), x => x is null);
        // The last one is a day and more ago, and another node has one under way, which takes hours.
        await using var connection = await KeepFromVerifyingAsync();
        clock.Advance(TimeSpan.FromHours(30));
        var (marks, row) = (host.Services.GetRequiredService<Marks>(), "");
        for (var i = 0; i < 60; i++)
        {
            await marks.WriteAsync(connection, new VerifyingMark(clock.GetUtcNow()), default);
            if (i == 30) row = await MarkAsync();
            await PassAsync(watch, TimeSpan.FromMinutes(4));
        }

        (await HealthAsync()).Should().NotContain("Degraded");
        await PassAsync(watch, TimeSpan.FromMinutes(16));
        (await HealthAsync()).Should().Contain(Overdue, "it has stood still for a quarter of an hour");
        await host.ExecuteAsync($"update notify.audit_mark set {row} where name = 'verifying'");
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().Contain(Overdue, "somebody put back what was said hours ago");
        await UnwatchedAsync("ActiveUnacked");
        await LetVerifyAsync(connection);
        await Eventually.GetAsync(HealthAsync, x => !x.Contains("Degraded", StringComparison.Ordinal));

        // One of this node, which comes to a table that somebody has locked.
        await using var locking = await connection.BeginTransactionAsync();
        clock.Advance(TimeSpan.FromHours(30));
        await watch.WatchAsync(default);
        await using (var command = new NpgsqlCommand(
            "lock table notify.secret in access exclusive mode", connection)) await command.ExecuteNonQueryAsync();
        await Eventually.GetAsync(() => Task.FromResult(host.Services.GetRequiredService<Verifications>().WholeUnderWay), x => x?.Entries > 0);
        await PassAsync(watch, TimeSpan.FromMinutes(55));
        await PassAsync(watch, TimeSpan.FromMinutes(4));
        (await HealthAsync()).Should().NotContain("Degraded");
        await PassAsync(watch, TimeSpan.FromMinutes(16));
        (await HealthAsync()).Should().Contain(Overdue);

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
        await DayAsync(1);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await Eventually.GetAsync(IsSignedAsync, x => x);
        // What is rolled back keeps its number; often it is the last of a day, as a change that came too late.
        await host.ExecuteAsync("select nextval('notify.mt_events_sequence')");
        await PassAsync(watch, TimeSpan.FromMinutes(24));
        (await HealthAsync()).Should().NotContain("Degraded");
    }

    [Fact]
    public async Task a_history_that_is_not_followed_or_not_signed_any_more_is_told()
    {
        await DayAsync(1);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await using var connection = await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var command = new NpgsqlCommand(
                "select from notify.follower_step for update", connection)) await command.ExecuteNonQueryAsync();
            // So far behind that no reader waits.
            await host.ExecuteAsync("select setval('notify.mt_events_sequence', last_value + 30000) from notify.mt_events_sequence");
            await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
            var proof = await host.SendAsync("GET", $"audit/proof/{await ForgedEvents.ScalarAsync(host, "select max(seq_id)::text from notify.mt_events")}");
            (proof.Status, (string?)proof.Body["detail"]).Should().Be((503, "The history is not up to date yet. Try again shortly."));
            await watch.WatchAsync(default);
            (await HealthAsync()).Should().NotContain("Degraded");
            await PassAsync(watch, TimeSpan.FromMinutes(16), works: false);
            (await HealthAsync()).Should().Contain("no event is taken into the audit history");
        }

        await Eventually.GetAsync(() => host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().NotContain("Degraded");
        await host.Services.GetRequiredService<CheckpointSigner>().StopAsync(default);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too cold" } } });
        await Eventually.GetAsync(() => host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
        await PassAsync(watch, TimeSpan.FromMinutes(4), works: false);
        clock.Advance(TimeSpan.FromHours(1));
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().NotContain("Degraded", "nothing could be signed while the machine slept");
        await PassAsync(watch, TimeSpan.FromMinutes(16), works: false);
        (await HealthAsync()).Should().Contain("no checkpoint was signed");
    }

    /// <summary>An event that never gets a leaf could be deleted without a trace.</summary>
    [Fact]
    public async Task who_moves_the_log_ahead_is_told_of_and_nothing_is_signed_until_somebody_accepts_it()
    {
        await DayAsync(1);
        await Eventually.GetAsync(IsSignedAsync, x => x);
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await host.ExecuteAsync("update notify.follower_step set position = 9000000000000000000 where step = 'merkle-log'");
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().Contain("The log is said to have followed up to 9000000000000000000");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await watch.WatchAsync(default);
        await Eventually.GetAsync(
            HealthAsync, x => x.Contains(" has no leaf in the log, though the log is said to have followed up to ", StringComparison.Ordinal));
        await UnwatchedAsync("ActiveUnacked");
        var refused = await host.SendAsync("GET", "audit/checkpoint");
        refused.Status.Should().Be(409, refused.Text);
        (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Select(x => (string?)x!["kind"]).Should().Contain("log");

        (await host.SendAsync("POST", "audit/checkpoints/accept", new { reason = "Position put back" })).Status.Should().Be(200);
        await Eventually.GetAsync(IsSignedAsync, x => x);
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().NotContain("Degraded");
    }

    [Theory]
    [InlineData("tombstone", 9000000000000000000)]
    [InlineData("alarms.alarm_expired.v1", 1000000000000)]
    public async Task a_row_with_a_number_that_no_event_can_have_stops_nothing_and_is_told(string type, long number)
    {
        await DayAsync(1);
        await host.ExecuteAsync(
            $$"""
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
            values ({{number}}, gen_random_uuid(), 'alarm-forged', 1, '{}', '{{type}}', now(), '')
            """);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await Eventually.GetAsync(IsSignedAsync, x => x);
        (await host.GetAsync("audit?type=alarms.alarm_reported.v1"))["items"]!.AsArray().Should().ContainSingle();
        var watch = host.Services.GetRequiredService<VerificationWatch>();
        await watch.WatchAsync(default);
        (await HealthAsync()).Should().Contain($"The event {number} has a number that the database has not given out");
        var bad = await host.PostAsync("audit/verify", new { });
        ((string?)bad["firstBad"]!["kind"], (long)bad["firstBad"]!["sequence"]!, (int)bad["found"]!).Should().Be(("inserted", number, 1));
    }

    /// <summary>Time as it passes on a machine that is awake: the watch looks every few minutes.</summary>
    /// <param name="works">In so much time everything is followed and signed, unless something keeps it from being.</param>
    private async Task PassAsync(VerificationWatch watch, TimeSpan time, bool works = true)
    {
        var step = TimeSpan.FromMinutes(4);
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            if (works) await Eventually.GetAsync(IsSignedAsync, x => x);
            clock.Advance(left < step ? left : step);
            await watch.WatchAsync(default);
        }
    }

    private async Task<bool> IsSignedAsync()
    {
        if (await host.Services.GetRequiredService<EventFollower>().LagAsync(default) > 0) return false;
        await using var connection = await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        return (await host.Services.GetRequiredService<Marks>().LogAsync(connection, default))?.Size == await LogReader.SizeAsync(
            connection, default);
    }

    /// <summary>Somebody holds the lock under which the nodes agree on one that verifies, until the connection lets it go.</summary>
    private async Task<NpgsqlConnection> KeepFromVerifyingAsync()
    {
        var connection = await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select pg_advisory_lock($1)", connection)
        { Parameters = { new() { Value = Verifications.LockKey } } };
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task LetVerifyAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task<string> HealthAsync() => host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative));

    private async Task<JsonObject> DayAsync(int number)
    {
        var records = await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?type=audit.history_verified.v1"), x => x.Count >= number);
        records.Should().HaveCount(number, "it is done once a day, however often the timer looks");
        return records[^1];
    }

    private async Task ReportedAsync(int count) =>
        (await Eventually.GetAsync(async () => (await host.Client.GetAllFromAsync("audit?type=alarms.alarm_reported.v1"))
            .FindAll(x => IsOfHistory(x["resource"]!)), x => x.Count >= count)).Should().HaveCount(count);

    /// <summary>And not of the tables beside the events, which has an alarm of its own.</summary>
    private static bool IsOfHistory(JsonNode alarm, string name = "The audit history does not verify / 审计记录验证不通过") =>
        alarm["name"]!.GetValue<string>() == name;

    private Task<JsonNode> UnwatchedAsync(string state) => AlarmAsync(state, "The audit history is no longer verified / 审计记录已停止验证");

    private async Task<JsonNode> AlarmAsync(string state, string name = "The audit history does not verify / 审计记录验证不通过") =>
        (await Eventually.GetAsync(async () => (await host.GetAsync($"alarms?path=Notify/Audit&state={state}"))["items"]!.AsArray()
            .Where(x => IsOfHistory(x!, name)).ToList(), x => x.Count == 1))[0]!;

    private Task<NotifyHost> StartAsync(string interval, NotifyHost? sameStoreAs = null) => NotifyHost.StartAsync(
        [$"Notify:Audit:VerificationCheckInterval={interval}", "Notify:Audit:CheckpointInterval=00:00:00.2"], replace: services =>
        services.AddSingleton<TimeProvider>(clock), sameStoreAs: sameStoreAs);
}
