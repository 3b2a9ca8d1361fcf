using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests.Intake;

/// <summary><c>POST /alarms</c> as any sender may misuse it.</summary>
public sealed class PostAlarmsTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;

    [Fact]
    public async Task the_same_event_sent_twice_notifies_once()
    {
        var name = NotifyFixture.NewName();
        var first = await notify.RaiseAsync(name, new { eventTime = "2026-11-22T08:00:00Z" });
        var second = await notify.RaiseAsync(name, new { eventTime = "2026-11-22T16:00:00+08:00" });
        second.Should().Be(first);
        await notify.RaiseAsync(name, new { eventTime = "2026-11-22T08:00:01Z", state = "ClearedUnacked" });
        (await notify.ArrivedAsync(name, 2)).Should().HaveCount(2);
        (await notify.RecordedAsync(first)).Should().Equal("alarms.alarm_reported.v1", "alarms.report_repeated.v1", "alarms.alarm_reported.v1");
    }

    [Fact]
    public async Task an_event_sent_again_is_on_record_where_the_answer_to_it_leads()
    {
        var name = NotifyFixture.NewName();
        var id = await notify.RaiseAsync(name, new { eventTime = "2026-11-22T08:00:00Z" });
        var again = await host.PostAsync("alarms", new { alarms = new[] { new { name, eventTime = "2026-11-22T08:00:00Z" } } });

        var alarm = await host.GetAsync($"alarms/{id}");
        var entry = alarm["timeline"]!.AsArray().Single(x => (string)x!["kind"]! == "repeated")!;
        ((long)entry["version"]!, (long)entry["repeats"]!, (int)entry["times"]!, (string)entry["state"]!).Should().Be((2, 1, 1, "ActiveUnacked"));
        alarm["version"]!.GetValue<long>().Should().Be(2);
        var trail = (await host.GetAsync($"audit?correlationId={again["accepted"]![0]!["correlationId"]}"))["items"]!.AsArray();
        var recorded = trail.Should().ContainSingle("nothing is decided about a repeat").Subject!;
        ((string)recorded["summaries"]!["en"]!).Should()
            .StartWith($"Alarm “{name}” was reported again as active, unacknowledged at 2026-11-22T08:00:00");
        ((string)recorded["summaries"]!["zh"]!).Should().StartWith($"报警“{name}”重复上报");
        recorded["occurredAt"]!.GetValue<DateTimeOffset>().Should()
            .Be(recorded["at"]!.GetValue<DateTimeOffset>(), "the event was then, its repeat is now");
    }

    [Fact]
    public async Task an_event_several_times_in_one_request_is_one_report_and_one_counted_repeat()
    {
        var name = NotifyFixture.NewName();
        var report = new { name, eventTime = "2026-11-22T08:00:00Z" };
        var answer = await host.PostAsync("alarms", new { alarms = new[] { report, report, report } });
        var id = (string)answer["accepted"]![0]!["alarmId"]!;
        (await notify.ArrivedAsync(name, 1)).Should().ContainSingle();
        (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray().Select(x => ((string)x!["type"]!, (int?)x["data"]!["times"]))
            .Should().Equal(("alarms.alarm_reported.v1", null), ("alarms.report_repeated.v1", 2));
    }

    [Theory]
    [InlineData("/api/v1/alarms", "application/json", "{'alarms':[{'name':'NAME'}]}")]
    [InlineData("/api/v1/intake/alertmanager", "application/json", "{'alerts':[{'status':'firing','labels':{'alertname':'NAME'}}]}")]
    [InlineData("/api/v1/intake/grafana", "application/json", "{'alerts':[{'status':'firing','labels':{'alertname':'NAME'}}]}")]
    [InlineData("/api/v1/intake/cloudevents", "application/cloudevents+json", "{'specversion':'1.0','id':'1','source':'/plant','type':'NAME'}")]
    [InlineData("/api/v1/intake/cloudevents", "application/json", "{'name':'NAME'}")]
    [InlineData("/api/v2/alerts", "application/json", "[{'labels':{'alertname':'NAME'}}]")]
    public async Task every_way_in_answers_a_repeat_with_the_same_key_as_it_did_at_first(string address, string type, string body)
    {
        var name = NotifyFixture.NewName();
        var first = await SendAsync(name, "event-1");
        first.Status.Should().BeOneOf([200, 202], first.Text);
        var again = await SendAsync(name, "event-1");
        (again.Status, again.Text).Should().Be(first, "the answer has the correlation id of the first request");
        (await SendAsync(name + "2", "event-1")).Status.Should().Be(409);
        if (address.EndsWith("cloudevents", StringComparison.Ordinal) && type == "application/json")
            (await SendAsync(name, "event-2")).Status.Should().Be(409, "its headers are another event's");

        async Task<(int Status, string Text)> SendAsync(string alarm, string id)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address);
            request.Content = new StringContent(body.Replace('\'', '"').Replace("NAME", alarm, StringComparison.Ordinal), Encoding.UTF8, type);
            request.Headers.Add("Idempotency-Key", name.Replace(' ', '-'));
            foreach (var (header, value) in new[] { ("specversion", "1.0"), ("id", id), ("source", "/plant"), ("type", "alarm") })
                request.Headers.Add($"ce-{header}", value);
            using var answer = await host.Client.SendAsync(request);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task the_order_of_reports_without_a_time_counts_also_when_the_request_is_repeated()
    {
        var name = NotifyFixture.NewName();
        string[] states = ["ActiveUnacked", "ActiveUnacked", "ClearedUnacked", "ActiveUnacked"];
        var body = new { alarms = states.Select(state => new { name, state }) };
        using var client = host.ClientWith(NotifyHost.AdminKey);
        client.DefaultRequestHeaders.Add("Idempotency-Key", name.Replace(' ', '-'));
        var id = (string)(await client.PostToAsync("alarms", body))["accepted"]![0]!["alarmId"]!;
        (await notify.RecordedAsync(id)).Should().Equal(
            "alarms.alarm_reported.v1", "alarms.report_repeated.v1", "alarms.alarm_reported.v1", "alarms.alarm_reported.v1");

        // As if the process had died before it kept the answer.
        await host.ExecuteAsync($"update notify.idempotency set answer = null, leased_until = '-infinity' where key = '{name.Replace(' ', '-')}'");
        await client.PostToAsync("alarms", body);
        (await notify.RecordedAsync(id)).Count(x => x == "alarms.alarm_reported.v1").Should().Be(3);
        ((string)(await host.GetAsync($"alarms/{id}"))["state"]!).Should().Be("ActiveUnacked");
    }

    [Fact]
    public async Task an_instant_has_any_number_of_digits_and_a_bad_one_is_its_own_alarm_s_fault()
    {
        var names = new[] { NotifyFixture.NewName(), NotifyFixture.NewName(), NotifyFixture.NewName() };
        var answer = await host.PostAsync("alarms", new
        {
            alarms = new[]
            {
                new { name = names[0], eventTime = "2026-11-22T08:00:00.123456789Z" },
                new { name = names[1], eventTime = "2026-11-22 08:00" },
                new { name = names[2], eventTime = "2026-11-22T08:00:00.1234567890123+08:00" },
            },
        });
        answer["rejected"]!.AsArray().Select(x => (int)x!["index"]!).Should().Equal(1);
        var times = new List<string>();
        foreach (var item in answer["accepted"]!.AsArray()) times.Add((string)(await host.GetAsync($"alarms/{item!["alarmId"]}"))["eventTime"]!);
        times.Should().Equal("2026-11-22T08:00:00.123456Z", "2026-11-22T00:00:00.123456Z");
    }

    [Fact]
    public async Task what_fits_is_taken_and_what_does_not_is_named_by_index_and_field()
    {
        var answer = await host.PostAsync("alarms",
            new
            {
                alarms = new object[] { new { name = NotifyFixture.NewName() }, new { level = "Loud" }, "x",
            new { name = NotifyFixture.NewName() } }
            });
        answer["accepted"]!.AsArray().Select(x => (int)x!["index"]!).Should().Equal(0, 3);
        answer["rejected"]!.AsArray().Select(x => (int)x!["index"]!).Should().Equal(1, 2);
        answer["rejected"]![0]!["errors"]!.AsObject().Select(x => x.Key).Should().Equal("level", "name");
    }

    [Fact]
    public async Task a_report_about_an_alarm_outside_the_caller_s_paths_is_refused_by_itself()
    {
        var (source, name) = ($"pump {Guid.NewGuid():N}", NotifyFixture.NewName());
        var report = new { name, path = "Site2/Pump", sourceId = source, eventTime = "2026-11-22T08:00:00Z" };
        var foreign = await notify.RaiseAsync(name, report);
        using var limited = await host.ClientOfKeyAsync(new { name = source, permissions = new[] { "alarms.report" }, paths = new[] { "Site1/**" } });
        var answer = await limited.PostToAsync("alarms", new
        {
            alarms = new object[]
            {
                new { name = NotifyFixture.NewName(), path = "Site1/A" },
                new { name, path = "Site1/Pump", sourceId = source, eventTime = "2026-11-22T09:00:00Z", state = "ClearedAcked" },
                new { level = "Loud" },
                new { name = NotifyFixture.NewName(), path = "Site1/B" },
                report with { path = "Site1/Pump" },
            },
        });
        answer["accepted"]!.AsArray().Select(x => (int)x!["index"]!).Should().Equal(0, 3);
        answer["rejected"]!.AsArray().Select(x => (int)x!["index"]!).Should().Equal(1, 2, 4);
        foreach (var i in (int[])[0, 2])
            ((string)answer["rejected"]![i]!["errors"]!["path"]![0]!).Should()
                .Be("The alarm that this report identifies lies outside these paths: Site1/**.");
        (await notify.RecordedAsync(foreign)).Should().Equal("alarms.alarm_reported.v1");

        using var alone = await limited.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { report with { path = "Site1/Pump" } } });
        alone.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(alone))["errors"]!.AsObject().Select(x => x.Key).Should().Equal("alarms[0].path");
    }

    [Fact]
    public async Task a_known_alarm_within_the_caller_s_paths_is_reported_by_its_id_alone()
    {
        var (own, foreign, name) = ($"own {Guid.NewGuid():N}", $"foreign {Guid.NewGuid():N}", NotifyFixture.NewName());
        await notify.RaiseAsync(name, new { path = "Site2/Pump", sourceId = foreign });
        using var limited = await host.ClientOfKeyAsync(new { name = own, permissions = new[] { "alarms.report" }, paths = new[] { "Site1/**" } });
        await limited.PostToAsync("alarms", new { alarms = new[] { new { name, path = "Site1/Pump", sourceId = own } } });
        var answer = await limited.PostToAsync("alarms", new
        {
            alarms = new object[]
            {
                new { name, sourceId = own, state = "ClearedUnacked" },
                new { name, sourceId = own, state = "ActiveUnacked" }, // a new occurrence has the path of its report
                new { name, sourceId = foreign, state = "ClearedUnacked" },
                new { name, sourceId = $"unknown to {own}", state = "ClearedUnacked" },
            },
        });
        var id = (string)answer["accepted"]!.AsArray().Should().ContainSingle().Subject!["alarmId"]!;
        answer["rejected"]!.AsArray().Select(x => ((int)x!["index"]!, (string)x["errors"]!["path"]![0]!)).Should().Equal(
            (1, "Only alarms below these paths may be reported with these credentials: Site1/**."),
            (2, "The alarm that this report identifies lies outside these paths: Site1/**."),
            (3, "Only alarms below these paths may be reported with these credentials: Site1/**."));
        var alarm = await host.GetAsync($"alarms/{id}");
        ((string)alarm["path"]!, (string)alarm["state"]!).Should().Be(("Site1/Pump", "ClearedUnacked"));
    }

    [Theory]
    [InlineData("""{ "alarms": [ { "name": "a" } ], "alarms": [ { "name": "b" } ] }""", "alarms")]
    [InlineData("""{ "id": 1, "alarms": [ { "name": "a" } ], "id": 2 }""", "id")]
    public async Task a_field_of_the_body_that_is_given_twice_is_named(string json, string field)
    {
        using var response = await SendAsync(json);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var (name, messages) = (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Single();
        (name, (string)messages![0]!).Should().Be((field, "This field is given twice."));
    }

    [Fact]
    public async Task when_nothing_fits_it_is_a_400_that_names_each()
    {
        using var response = await SendAsync("""{ "alarms": [ { "name": "a", "labels": { "x": {} } }, { "name": "\u200b\u2800" }, { "name": "a", "sourceId": "s\u0000" }, { "name": "b", "state": "\udc00" } ] }""");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Select(x => x.Key)
            .Should().Equal("alarms[0].labels.x", "alarms[1].name", "alarms[2].sourceId", "alarms[3].state");
    }

    [Fact]
    public async Task an_alarm_is_not_lost_for_an_odd_character_and_the_answer_names_it()
    {
        var name = NotifyFixture.NewName();
        using var response = await SendAsync($$$"""
            { "alarms": [
              { "name": " {{{name}}}\u0007\r\nB\u202e ", "path": "Site\u20281/Li\u200bne", "type": "\ufeffpressure", "ackUser": "Li\u0000",
                "description": "First\nsecond \ud83d, cut", "value": "1\u00002", "labels": { "te\u00adam": "a\u0000b", "notes": "one\ntwo" } },
              { "name": "{{{name}}} C\\ud83d", "description": "\\ud83d\ud83d\ude00\\" },
              { "name": "{{{name}}} cut \ud83d" } ] }
            """);
        var accepted = (await NotifyFixture.JsonAsync(response))["accepted"]!.AsArray();
        accepted[0]!["warnings"]!.AsObject().Select(x => x.Key).Should()
            .BeEquivalentTo("name", "path", "type", "ackUser", "description", "value", "labels", "labels.team");
        ((string)accepted[0]!["warnings"]!["name"]![0]!).Should().Contain("U+0007, U+000A, U+000D, U+202E");
        accepted[1]!.AsObject().Should().NotContainKey("warnings");
        accepted[2]!["warnings"]!.AsObject().Select(x => x.Key).Should().Equal("name");
        ((string)(await host.GetAsync($"alarms/{accepted[2]!["alarmId"]}"))["name"]!).Should().Be($"{name} cut \ufffd");

        var alarm = await host.GetAsync($"alarms/{accepted[0]!["alarmId"]}");
        ((string)alarm["name"]!, (string)alarm["path"]!, (string)alarm["type"]!, (string)alarm["ackUser"]!).Should()
            .Be(($"{name} B", "Site 1/Line", "pressure", "Li"));
        ((string)alarm["description"]!, (string)alarm["value"]!).Should().Be(("First\nsecond \ufffd, cut", "1\ufffd2"));
        ((string)alarm["labels"]!["team"]!, (string)alarm["labels"]!["notes"]!).Should().Be(("a\ufffdb", "one\ntwo"));
        var other = await host.GetAsync($"alarms/{accepted[1]!["alarmId"]}");
        ((string)other["name"]!, (string)other["description"]!).Should()
            .Be(($"{name} C\\ud83d", "\\ud83d😀\\"), "a backslash before is none of the escape's");
        foreach (var search in (string[])[$"{name} b", $"{name}\u200b B", name.Replace("Pressure", "Ｐressure", StringComparison.Ordinal)])
            (await host.GetAsync($"alarms?search={Uri.EscapeDataString(search)}"))["items"]!.AsArray().Select(x => (string)x!["id"]!).Should()
                .Contain((string)alarm["id"]!);
    }

    [Fact]
    public async Task alarms_that_look_the_same_are_one_and_others_are_not()
    {
        var name = NotifyFixture.NewName();
        async Task<string> IdOf(string path, string name) => await notify.RaiseAsync(name, new { path });
        var first = await IdOf("Site", $"{name} é");
        foreach (var twin in (
            string[])[$"{name} e\u0301", $"\u202e{name} é", $"{name}\u2800é", $"{name}\u3164é\ufe0f", $"{name}\n\u0000é", $"{name} é\U000E0041"])
            (await IdOf("Site", twin)).Should().Be(first, "of {0}", twin);
        string[] others = [first, await IdOf("Site", $"{name} É"), await IdOf($"A\nB{name}", "C"), await IdOf("A", $"B{name}\nC"),
            await IdOf($"A B{name}", "D")];
        others.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task a_thousand_are_taken_and_one_more_is_not()
    {
        var names = Enumerable.Range(0, 1000).Select(i => new { name = $"Bulk {i}", eventTime = "2026-11-22T08:00:00Z", path = "Bulk" });
        (await host.PostAsync("alarms", new { alarms = names }))["accepted"]!.AsArray().Should().HaveCount(1000);
        using var tooMany = await notify.SendAsync("/api/v1/alarms", new { alarms = Enumerable.Repeat(new { name = "x" }, 1001) });
        tooMany.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var none = await notify.SendAsync("/api/v1/alarms", new { alarms = Array.Empty<object>() });
        none.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/api/v1/alarms")]
    [InlineData("/api/v1/intake/alertmanager")]
    [InlineData("/api/v1/intake/grafana")]
    [InlineData("/api/v2/alerts")]
    public async Task who_sends_no_key_no_json_or_too_much_is_told(string address)
    {
        var uri = new Uri(address, UriKind.Relative);
        using var anonymous = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var body = Json("{}");
        (await anonymous.PostAsync(uri, body)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        (await host.Client.PostAsync(uri, text)).StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        using var large = new HttpRequestMessage(HttpMethod.Post, uri) { Content = Json("[\"" + new string('x', 17 * 1024 * 1024) + "\"]") };
        large.Headers.ExpectContinue = true; // or the answer may come while the body is still being written, to a broken pipe
        (await host.Client.SendAsync(large)).StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    /// <summary>Seeded, so that a fault is found again: each body is a valid one with a few bytes changed, cut or doubled, or fields of other
    /// kinds.</summary>
    [Theory]
    [InlineData("/api/v1/alarms", """{"alarms":[{"name":"N","path":"a/b","level":"High","state":"ActiveUnacked","value":1.5,"eventTime":"2026-11-22T08:00:00Z","ackMode":"manual","labels":{"k":"\u0041\ud83d\ude00"},"sourceId":"s"}]}""")]
    [InlineData("/api/v1/intake/alertmanager", """{"version":"4","status":"firing","truncatedAlerts":0,"alerts":[{"status":"firing","labels":{"alertname":"N\ud83d\ude00","severity":"page"},"annotations":{"summary":"s"},"startsAt":"2026-11-22T08:00:00.123456789Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p","fingerprint":"00"}]}""")]
    [InlineData("/api/v2/alerts", """[{"labels":{"alertname":"N\ud83d\ude00"},"annotations":{"summary":"s"},"startsAt":"2026-11-22T08:00:00Z","endsAt":"2027-11-22T08:00:00Z","generatorURL":"http://p"}]""")]
    [InlineData("/api/v1/intake/cloudevents", """{"specversion":"1.0","id":"1","source":"/a","type":"N\ud83d\ude00","subject":"a/b","time":"2026-11-22T08:00:00Z","data":{"level":"High","labels":{"k":"v"}}}""", "application/cloudevents+json")]
    public async Task no_bad_body_is_an_internal_error(string address, string valid, string contentType = "application/json")
    {
        var random = new Random(20261122);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 2000; i++)
        {
            var body = Spoil(valid, random);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new(contentType);
            using var response = await host.Client.PostAsync(new Uri(address, UriKind.Relative), content);
            ((int)response.StatusCode).Should().BeLessThan(500, "of {0}", Encoding.UTF8.GetString(body));
            answers.Add(response.StatusCode);
        }

        answers.Should().Contain(HttpStatusCode.BadRequest);
    }

    private static byte[] Spoil(string valid, Random random)
    {
        string[] scraps = ["\\ud800", "\\u0000", "null", "[]", "{}", "\"", "1e999", "-", "\\", ":", ",", "{\"a\":", "true", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z", "\0", "\\udc00\\ud800"];
        var text = valid;
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(0, 12), text.Length - at);
            text = text[..at] + (random.Next(4) == 0 ? "" : scraps[random.Next(scraps.Length)]) + text[(at + length)..];
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && random.Next(4) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(20) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }

    private Task<HttpResponseMessage> SendAsync(string json) => host.Client.PostAsync(new Uri("/api/v1/alarms", UriKind.Relative), Json(json));

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
