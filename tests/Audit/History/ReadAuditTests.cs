using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Testing;

namespace Notify.Audit.Tests.History;

public sealed class ReadAuditTests(ReadAuditTests.Plant plant) : IClassFixture<ReadAuditTests.Plant>
{
    private readonly NotifyHost host = plant.Host;
    private readonly Example example = plant.Example;

    [Fact]
    public async Task a_change_of_configuration_is_listed_with_author_reason_and_difference()
    {
        var message = await host.PostAsync("messages", new { type = "wecom", name = "Text", content = "before" });
        var id = message["id"]!.GetValue<string>();
        using var change = new HttpRequestMessage(HttpMethod.Put, new Uri($"/api/v1/messages/{id}", UriKind.Relative))
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { type = "wecom", name = "Text", content = "after" }),
            Headers = { { "If-Match", "\"1\"" }, { "X-Change-Reason", "shorter" }, { "X-Correlation-Id", "change-4711" } },
        };
        (await host.Client.SendAsync(change)).EnsureSuccessStatusCode();

        var entry = (await host.GetAsync($"audit?resource={id}&type=rules.message_changed.v1"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        entry["module"]!.GetValue<string>().Should().Be("rules");
        entry["resource"]!["name"]!.GetValue<string>().Should().Be("Text");
        entry["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        entry["reason"]!.GetValue<string>().Should().Be("shorter");
        entry["correlationId"]!.GetValue<string>().Should().Be("change-4711");
        entry["sourceIp"]!.GetValue<string>().Should().Be("127.0.0.1");
        entry["changes"]!.AsArray().Select(x => x!.ToJsonString()).Should().Equal("""{"path":"settings.content","from":"before","to":"after"}""");
    }

    [Fact]
    public async Task pages_follow_each_other_in_event_order_without_gap_or_repeat()
    {
        var start = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().ToString("O"));
        for (var i = 0; i < 7; i++) await host.PostAsync("messages", new { type = "wecom", name = $"Text {i}", content = "x" });
        var (sequences, cursor) = (new List<long>(), "");
        do
        {
            var page = await host.GetAsync($"audit?type=rules.message_created.v1&from={start}&limit=3{cursor}");
            sequences.AddRange(page["items"]!.AsArray().Select(x => x!["sequence"]!.GetValue<long>()));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        sequences.Should().HaveCount(7).And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task a_histogram_counts_what_happened_when_and_for_whom_it_is()
    {
        await using var host = await NotifyHost.StartAsync();
        var start = TimeProvider.System.GetUtcNow();
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor", path = "Site1" }, new { name = "Fan", path = "Site2" } } });
        await host.WeCom.WaitForAsync(x => x.Delivered, count: 2);
        string Period(TimeSpan from, TimeSpan to) => $"from={Uri.EscapeDataString((start + from).ToString("O"))}&to={Uri.EscapeDataString((start + to).ToString("O"))}";
        var asked = $"audit/histogram?{Period(TimeSpan.FromMinutes(-9), TimeSpan.FromMinutes(3))}&bars=4";

        var bars = (await Eventually.GetAsync(() => host.GetAsync(asked), x => (int)x["bars"]![3]!["notifications"]! == 2))["bars"]!.AsArray();
        bars.Should().HaveCount(4);
        bars.Take(3).Should().OnlyContain(x => (int)x!["alarms"]! + (int)x["notifications"]! == 0);
        ((int)bars[3]!["alarms"]!, (int)bars[3]!["failures"]!).Should().Be((2, 0));
        // A service, a message, a rule; schedules may have been there before.
        ((int)bars[3]!["changes"]!).Should().BeGreaterThanOrEqualTo(3);

        var limited = await host.ClientOfKeyAsync(new { name = "one site", permissions = new[] { "history.read" }, paths = new[] { "Site1/**" } });
        var seen = (await limited.GetFromAsync(asked))["bars"]![3]!;
        ((int)seen["alarms"]!, (int)seen["notifications"]!).Should().Be((1, 1));

        foreach (var (query, field) in new[] { ("", "from"), ($"{Period(default, default)}", "to"), ($"{Period(TimeSpan.FromDays(-400), default)}", "from") })
        {
            using var refused = await host.Client.GetAsync(new Uri($"/api/v1/audit/histogram?{query}", UriKind.Relative));
            ((int)refused.StatusCode).Should().Be(400);
            JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["errors"]![field].Should().NotBeNull();
        }
    }

    [Fact]
    public async Task filters_find_what_they_name()
    {
        string[] filters =
        [
            "module=services", "text=Plant%20WeCom", "resource=service", "actor=bootstrap&module=services",
            "text=plant%20wecom&type=services.service_created.v1&actor=bootstrap&order=desc", "text=%E5%BC%A0%E4%B8%89",
        ];
        foreach (var filter in filters)
        {
            Types(await host.GetAsync($"audit?{filter}")).Should().Contain("services.service_created.v1", filter);
            Types(await host.GetAsync($"audit?{filter}&to=2020-01-01T00:00:00Z")).Should().BeEmpty(filter);
        }
    }

    [Fact]
    public async Task every_filter_gives_what_reading_everything_and_choosing_by_hand_gives()
    {
        await using var host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host);
        await host.PostAsync("alarms", new
        {
            alarms = Enumerable.Range(0, 20).Select(i => new
            {
                name = $"Pump {i}",
                path = "Site/泵站",
                level = "High",
                state = "ActiveUnacked",
                value = $"{i}.73 Bar",
                description = i % 2 == 0 ? $"出口温度过高，请检查\nSince shift {i}" : "",
            })
        });
        var sent = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("audit"), x => x.Count(e => Text(e, "type") == "delivery.attempt_succeeded.v1") >= 60);
        var middle = Text(sent[sent.Count / 2], "at")!;
        var alarm = sent.First(x => Body(x).Contains("9.73 Bar", StringComparison.Ordinal))["resource"]!["id"]!.GetValue<string>();
        var correlation = Text(sent.First(x => Text(x, "type") == "alarms.alarm_reported.v1"), "correlationId");
        var filters = new (string Query, Func<JsonObject, bool> Fits)[]
        {
            ("module=delivery", x => Text(x, "module") == "delivery"),
            ("type=delivery.attempt_started.v1", x => Text(x, "type") == "delivery.attempt_started.v1"),
            ("resource=notification", x => x["resource"]!["kind"]!.GetValue<string>() == "notification"),
            ($"resource={alarm}", x => x["resource"]!["id"]!.GetValue<string>() == alarm),
            ($"correlationId={correlation}", x => Text(x, "correlationId") == correlation),
            ("actor=system", x => x["actor"]!["id"]!.GetValue<string>() == "system"),
            ("actor=bootstrap", x => x["actor"]!["name"]!.GetValue<string>() == "bootstrap"),
            ($"from={Uri.EscapeDataString(middle)}", x => string.CompareOrdinal(Text(x, "at"), middle) >= 0),
            ($"to={Uri.EscapeDataString(middle)}&module=delivery", x =>
            string.CompareOrdinal(Text(x, "at"), middle) < 0 && Text(x, "module") == "delivery"),
            ("text=pump%2017", x => x["resource"]!["name"]?.GetValue<string>() == "Pump 17"),
            ($"text=Pump&resource={alarm}", x => x["resource"]!["id"]!.GetValue<string>() == alarm),
            ("text=7.73%20bar", x => Body(x).Contains("7.73 Bar", StringComparison.Ordinal)),
            ("text=7.73%20bar&type=alarms.alarm_reported.v1", x =>
            Text(x, "type") == "alarms.alarm_reported.v1" && Body(x).Contains("7.73 Bar", StringComparison.Ordinal)),
            ("text=%E6%B8%A9%E5%BA%A6", x => Body(x).Contains("温度", StringComparison.Ordinal)),
            ("text=%E8%BF%87%E9%AB%98,%E8%AF%B7", x => Body(x).Contains("过高，请", StringComparison.Ordinal)),
            ("text=%E6%9F%A5%0Asince%20shift%2014", x => Body(x).Contains("查\nSince shift 14", StringComparison.Ordinal)),
            ("text=73%20&module=alarms", x => Text(x, "module") == "alarms" && Body(x).Contains(".73 ", StringComparison.Ordinal)),
            ($"text=9.73%20bar&resource={alarm}", x =>
            x["resource"]!["id"]!.GetValue<string>() == alarm && Body(x).Contains("9.73 Bar", StringComparison.Ordinal)),
            ("text=Pump%203&module=delivery&actor=system", x =>
            Text(x, "module") == "delivery" && x["resource"]!["name"]!.GetValue<string>() == "Pump 3"),
        };
        await CheckAsync();
        // Rows of bodies as earlier versions wrote them are twice as wide.
        await host.ExecuteAsync("update notify.audit_body set grams = grams || grams");
        await CheckAsync();

        async Task CheckAsync()
        {
            foreach (var (query, fits) in filters)
            {
                var expected = sent.Where(fits).Select(Sequence).ToList();
                expected.Should().NotBeEmpty(query);
                (await host.Client.GetAllFromAsync($"audit?{query}")).Select(Sequence).Should().Equal(expected, query);
                (await host.Client.GetAllFromAsync($"audit?{query}&order=desc")).Select(Sequence).Should()
                    .Equal(expected.AsEnumerable().Reverse(), query);
            }
        }
    }

    [Fact]
    public async Task what_a_storm_brings_at_once_is_found_one_by_one()
    {
        var accepted = await host.PostAsync("alarms",
            new { alarms = Enumerable.Range(0, 700).Select(i => new { name = $"Valve {i} stuck", path = "Site", state = "ActiveUnacked" }) });
        var correlation = accepted["accepted"]![0]!["correlationId"]!.GetValue<string>();
        await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?type=rules.alarm_decided.v1&text=valve"), x => x.Count >= 700);

        (await host.Client.GetAllFromAsync("audit?text=valve%20613%20s")).Select(x => Text(x, "type")).Should()
            .Equal("alarms.alarm_reported.v1", "rules.alarm_decided.v1");
        (await host.Client.GetAllFromAsync("audit?text=VALVE&type=alarms.alarm_reported.v1")).Should().HaveCount(700);
        (await host.Client.GetAllFromAsync($"audit?correlationId={correlation}")).Count(x => Text(x, "module") == "alarms").Should().BeGreaterThan(0);

        await using var database = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var shelves = database.CreateCommand("select count(*) from notify.audit_posting where term between 1 and 128");
        (await shelves.ExecuteScalarAsync()).Should().NotBe(0L, "so many names share rows");
    }

    [Fact]
    public async Task a_search_that_takes_too_long_ends_with_a_cursor_that_goes_on()
    {
        await using var hasty = await NotifyHost.StartAsync(["Notify:Audit:LongestSearch=00:00:00"]);
        await hasty.PostAsync("alarms", new
        {
            alarms = Enumerable.Range(0, 12)
            .Select(i => new { name = $"Pump {i}", state = "ActiveUnacked", value = i == 9 ? "x7" : "y8" })
        });
        var (pages, found, cursor) = (0, new List<string?>(), "");
        do
        {
            var page = await hasty.GetAsync($"audit?text=x7&limit=1{cursor}");
            found.AddRange(page["items"]!.AsArray().Select(x => x!["data"]!["value"]?.GetValue<string>()));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : "";
            pages++;
        }
        while (cursor.Length > 0);
        found.Should().Equal("x7");
        pages.Should().BeGreaterThan(3, "none of the first pages found anything");
    }

    [Fact]
    public async Task a_summary_is_in_the_language_that_is_asked_for_and_both_are_there()
    {
        var entry = (await host.GetAsync($"audit?resource={example.RuleId}"))["items"]![0]!;
        entry["summary"]!.GetValue<string>().Should().Be("Rule “Everything” was created, by bootstrap");
        entry["summaries"]!["zh"]!.GetValue<string>().Should().Be("新增通知规则“Everything”（操作人：bootstrap）");
        (await host.GetAsync($"audit?resource={example.RuleId}&lang=zh"))["items"]![0]!["summary"]!.GetValue<string>().Should()
            .Be("新增通知规则“Everything”（操作人：bootstrap）");
        (await host.SendAsync("GET", $"audit?resource={example.RuleId}", null, "Accept-Language", "en;q=0.5,zh-CN"))
            .Body["items"]![0]!["summary"]!.GetValue<string>().Should().StartWith("新增通知规则");
    }

    [Fact]
    public async Task the_tree_of_a_correlation_leads_from_the_alarm_to_the_outcome()
    {
        var accepted = await host.PostAsync(
            "alarms", new { alarms = new[] { new { name = "Motor", path = Plant.Told, state = "ActiveUnacked" } } });
        var correlation = accepted["accepted"]![0]!["correlationId"]!.GetValue<string>();
        var tree = await Eventually.GetAsync(
            () => host.GetAsync($"audit/correlations/{correlation}"), x => x.ToJsonString().Contains("attempt_succeeded", StringComparison.Ordinal));
        var types = new List<string>();
        for (var node = tree["roots"]!.AsArray().Should().ContainSingle().Subject; node is not null; node = node["effects"]!.AsArray()
            .SingleOrDefault())
            types.Add(node["entry"]!["type"]!.GetValue<string>());
        types.Should().Equal(
            "alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1", "delivery.attempt_started.v1",
            "delivery.attempt_succeeded.v1");
    }

    /// <summary>Whoever can write to the database can let events cause each other, or one the next without end.</summary>
    [Theory]
    [InlineData("""
        update notify.mt_events e set causation_id = (select d.id from notify.mt_events d where d.causation_id = e.id::text)
        where e.type = 'alarms.alarm_reported.v1' and e.stream_id = 'ALARM'
        """)]
    [InlineData("""
        insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
        select nextval('notify.mt_events_sequence'), md5(i::text)::uuid, stream_id, 100 + i, data, type, timestamp, mt_dotnet_type, correlation_id,
          case i when 1 then id else md5((i - 1)::text)::uuid end, headers, user_name
        from notify.mt_events, generate_series(1, 1000) i where type = 'alarms.alarm_reported.v1' and stream_id = 'ALARM'
        """)]
    public async Task a_causal_tree_has_every_entry_whatever_their_causes_say(string forgery)
    {
        var accepted = await host.PostAsync("alarms", new { alarms = new[] { new { name = $"Motor {Guid.NewGuid():N}", state = "ActiveUnacked" } } });
        var address = $"audit/correlations/{accepted["accepted"]![0]!["correlationId"]}";
        await Eventually.GetAsync(() => host.GetAsync(address), x => x.ToJsonString().Contains("alarm_decided", StringComparison.Ordinal));
        await host.ExecuteAsync(forgery.Replace("ALARM", (string)accepted["accepted"]![0]!["alarmId"]!, StringComparison.Ordinal));

        var tree = await host.GetAsync(address);
        var types = Below(tree["roots"]!).ToList();
        types.Should().HaveCount((int)tree["entries"]!).And.Contain("alarms.alarm_reported.v1").And.Contain("rules.alarm_decided.v1");

        static IEnumerable<string> Below(JsonNode nodes) =>
            nodes.AsArray().SelectMany(x => Below(x!["effects"]!).Prepend((string)x["entry"]!["type"]!));
    }

    [Fact]
    public async Task a_rebuild_gives_the_same_index_and_forgets_what_no_event_holds_any_more()
    {
        var before = await host.Client.GetAllFromAsync("audit?text=plant");
        await using var database = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using (var stray = database.CreateCommand(
            "insert into notify.audit_term (term, field, generation, value) values (4711, 3, 0, 'somebody erased')")) await stray.ExecuteNonQueryAsync();

        await host.PostAsync("audit/rebuild", new { });
        await Eventually.GetAsync(() => host.GetAsync("audit/rebuild"), x => !x["rebuild"]!["running"]!.GetValue<bool>());

        (await host.Client.GetAllFromAsync("audit?text=plant")).Select(Sequence).Should().Equal(before.Select(Sequence)).And.NotBeEmpty();
        await using var count = database.CreateCommand("select count(*) from notify.audit_term where value like '%somebody erased%'");
        (await count.ExecuteScalarAsync()).Should().Be(0L);
        (await host.Client.GetAllFromAsync("audit?type=audit.audit_index_rebuilt.v1")).Should().ContainSingle();
    }

    [Fact]
    public async Task an_index_that_an_earlier_version_wrote_is_made_anew_by_one_node_and_says_meanwhile_what_it_lacks()
    {
        await using var host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Pump", description = "Discharge is hot" } } });
        await Eventually.GetAsync(() =>
            host.GetAsync("audit?text=discharge%20is"), x => x["items"]!.AsArray().Count == 1 && !x.ContainsKey("incomplete"));
        (await host.Client.GetAllFromAsync("audit?type=audit.audit_index_rebuilt.v1")).Should()
            .BeEmpty("an index that begins with this version lacks nothing");
        // What this node has in memory of the last bodies, it would write again.
        await host.Services.GetRequiredService<EventFollower>().StopAsync(default);
        await host.ExecuteAsync("delete from notify.audit_body; update notify.audit_term set value = 'generation' where term = 0");

        // As if a third node were at it.
        await using var database = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var holder = await database.OpenConnectionAsync();
        await using var command = new Npgsql.NpgsqlCommand($"select pg_advisory_lock({0x6e6f74696679_03})", holder);
        await command.ExecuteNonQueryAsync();
        string[] settings = ["Notify:Audit:UpgradeCheckInterval=00:00:00.1"];
        await using var node = await NotifyHost.StartAsync(settings, sameStoreAs: host);
        await using var other = await NotifyHost.StartAsync(settings, sameStoreAs: host);
        var lacking = await node.GetAsync("audit?text=discharge%20is");
        (lacking["items"]!.AsArray().Count, (bool?)lacking["incomplete"]).Should().Be((0, true));
        (await node.GetAsync("audit")).ContainsKey("incomplete").Should().BeFalse("without a text nothing is lacking");

        command.CommandText = $"select pg_advisory_unlock({0x6e6f74696679_03})";
        await command.ExecuteNonQueryAsync();
        foreach (var one in (NotifyHost[])[node, other])
            (await Eventually.GetAsync(() => one.GetAsync("audit?text=discharge%20is"), x => !x.ContainsKey("incomplete")))["items"]!.AsArray()
                .Should().ContainSingle();
        var record = (await host.Client.GetAllFromAsync("audit?type=audit.audit_index_rebuilt.v1")).Should().ContainSingle().Subject;
        ((string)record["actor"]!["kind"]!, (string)record["reason"]!).Should().Be(("system", "upgrade"));
        record["data"]!["upTo"]!.GetValue<long>().Should().BePositive();
    }

    /// <summary>What is looked for a text beside names: values, descriptions and messages.</summary>
    private static string Body(JsonObject entry) =>
        string.Join("\n\n", ((JsonNode?[])[entry["data"]!["value"], entry["data"]!["description"],
            (entry["data"]!["content"] as JsonObject)?["text"]]).Select(x => x?.ToString()));

    private static string? Text(JsonObject entry, string field) => entry[field]?.ToString();

    private static long Sequence(JsonObject entry) => entry["sequence"]!.GetValue<long>();

    private static IEnumerable<string> Types(JsonObject page) => page["items"]!.AsArray().Select(x => x!["type"]!.GetValue<string>());

    public sealed class Plant : IAsyncLifetime
    {
        /// <summary>Of whose alarms a robot is told.</summary>
        internal const string Told = "Site1";

        public NotifyHost Host { get; private set; } = null!;
        public Example Example { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync();
            Example = await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }]);
            var rule = await Host.GetAsync($"rules/{Example.RuleId}");
            rule["criteria"]!["paths"] = new JsonArray(Told);
            (await Host.PutAsync($"rules/{Example.RuleId}", 1, rule)).Status.Should().Be(200);
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
