using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Verification;
using Notify.Audit.Retention;
using Notify.Audit.Tests.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

public sealed class RetentionTests
{
    [Fact]
    public void everything_is_kept_unless_somebody_says_otherwise() => Policy([]).Periods.Should().BeEmpty();

    [Theory]
    [InlineData("rule", "30")]
    [InlineData("signin", "30")]
    [InlineData("configuration", "30")]
    [InlineData("audit", "30")]
    [InlineData("alarm", "0")]
    [InlineData("alarm", "soon")]
    public void a_setting_that_makes_no_sense_is_refused(string name, string value)
    {
        var act = () => Policy(new() { [$"Notify:Audit:Retention:{name}"] = value });
        act.Should().Throw<StartException>();
    }

    [Fact]
    public async Task what_expires_leaves_its_leaf_and_a_record_and_a_hold_keeps_it()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:notification=30"]);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        var notification = (await Eventually.GetAsync(
            () => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!["id"]!.GetValue<string>();
        await host.SendAsync("GET", "audit/checkpoint");

        (await ExpireAsync(host, days: 29)).Should().Be(0, "its time is not up");
        var hold = await host.SendAsync(
            "POST", "audit/holds", new { name = "Case 4711", reason = "Asked for by the authority", resource = "notification" });
        hold.Status.Should().Be(201);
        (await ExpireAsync(host, days: 31)).Should().Be(0, "a hold covers it");
        (await host.SendAsync("DELETE", $"audit/holds/{hold.Id}", null, "X-Change-Reason", "Case closed")).Status.Should().Be(204);
        (await ExpireAsync(host, days: 31)).Should().Be(3);

