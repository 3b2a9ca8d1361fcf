using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Audit.Retention;
using Notify.Delivery.Flights;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace Notify.Operation.Tests.Rebuild;

/// <summary>Every read model can be made again from the events, while alarms come in.</summary>
public sealed class RebuildTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>
    /// How the tables that follow from the events are read for a comparison. What is taken away is working state: <c>node</c> and
    /// <c>lease_until</c> say which node works on the row; <c>due_at</c> when a silence is looked at next; <c>probe_at</c> is when that node tries
    /// a blocked lane next, which a rebuild may bring forward. Of a notification that has ended, the lane, the urgency and the counters of attempts
    /// decide nothing any more; where its row is lost they cannot be rebuilt, because the lane followed from the configuration of that time, and
    /// the urgency from what else happened to its alarm meanwhile.
    /// </summary>
    private static readonly Dictionary<string, string> tables = new(StringComparer.Ordinal)
    {
        ["alarm"] = "to_jsonb(t)",
        ["silence"] = "to_jsonb(t) - 'due_at'",
        ["step"] = "to_jsonb(t)",
        ["drill_run"] = "to_jsonb(t)",
        ["notification"] = """
            to_jsonb(t) - case when t.due_at is null then array['priority', 'tries', 'requests_done', 'unknowns', 'form', 'lane'] else '{}' end
            """,
        ["notification_span"] = "to_jsonb(t)",
        ["lane"] = "to_jsonb(t) - 'node' - 'lease_until' - 'probe_at'",
        ["bulk"] = "to_jsonb(t) - 'node' - 'lease_until'",
        ["bulk_item"] = "to_jsonb(t)",
        ["replay"] = "to_jsonb(t) - 'node' - 'lease_until'",
        ["mt_doc_rule"] = "t.data",
        ["mt_doc_service"] = "t.data",
        ["mt_doc_message"] = "t.data",
        ["mt_doc_schedule"] = "t.data",
        ["mt_doc_expected_source"] = "t.data",
        ["mt_doc_drill"] = "t.data",
        ["mt_doc_user"] = "t.data",
        ["mt_doc_group"] = "t.data",
        ["mt_doc_role"] = "t.data",
        ["mt_doc_api_key"] = "t.data",
        ["audit_hold"] = "to_jsonb(t)",
    };

    /// <summary>These follow from the events too, and are compared otherwise: the index by what a search finds (its terms have other numbers when it
    /// is made again), the stamp in a test of its own, since a rebuild advances it.</summary>
    private static readonly string[] otherwise = ["audit_term", "audit_posting", "audit_body", "audit_span", "configuration_stamp"];

    /// <summary>Made by the libraries, and empty.</summary>
    private static readonly string[] unused =
        ["mt_event_progression", "mt_event_projection_floors", "mt_high_water_skips", "mt_doc_deadletterevent", "mt_doc_envelope"];

    private NotifyHost host = null!;

    public async Task InitializeAsync() =>
        host = await NotifyHost.StartAsync(["Notify:Audit:Retention:alarm=30", "Notify:WeCom:BotLimitPerMinute=0",
            "Notify:WeCom:ProbeInterval=1.00:00:00", "Notify:WeCom:MemberLimitPerMinute=0", "Notify:WeCom:MemberLimitPerHour=0",
            "Notify:Audit:TableCheckInterval=1.00:00:00"],
            weCom: options => (options.RobotLimit, options.MemberLimit, options.MemberHourLimit) = (0, 0, 0));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task after_a_long_history_each_table_is_made_again_while_alarms_come_in()
    {
        var random = TestRandom.New(output.WriteLine);
        await LiveAsync(random);
        await SettleAsync();
        // A rebuild of the configuration advances its number, whereupon a node tries its blocked lanes at once: until the tables have been compared
        // to the last column, no node serves the lanes.
        await host.LoseLanesAsync();
        await Eventually.GetAsync(() => Task.FromResult(host.Services.GetRequiredService<FlightRunner>().UnderWay), x => x == 0);
        var versions = await VersionsAsync();
        var before = await DumpAsync();
        foreach (var (table, rows) in before) rows.Should().NotBeEmpty($"else nothing is shown of {table}");

        // Of what is right nothing is written.
        var untouched = await RebuildAsync("all");
        untouched.Where(x => (string)x!["model"]! is not ("history" or "holds")).Select(x => $"{x!["model"]} {x["written"]} {x["removed"]}")
            .Should().OnlyContain(x => x.EndsWith(" 0 0", StringComparison.Ordinal));
        Same(await DumpAsync(), before);

        // While nothing goes on, what is made again is the same to the last column.
        indexed = await IndexedAsync();
        await DamageAsync(random);
        await RebuildAsync("all");
        Same(await DumpAsync(), before);
        await host.RegainLanesAsync();

        await DamageAsync(random);
        using var stop = new CancellationTokenSource();
        var coming = AlarmsComeInAsync(stop.Token);
        var rebuilt = await RebuildAsync("all");
        await stop.CancelAsync();
        var came = await coming;
        came.Should().NotBeEmpty("alarms came in meanwhile");
        rebuilt.Sum(x => (long)x!["written"]!).Should().BePositive();
        rebuilt.Sum(x => (long)x!["removed"]!).Should().BePositive();
        rebuilt.Sum(x => (long)x!["unreadable"]!).Should().Be(0);

        await SettleAsync();
        var after = await DumpAsync();
        // A node acts by what the tables say, damaged or not, and puts it on record: a lane may have been tried, and blocked anew. Of these the next
        // rebuild, which compares each with its events, finds nothing to write.
        var wentOn = (await VersionsAsync()).Except(versions).Select(x => x.Key).ToHashSet(StringComparer.Ordinal);
        Same(after, before, wentOn);
        // What came meanwhile is there, and as its events say.
        foreach (var id in came) after["alarm"].Should().ContainKey(id);
        // Only the row of a lane may be left over: while the service's row was missing, what waited for it was moved to another lane, and back.
        var leftOver = await QueryAsync("select id, '' from notify.lane l where not exists (select from notify.notification n where n.lane = l.id)");
        var again = await RebuildAsync(
            "alarms", "silences", "steps", "drills", "notifications", "notificationSpans", "bulk", "replays", "configuration", "lanes");
        again.Should().OnlyContain(x => (long)x!["written"]! == 0);
        again.Should().OnlyContain(x => (long)x!["removed"]! <= ((string)x["model"]! == "lanes" ? leftOver.Count : 0));
        (await host.SendAsync("POST", "audit/verify", new { })).Status.Should().BeOneOf(200, 202);

        var entries = (await Eventually.GetAsync(
            () => host.GetAsync("audit?type=operation.rebuild_ended.v1"), x => x["items"]!.AsArray().Count == 4))["items"]!.AsArray();
        ((string)entries[0]!["actor"]!["kind"]!, (string)entries[0]!["reason"]!).Should().Be(("apiKey", "rows were changed by SQL"));
        Same(await IndexedAsync(), indexed, []);
        foreach (var table in unused)
            (await QueryAsync($"select '{table}', count(*) from notify.{table}"))[table].Should().Be("0", $"docs/operations.md says that {table} is empty");

        // What was erased does not come back, whatever the rows kept of the texts around it.
        (await DumpAsync())["alarm"].Values.Should().Contain(x => x.Contains("Meier", StringComparison.Ordinal));
        host.WeCom.RestoreRobot(Example.SecondRobotKey);
        await host.PostAsync("notifications/bulk", new { verb = "cancel", reason = "held", filter = new { status = "Scheduled" } });
        await SettleAsync();
        var erased = await host.SendAsync("POST", "audit/erasures", new { subject = "Dr. Meier", reason = "Asked for it" });
        erased.Status.Should().Be(200, erased.Text);
        await RebuildAsync("all");
        (await DumpAsync()).Values.SelectMany(x => x.Values).Should().NotContain(x => x.Contains("Meier", StringComparison.Ordinal));
    }

    [Fact]
    public async Task every_table_follows_from_the_events_or_the_documentation_says_what_it_holds_instead()
    {
        var there = (await QueryAsync(
            "select table_name, table_type from information_schema.tables where table_schema = 'notify' and table_type = 'BASE TABLE'")).Keys.ToList();
        var rebuilt = host.Services.GetServices<IReadModel>().SelectMany(x => x.Tables).ToList();
        rebuilt.Should().BeEquivalentTo(tables.Keys.Concat(otherwise), "each is compared");

        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations.md"));
        var section = text[text.IndexOf("## Rebuilding tables", StringComparison.Ordinal)..text.IndexOf("## Signing in", StringComparison.Ordinal)];
        var rows = section.Split('\n').Where(x => x.StartsWith("| `", StringComparison.Ordinal)).Select(x => x.Split('|')).ToList();
        NamesIn(rows.Where(x => x.Length == 5).Select(x => x[2])).Should().BeEquivalentTo(rebuilt);
        NamesIn(rows.Where(x => x.Length == 4).Select(x => x[1])).Where(x => x != "wolverine").Should().BeEquivalentTo(there.Except(rebuilt));

        static IEnumerable<string> NamesIn(IEnumerable<string> cells) => cells.SelectMany(x => x.Split('`').Where((_, i) => i % 2 == 1));
    }

    [Fact]
    public async Task an_unknown_model_is_refused_and_named_with_those_that_there_are()
    {
        var answer = await host.SendAsync("POST", "operation/rebuild", new { models = new[] { "alarm" } });
        (answer.Status, answer.Faults.Single()).Should().Be((400, "models"));
        answer.Text.Should().Contain("alarms").And.Contain("notifications");
        (await host.SendAsync("POST", "operation/rebuild", new { models = Array.Empty<string>() })).Status.Should().Be(400);
        ((bool)(await host.GetAsync("operation/rebuild"))["running"]!).Should().BeFalse();
    }

    [Fact]
    public async Task a_number_of_the_configuration_that_is_set_back_is_found_and_a_rebuild_mends_it()
    {
        await Example.MakeAsync(host);
        await host.ExecuteAsync("update notify.configuration_stamp set version = 1");
        var found = await VerifyAsync();
        ((bool)found["valid"]!).Should().BeFalse();
        found.ToJsonString().Should().Contain("it was lowered outside Notify").And.Contain("operation/rebuild");

        await RebuildAsync("configuration");

        ((bool)(await VerifyAsync())["valid"]!).Should().BeTrue();
        (await QueryAsync("select 'version', version from notify.configuration_stamp"))["version"].Should()
            .Be("5", "it goes on after the four that are on record");
    }

    private Dictionary<string, Dictionary<string, string>> indexed = [];

    private async Task LiveAsync(Random random)
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }]);
        await host.PostAsync("rules", new
        {
            name = "Second robot",
            criteria = new { states = new[] { "ActiveUnacked", "ClearedUnacked" }, paths = new[] { "Site1/**" } },
            actions = new[] { new { type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId,
            receivers = new[] { new { kind = "bot", alias = "Line 2" } } } },
        });
        await host.PostAsync("rules", new
        {
            name = "Nobody reacts",
            criteria = new { states = new[] { "ActiveUnacked" }, levels = new[] { "Critical" } },
            actions = new[] { new { type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId,
            receivers = new[] { new { kind = "account", account = "lisi" } }, after = new { minutes = 600 } } },
        });
        var drill = await host.PostAsync("drills", new
        {
            name = "Line 1",
            example.ServiceId,
            example.MessageId,
            receivers = new[] { new { kind = "bot", alias = "Line 1" } },
            at = new { everyHours = 720 },
            confirmWithinMinutes = 1440,
            provenEveryHours = 720,
        });
        for (var i = 0; i < 5; i++) await host.PostAsync($"drills/{drill["id"]}/run", new { });
        await host.PostAsync("roles", new { name = "foreman", permissions = new[] { "alarms.read" } });
        await host.PostAsync("expected-sources", new { name = "Line 2", path = "Site1/Line2/**", expectEvery = 10080 });
        var person = await host.PostAsync("users", new { userName = "li.si", name = "李四", email = "li@example.com", roles = new[] { "foreman" } });
        await host.PostAsync("groups", new { name = "Night", members = new[] { person["id"] } });
        (await host.SendAsync("POST", "audit/holds", new { name = "Case 1", reason = "Asked for", resource = "notification" })).Status.Should()
            .Be(201);
        using (var silence = await host.Client.PostAsJsonAsync("/api/v2/silences", new
        {
            matchers = new[] { new { name = "alertname", value = "Silenced" } },
            endsAt = DateTimeOffset.UtcNow.AddDays(1),
            createdBy = "Li",
            comment = "Maintenance",
        })) silence.EnsureSuccessStatusCode();
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Silenced" } } });
        var ids = new List<string>();
        for (var step = 0; step < 30; step++)
        {
            switch (random.Next(8))
            {
                case 0 when ids.Count > 0:
                    await host.SendAsync("POST", $"alarms/{Any()}/acknowledge", new { note = "seen" });
                    break;
                case 1 when ids.Count > 0:
                    await host.SendAsync("POST", $"alarms/{Any()}/shelve", new { minutes = random.Next(60, 600), reason = "work" });
                    break;
                case 2 when ids.Count > 0:
                    await host.SendAsync("POST", $"alarms/{Any()}/unshelve");
                    break;
                case 3:
                    var message = await host.GetAsync($"messages/{example.MessageId}");
                    await host.PutAsync($"messages/{example.MessageId}", (long)message["version"]!,
                        new { type = "wecom", name = "Alarm text", format = "text", content = $"{{level}} {{name}} {{state}} {step}" });
                    break;
                case 4:
                    var kind = (FaultKind)random.Next((int)FaultKind.Hang);
                    host.WeCom.AddFault(new Fault(kind) { Code = kind == FaultKind.HttpStatus ? 503 : -1, Count = random.Next(1, 4), DelayMs = 50 });
                    break;
                default:
                    ids.AddRange(await ReportAsync(Enumerable.Range(0, random.Next(1, 30)).Select(_ => AnyReport(random))));
                    break;
            }
        }

        // Of what is over the time is up, and some of it comes again.
        await SettleAsync();
        await host.SendAsync("GET", "audit/checkpoint");
        var expiry = ActivatorUtilities.CreateInstance<Expiry>(host.Services, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(31)));
        (await expiry.ExpireAsync(default)).Should().BePositive();
        await ReportAsync(Enumerable.Range(0, 30).Select(_ => AnyReport(random)));

        // From here on the second robot is blocked, and holds its work.
        await SettleAsync();
        host.WeCom.RemoveRobot(Example.SecondRobotKey);
        await ReportAsync([new { name = "Held", path = "Site1", level = "High", state = "ActiveUnacked", value = "1",
            eventTime = TimeProvider.System.GetUtcNow() }]);
        await ReportAsync([new { name = "Held", path = "Site1", level = "Critical", state = "ClearedUnacked", value = "2",
            eventTime = TimeProvider.System.GetUtcNow() }]);
        await Eventually.GetAsync(() => host.GetAsync("lanes"), x => x.ToJsonString().Contains("\"blocked\":{", StringComparison.Ordinal));
        await host.PostAsync("notifications/bulk", new { verb = "cancel", reason = "not needed", filter = new { alarmId = "none" } });
        var sent = (await host.GetAsync("notifications?limit=300"))["items"]!.AsArray().Select(x => (string)x!["id"]!);
        await host.PostAsync("notifications/bulk", new { verb = "resend", ids = sent.Append("notification-unknown") });
        await host.PostAsync(
            "replays", new { mode = "review", from = TimeProvider.System.GetUtcNow().AddHours(-1), to = TimeProvider.System.GetUtcNow() });

        string Any() => ids[random.Next(ids.Count)];
    }

    private static object AnyReport(Random random) => new
    {
        name = $"Motor {random.Next(40)}",
        path = $"Site{random.Next(3)}",
        level = new[] { "Critical", "High", "Medium", "Low" }[random.Next(4)],
        state = new[] { "ActiveUnacked", "ClearedUnacked", "ActiveAcked", "ClearedAcked" }[random.Next(4)],
        value = $"{random.Next(100)}",
        description = random.Next(3) == 0 ? "Call Dr. Meier" : "Call somebody",
        eventTime = TimeProvider.System.GetUtcNow().AddSeconds(-random.Next(0, 5)),
    };

    private async Task<List<string>> ReportAsync(IEnumerable<object> alarms) =>
        [.. (await host.PostAsync("alarms", new { alarms }))["accepted"]!.AsArray().Select(x => (string)x!["alarmId"]!)];

    private async Task<List<string>> AlarmsComeInAsync(CancellationToken stop)
    {
        var ids = new List<string>();
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            // Of known alarms too: their rows are being made again at this moment.
            await ReportAsync([new { name = $"Meanwhile {i % 7}", path = "Site0" }, new { name = $"Meanwhile {i}", path = "Site2" }]);
            ids = [.. ids, .. await ReportAsync([new { name = $"New {i}", path = "Site1/New", level = "High" }])];
            // Without a pause they came faster than a rebuild, which leaves half of its time to others, can take them in.
            await Task.Delay(50, CancellationToken.None);
        }

        return ids;
    }

    /// <summary>Nothing is under way any more but what a blocked robot holds.</summary>
    private Task<string> SettleAsync() => Eventually.GetAsync(
        async () => string.Join('\n', (await QueryAsync(
            """
            select n.id, concat('notification ', status, ' ', lane, ' due ', due_at, ' version ', n.version, ' of ', s.version, ' ', reason)
            from notify.notification n join notify.mt_streams s on s.id = n.id left join notify.lane l on l.id = n.lane
            where (due_at is not null and l.blocked_at is null) or s.version > n.version
            union all select id::text, concat('message ', message_type, ' ', status) from wolverine.wolverine_incoming_envelopes where status <> 'Handled'
            union all select id, 'bulk' from notify.bulk where completed_at is null
            union all select id, 'replay' from notify.replay where status in ('Pending', 'Running')
            """)).Select(x => $"{x.Key}: {x.Value}")),
        x => x.Length == 0, TimeSpan.FromMinutes(3));

    private async Task DamageAsync(Random random)
    {
        foreach (var table in tables.Keys.Where(x => x != "audit_hold"))
        {
            var column = table switch
            {
                "alarm" => "body = jsonb_set(body, '{facts,name}', '\"forged\"'), state = 'ClearedAcked', changed = changed + 1000000",
                "silence" => "body = jsonb_set(body, '{reason}', '\"forged\"'), ends_at = now(), changed = changed + 1000000",
                "notification" => "status = 'Delivered', reason = 'forged', receivers = array['bot:forged'], position = position + 1000000, priority = (priority + 1) % 4",
                "notification_span" => "span = span + 1000",
                "step" => "level = (level + 1) % 4, action_key = action_key || 'x', number = number + 7, due_at = due_at + interval '1 day'",
                "drill_run" => "started_at = started_at + interval '1 day', proven_at = now()",
                "lane" => "blocked_at = case when blocked_at is null then now() end, blocked_message = 'forged', probe_at = now()",
                "bulk" => "reason = 'forged', total = 7",
                "bulk_item" => "notification_id = 'notification-forged', outcome = null",
                "replay" => "body = jsonb_set(body, '{endReason}', '\"forged\"')",
                _ => "data = jsonb_set(data, '{name}', '\"forged\"')",
            };
            await host.ExecuteAsync($"update notify.{table} t set {column} where hashtext({KeyOf(table)}::text || '{random.Next()}') % 3 = 0");
            await host.ExecuteAsync($"delete from notify.{table} t where hashtext({KeyOf(table)}::text || '{random.Next()}') % 4 = 0");
        }

        await host.ExecuteAsync(
            """
            insert into notify.alarm (id, changed, state, level, path, body) values ('alarm-invented', 1, 'ActiveUnacked', 'High', '', '{}');
            insert into notify.notification (id, position, lane, priority, status, version, attempts, tries, requests_done, alarm_id, rule_id, service_id, receivers, requested_at, alarm_version)
              values ('notification-invented', 1, 'x', 1, 'Failed', 1, 1, 1, 1, 'a', 'r', 's', '{}', now(), 1);
            insert into notify.notification_span values ('rule:invented', 0);
            update notify.configuration_stamp set version = 1;
            """);
        // Of its own tables the audit index is the last to be damaged, and is written block by block.
        await host.ExecuteAsync("delete from notify.audit_posting where hashtext(term::text) % 2 = 0; delete from notify.audit_hold");
    }

    private static string KeyOf(string table) => table switch
    {
        "notification_span" => "(t.key || ' ' || t.span)",
        "bulk_item" => "(t.bulk_id || ' ' || t.position)",
        _ => "t.id",
    };

    private async Task<JsonArray> RebuildAsync(params string[] models)
    {
        var asked = await host.SendAsync("POST", "operation/rebuild", new { models }, "X-Change-Reason", "rows were changed by SQL");
        asked.Status.Should().Be(202, asked.Text);
        var ended = await Eventually.GetAsync(() => host.GetAsync("operation/rebuild"), x => !(bool)x["running"]!, TimeSpan.FromMinutes(3));
        ((string?)ended["failure"]).Should().BeNull();
        ended["models"]!.AsArray().Count.Should().BeGreaterThanOrEqualTo(models.Length);
        return ended["models"]!.AsArray();
    }

    private async Task<JsonObject> VerifyAsync() => (await host.SendAsync("POST", "audit/verify", new { })).Body;

    /// <summary>What a search finds by the index.</summary>
    private async Task<Dictionary<string, Dictionary<string, string>>> IndexedAsync()
    {
        await Eventually.GetAsync(() => host.GetAsync("audit/rebuild"), x => (long)x["lag"]! == 0);
        var found = await host.Client.GetAllFromAsync("audit?module=alarms&to=" + Uri.EscapeDataString($"{until:O}"));
        return new() { ["audit"] = found.ToDictionary(x => x["sequence"]!.ToJsonString(), x => x.ToJsonString(), StringComparer.Ordinal) };
    }

    private readonly DateTimeOffset until = TimeProvider.System.GetUtcNow().AddHours(1);

    private async Task<Dictionary<string, Dictionary<string, string>>> DumpAsync()
    {
        var dump = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (table, columns) in tables) dump[table] = await QueryAsync($"select {KeyOf(table)}, {columns} from notify.{table} t");
        return dump;
    }

    private async Task<Dictionary<string, string>> QueryAsync(string sql)
    {
        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync()) rows[reader.GetString(0)] = reader.GetValue(1).ToString()!;
        return rows;
    }

    /// <param name="wentOn">Streams to which events came meanwhile: their rows are there, as are others that are new. Null: nothing came.</param>
    private static void Same(Dictionary<string, Dictionary<string, string>> actual, Dictionary<string, Dictionary<string, string>> expected,
        HashSet<string>? wentOn = null)
    {
        foreach (var (table, rows) in expected)
        {
            foreach (var (id, row) in rows)
            {
                if (wentOn?.Contains(table == "lane" ? Ids.Derived("lane", id) : id) == true) actual[table].Should().ContainKey(id);
                else actual[table].GetValueOrDefault(id).Should().Be(row, $"{table} {id}");
            }

            if (wentOn is null) actual[table].Keys.Should().BeEquivalentTo(rows.Keys, $"{table}");
        }
    }

    private Task<Dictionary<string, string>> VersionsAsync() => QueryAsync("select id, version from notify.mt_streams");
}