        (await host.SendAsync("GET", $"notifications/{notification}")).Status.Should().Be(404);
        (await host.GetAsync("notifications"))["items"]!.AsArray().Should().BeEmpty();
        var verified = await host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default);
        verified.FirstBad.Should().BeNull();
        (await host.Client.GetStringAsync(new Uri($"/api/v1/audit/export?resource={notification}", UriKind.Relative))).Should()
            .Contain("\"body\":{\"$commitment\":\"");
        (await host.GetAsync("audit?type=audit.entries_expired.v1"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task an_alarm_that_was_put_away_comes_back_like_a_new_one()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        using var limited = await host.ClientOfKeyAsync(new { name = "one site", permissions = new[] { "history.read" }, paths = new[] { "Site1/**" } });
        var alarm = await ReportAsync("2026-01-31T08:00:00Z", "ClearedAcked");
        await ReportAsync("2026-01-31T08:01:00Z", "ClearedAcked");
        await host.SendAsync("GET", "audit/checkpoint");
        (await ExpireAsync(host, days: 31)).Should().Be(2);
        (await host.SendAsync("GET", $"alarms/{alarm}")).Status.Should().Be(404);

        (await ReportAsync("2026-03-31T08:00:00Z", "ActiveUnacked")).Should().Be(alarm);

        var back = await host.GetAsync($"alarms/{alarm}");
        ((string)back["state"]!, (long)back["version"]!).Should().Be(("ActiveUnacked", 3));
        back["timeline"]!.AsArray().Count(x => (string)x!["kind"]! == "reported").Should().Be(1, "what was put away is not shown");
        var entries = (await limited.GetFromAsync($"audit?resource={alarm}"))["items"]!.AsArray();
        entries.Select(x => (long)x!["resource"]!["version"]!).Should().Contain(3, "who is limited to its path sees it too");
        await host.SendAsync("GET", "audit/checkpoint");
        (await host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default)).FirstBad.Should().BeNull();

        await host.ExecuteAsync($"update notify.mt_events set is_archived = false where stream_id = '{alarm}' and version = 1");
        (await host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default)).FirstBad!.Explanation.Should()
            .EndWith("has expired, but was put back in the store, so that it is read.");

        async Task<string> ReportAsync(string eventTime, string state) =>
            (string)(await host.PostAsync(
                "alarms", new { alarms = new[] { new { name = "Motor too hot", path = "Site1", eventTime, state } } }))["accepted"]![0]!["alarmId"]!;
    }

    [Fact]
    public async Task a_report_that_was_put_away_and_comes_again_is_on_record_and_notifies_nobody()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var first = await ReportAsync();
        await host.WaitForNotificationsAsync(1);
        await host.SendAsync("GET", "audit/checkpoint");
        (await ExpireAsync(host, days: 31)).Should().Be(1);

        var again = await ReportAsync();

        ((string)again["alarmId"]!).Should().Be((string)first["alarmId"]!);
        var recorded = (await host.GetAsync($"audit?correlationId={again["correlationId"]}"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        ((string)recorded["type"]!, (string)recorded["data"]!["alarmId"]!, (int)recorded["data"]!["times"]!, (string)recorded["data"]!["state"]!)
            .Should().Be(("alarms.put_away_report_repeated.v1", (string)first["alarmId"]!, 1, "ClearedAcked"));
        ((string)recorded["summaries"]!["en"]!).Should().Contain("Motor too hot");
        (await host.SendAsync("GET", $"alarms/{first["alarmId"]}")).Status.Should().Be(404, "it does not come back by that");
        (await host.GetAsync("notifications"))["items"]!.AsArray().Should().ContainSingle();

        async Task<JsonNode> ReportAsync() =>
            (await host.PostAsync("alarms",
                new
                {
                    alarms = new[] { new { name = "Motor too hot", eventTime = "2026-01-31T08:00:00Z",
                state = "ClearedAcked" } }
                }))["accepted"]![0]!;
    }

    /// <summary>Each class, and where its list is.</summary>
    public static TheoryData<string, string?> Classes =>
        new()
        {
            { "alarm", "alarms" }, { "decision", null }, { "notification", "notifications" }, { "test", null }, { "connection", null },
            { "replay", "replays" },
        };

    /// <summary>One class after the other, in one store that holds something of each.</summary>
    [Fact]
    public async Task of_each_class_what_is_over_expires_and_nothing_else()
    {
        await using var host = await NotifyHost.StartAsync();
        Classes.Select(x => (string)x[0]).Should()
            .BeEquivalentTo(host.Services.GetRequiredService<RetentionPolicy>().Classes.Keys, "every class is tested");
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Over", state = "ClearedAcked" } } });
        await host.WaitForNotificationsAsync(1);
        await host.PostAsync(
            $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "Test" });
        await host.PostAsync($"services/{example.ServiceId}/connection-test", new { });
        await host.WaitForReplayAsync(await host.ReplayAsync("review"));
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 45009 });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Still active" } } });
        await Eventually.GetAsync(() => host.GetAsync("notifications"), x => x["items"]!.AsArray().Count == 2);
        var past = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        // These cover something else.
        await host.SendAsync("POST", "audit/holds", new { name = "Other case", reason = "Asked for", resource = "rule" });
        await host.SendAsync("POST", "audit/holds", new { name = "Old case", reason = "Asked for", to = past });
        await Verifiers.SignAsync(host);

        var expired = 0;
        foreach (var (name, list) in Classes.Select(x => ((string)x[0], (string?)x[1])))
        {
            var before = await StreamsAsync(host);
            (await ExpireAsync(host, name, days: 29)).Should().Be(0, "the time of {0} is not up", name);
            foreach (var (resource, from) in new[] { ((string?)name, (DateTimeOffset?)null), (null, past), (null, null) })
            {
                var hold = await host.SendAsync("POST", "audit/holds", new { name = "Case", reason = "Asked for", resource, from });
                (await ExpireAsync(host, name, days: 31)).Should().Be(0, "a hold covers {0}", name);
                (await host.SendAsync("DELETE", $"audit/holds/{hold.Id}", null, "X-Change-Reason", "Closed")).Status.Should().Be(204);
            }

            (await ExpireAsync(host, name, days: 31)).Should().BePositive(name);
            (await ExpireAsync(host, name, days: 31)).Should().Be(0, "{0} is done once", name);

            var gone = before.Except(await StreamsAsync(host)).ToList();
            gone.Should().OnlyContain(x => x.StartsWith(name + "-", StringComparison.Ordinal));
            var open = name is "alarm" or "notification" ? 1 : 0;
            if (list is not null) (await host.GetAsync(list))["items"]!.AsArray().Should()
                .HaveCount(open, "what is open of {0} stays, the rest is gone", name);
            var records = await host.Client.GetAllFromAsync("audit?type=audit.entries_expired.v1");
            records.Should().HaveCount(++expired);
            records[^1]["data"]!["entries"]!.AsArray().Should().HaveCountGreaterThanOrEqualTo(gone.Count);
            (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue(name);
            var path = Path.Combine(host.DataDirectory, $"{name}.ndjson");
            await File.WriteAllBytesAsync(
                path, await host.Client.GetByteArrayAsync(new Uri($"/api/v1/audit/export?resource={name}", UriKind.Relative)));
            await Verifiers.BothAcceptAsync(path, await Verifiers.SignAsync(host));
            (await File.ReadAllTextAsync(path)).Should().Contain("\"body\":{\"$commitment\":\"", name);
        }
    }

    /// <summary>With a password for the database somebody wants what a hold keeps to be destroyed, and Notify to do it.</summary>
    [Fact]
    public async Task what_permits_or_forbids_destroying_is_what_is_on_record_whatever_the_tables_say()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:notification=30", "Notify:Audit:Retention:alarm=30"]);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var alarm = (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } }))["accepted"]![0]!["alarmId"]!;
        await host.WaitForNotificationsAsync(1);
        var hold = await host.SendAsync(
            "POST", "audit/holds", new { name = "Case 4711", reason = "Asked for by the authority", resource = "notification" });
        await Verifiers.SignAsync(host);

        // The alarm is active by its events, and the hold is on record.
        await host.ExecuteAsync("delete from notify.audit_hold; update notify.alarm set state = 'ClearedAcked'");
        (await ExpireAsync(host, days: 31)).Should().Be(0);
        (await host.GetAsync("audit/holds"))["items"]!.AsArray().Should().ContainSingle(x => (string)x!["id"]! == hold.Id);
        (await VerifyAsync()).Should().ContainSingle().Which.Should()
            .Match<(string Kind, string Text)>(x => x.Kind == "hold" && x.Text.Contains("Case 4711"));

        // A release is written as Notify would write it.
        const string Release = """{"reason":"Closed"}""";
        await host.ExecuteAsync(
            $"""
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, user_name)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), '{hold.Id}', 2, '{Release}', 'audit.hold_released.v1', now(), 'x', 'system'
            """);
        await Verifiers.SignAsync(host);
        (await ExpireAsync(host, days: 31)).Should().Be(0);
        (await VerifyAsync()).Should().HaveCount(2).And.OnlyContain(x => x.Kind == "hold");

        // Whoever may, still releases it; and the table follows from the events again.
        (await host.SendAsync("DELETE", $"audit/holds/{hold.Id}", null, "X-Change-Reason", "Case closed")).Status.Should().Be(204);
        (await host.GetAsync("audit/holds"))["items"]!.AsArray().Should().BeEmpty();
        await host.ExecuteAsync("insert into notify.audit_hold values ('hold-x', 'Nothing', null, null, null, '', now())");
        (await VerifyAsync()).Should().HaveCount(2).And.Contain(x => x.Text.Contains("hold-x"));
        await host.PostAsync("audit/rebuild", new { });
        (await VerifyAsync()).Should().ContainSingle("the release that nobody made stays on record");
        await Verifiers.SignAsync(host);
        (await ExpireAsync(host, days: 31)).Should().BePositive();
        (await host.GetAsync("notifications"))["items"]!.AsArray().Should().BeEmpty("they go, and the alarm stays, which is still active");
        (await host.SendAsync("GET", $"alarms/{alarm}")).Status.Should().Be(200);

        async Task<List<(string Kind, string Text)>> VerifyAsync() =>
            [.. (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Select(x => ((string)x!["kind"]!, (string)x["explanation"]!))];
    }

    [Fact]
    public async Task a_hold_that_is_taken_out_of_the_history_just_before_something_expires_still_keeps_it()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", state = "ClearedAcked" } } });
        await host.SendAsync("POST", "audit/holds", new { name = "Case 4711", reason = "Asked for by the authority" });
        await Verifiers.SignAsync(host);
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        var key = host.Services.GetRequiredService<MasterKey>();
        var verified = (await HoldsOnRecord.ReadAsync(await database.OpenConnectionAsync(), key, default)).Open;
        await host.ExecuteAsync("delete from notify.mt_events where type = 'audit.hold_placed.v1'");
        var expiry = ActivatorUtilities.CreateInstance<Expiry>(host.Services, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(31)));
        (await expiry.ExpireAsync(default, verified)).Should().Be(0);
    }

    [Fact]
    public async Task an_alarm_that_comes_back_while_it_expires_is_listed()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        var alarm = (string)(await ReportAsync("2026-01-31T08:00:00Z", "ClearedAcked"))["accepted"]![0]!["alarmId"]!;
        await Verifiers.SignAsync(host);
        await using var held = await HeldAsync(host, "lock table notify.audit_redaction in share mode");
        var expiry = Task.Run(() => ExpireAsync(host, days: 31));
        await WaitForWaitersAsync(host, 1, expiry);

        var report = ReportAsync("2026-03-31T08:00:00Z", "ActiveUnacked");
        await WaitForWaitersAsync(host, 2, report);
        // The report holds nothing that the expiry needs: each would wait for the other.
        await (await HeldAsync(host, "select from notify.alarm for update nowait")).DisposeAsync();
        await held.Transaction.RollbackAsync();
        (await expiry).Should().Be(1);
        ((string)(await report)["accepted"]![0]!["alarmId"]!).Should().Be(alarm);
        (await host.GetAsync("alarms"))["items"]!.AsArray().Should().ContainSingle(x => (string)x!["id"]! == alarm && (string)x["state"]! == "ActiveUnacked");
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();

        async Task<JsonNode> ReportAsync(string eventTime, string state) =>
            await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", eventTime, state } } });
    }

    [Fact]
    public async Task a_hold_is_answered_only_when_nothing_that_it_covers_is_being_destroyed_and_the_policy_cannot_change_under_it()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", state = "ClearedAcked" } } });
        await Verifiers.SignAsync(host);
        await using (var held = await HeldAsync(host, "lock table notify.audit_redaction in share mode"))
        {
            var expiry = Task.Run(() => ExpireAsync(host, days: 31));
            await WaitForWaitersAsync(host, 1, expiry);
            var hold = PlaceAsync();
            await WaitForWaitersAsync(host, 2, hold);
            hold.IsCompleted.Should().BeFalse();
            await held.Transaction.RollbackAsync();
            (await expiry).Should().Be(1);
            (await hold).Status.Should().Be(201);
        }

        // As if the policy were being changed.
        foreach (var change in (Func<Task<RestAnswer>>[])[PlaceAsync, RedeliverAsync])
        {
            await using var held = await HeldAsync(host, "update notify.configuration_stamp set version = version");
            var made = change();
            await WaitForWaitersAsync(host, 1, made);
            made.IsCompleted.Should().BeFalse();
            await held.Transaction.RollbackAsync();
            (await made).Status.Should().BeOneOf(201, 202);
        }

        Task<RestAnswer> PlaceAsync() => host.SendAsync("POST", "audit/holds", new { name = "Case 4711", reason = "Asked for by the authority" });

        Task<RestAnswer> RedeliverAsync() => host.SendAsync(
            "POST", "replays", new { mode = "redeliver", from = "2026-01-31T03:00:00Z", to = "2026-01-31T04:00:00Z", reason = "Nobody was told" });
    }

    /// <summary>An event of a later version of Notify, for example, or one that somebody has spoilt.</summary>
    [Fact]
    public async Task a_stream_that_cannot_be_read_is_kept_whatever_the_tables_say()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        var reported = await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" }, new { name = "Pump" } } });
        await Verifiers.SignAsync(host);
        await host.ExecuteAsync(
            $"""
            update notify.mt_events set type = 'alarms.alarm_reported.v99' where stream_id = '{reported["accepted"]![0]!["alarmId"]}';
            update notify.alarm set state = 'ClearedAcked'
            """);
        (await ExpireAsync(host, days: 31)).Should().Be(0);
    }

    [Fact]
    public async Task what_no_checkpoint_covers_is_kept()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await host.Services.GetRequiredService<CheckpointSigner>().StopAsync(default);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", state = "ClearedAcked" } } });
        (await host.Services.GetRequiredService<EventFollower>().CatchUpAsync(TimeSpan.FromSeconds(30), default)).Should().BeTrue();
        (await ExpireAsync(host, days: 31)).Should().Be(0, "nobody could prove any more what it was");
        await Verifiers.SignAsync(host);
        (await ExpireAsync(host, days: 31)).Should().Be(1);
    }

    /// <summary>An event is emptied, its commitment kept and a record appended, all as retention does it.</summary>
    [Fact]
    public async Task a_record_of_an_expiry_that_somebody_else_wrote_is_found()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30"]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", state = "ClearedAcked" } } });
        await Verifiers.SignAsync(host);
        (await ExpireAsync(host, days: 31)).Should().Be(1);
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        // What Notify itself has written, said once more in another stream.
        await host.ExecuteAsync(
            """
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, user_name, headers)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), 'expiry-forged', 1, data, type, timestamp, mt_dotnet_type, user_name, headers from notify.mt_events where type = 'audit.entries_expired.v1'
            """);
        var bad = await host.PostAsync("audit/verify", new { });
        ((string?)bad["firstBad"]?["kind"], (string?)bad["firstBad"]?["streamId"]).Should().Be(("erasure", "expiry-forged"));
    }

    private sealed record Held(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Connection.DisposeAsync();
    }

    /// <summary>A transaction for which others wait.</summary>
    private static async Task<Held> HeldAsync(NotifyHost host, string sql)
    {
        var connection = await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return new Held(connection, transaction);
    }

    /// <summary>Until so many wait for a lock, or the task need not wait.</summary>
    private static async Task WaitForWaitersAsync(NotifyHost host, long count, Task task) => await Eventually.GetAsync(
        async () =>
        {
            await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
            return (long)(await command.ExecuteScalarAsync())!;
        },
        x => x >= count || task.IsCompleted);

    private static async Task<List<string>> StreamsAsync(NotifyHost host)
    {
        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("select distinct stream_id from notify.mt_events where not is_archived");
        await using var reader = await command.ExecuteReaderAsync();
        var streams = new List<string>();
        while (await reader.ReadAsync()) streams.Add(reader.GetString(0));
        return streams;
    }

    private static RetentionPolicy Policy(Dictionary<string, string?> settings, IEnumerable<ExpiringStreams>? streams = null) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), streams ?? [new ExpiringStreams("alarm", ["alarm"])]);

    /// <summary>As if the class were kept for 30 days, and so many had passed.</summary>
    internal static Task<int> ExpireAsync(NotifyHost host, string name, int days) =>
        ActivatorUtilities.CreateInstance<Expiry>(
            host.Services, Policy(new() { [$"Notify:Audit:Retention:{name}"] = "30" }, host.Services.GetServices<ExpiringStreams>()),
            new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days))).ExpireAsync(default);

    /// <summary>As if so many days had passed.</summary>
    private static Task<int> ExpireAsync(NotifyHost host, int days) =>
        ActivatorUtilities.CreateInstance<Expiry>(host.Services, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days)))
            .ExpireAsync(default);
}
