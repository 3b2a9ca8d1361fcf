using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests.Silences;

/// <summary>Silences over Alertmanager's API, and what they do to alarms. The real amtool is in the acceptance tests.</summary>
public sealed class SilenceTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;
    private readonly string plant = $"plant-{Guid.NewGuid():N}";

    [Fact]
    public async Task alarms_that_match_now_and_later_are_shelved_and_told_after_the_end()
    {
        var (first, later) = (NotifyFixture.NewName(), NotifyFixture.NewName());
        var firstId = await RaiseAsync(first);
        await notify.ArrivedAsync(first, 1);
        var silence = await SilenceAsync(Matcher("plant", plant), Matcher("severity", "crit.*|medium", isRegex: true));

        var shelved = await host.GetAsync($"alarms/{firstId}");
        ((bool)shelved["shelved"]!, (string)shelved["silence"]!["id"]!, (string)shelved["silence"]!["by"]!).Should().Be((true, silence, "Li"));
        var laterId = await RaiseAsync(later);
        (await notify.RecordedAsync(laterId)).Should().ContainSingle("it is shelved by the event that raises it");
        var why = await Eventually.GetAsync(
            () => host.GetAsync($"alarms/{laterId}/explain?receiver=Line%201"), x => (string?)x["items"]!.AsArray().LastOrDefault()?["outcome"] == "notTold");
        why.ToJsonString().Should().Contain($"the alarm was shelved by silence {silence} of Li until");
        var alert = (await AlertsAsync()).Single(x => (string)x!["labels"]!["alertname"]! == later)!;
        ((string)alert["status"]!["state"]!, (string)alert["status"]!["silencedBy"]![0]!).Should().Be(("suppressed", silence));
        (await AlertsAsync("&silenced=false")).Should().BeEmpty();
        var groups = JsonNode.Parse(await ReadAsync($"/api/v2/alerts/groups?filter=plant%3D{plant}"))!.AsArray();
        groups.Select(x => ((string)x!["labels"]!["alertname"]!, x["alerts"]!.AsArray().Count)).Should().BeEquivalentTo([(first, 1), (later, 1)]);
        using (var refused = await notify.SendAsync($"/api/v1/alarms/{laterId}/unshelve", null))
        {
            refused.StatusCode.Should().Be(HttpStatusCode.Conflict);
            (await refused.Content.ReadAsStringAsync()).Should().Contain(silence);
        }

        (await ExpireAsync(silence)).Should().Be(HttpStatusCode.OK);
        (await notify.ArrivedAsync(later, 1)).Should().ContainSingle().Which.Should().Contain("ActiveUnacked");
        await notify.ArrivedAsync(first, 2);
        (await ExpireAsync(silence)).Should().Be(HttpStatusCode.OK, "the same twice");
        ((string)(await host.PostAsync($"silences/{silence}/expire", new { }))["state"]!).Should().Be("expired");
        (await notify.RecordedAsync(laterId)).Should().BeEquivalentTo("alarms.alarm_reported.v1", "alarms.alarm_unshelved.v1");
        var entries = await Eventually.GetAsync(() => host.GetAsync($"audit?resource={silence}"), x => x["items"]!.AsArray().Count == 2);
        entries["items"]!.AsArray().Select(x => (string)x!["type"]!).Should()
            .BeEquivalentTo("alarms.silence_created.v1", "alarms.silence_expired.v1");
        entries.ToJsonString().Should().Contain("A silence of Li for plant=").And.Contain("Maintenance");
        (await StateAsync(silence)).Should().Be("expired");
    }

    [Fact]
    public async Task a_silence_begins_and_ends_by_itself()
    {
        var id = await RaiseAsync(NotifyFixture.NewName());
        var now = DateTimeOffset.UtcNow;
        var silence = await PostAsync(Body(now.AddSeconds(2), now.AddSeconds(4), Matcher("plant", plant)));
        (await Eventually.GetAsync(() => notify.RecordedAsync(id), x => x.Count == 3)).Should().BeEquivalentTo(
            "alarms.alarm_reported.v1", "alarms.alarm_shelved.v1", "alarms.alarm_unshelved.v1");
        var ended = (await Eventually.GetAsync(() => host.GetAsync($"audit?resource={silence}&type=alarms.silence_expired.v1"),
            x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        ((string)ended["actor"]!["kind"]!, (string)ended["summary"]!).Should().Be(("system", $"The silence for plant=\"{plant}\" ended; the time was up"));
    }

    [Fact]
    public async Task another_end_changes_it_and_other_matchers_make_another_one()
    {
        var (one, two) = (NotifyFixture.NewName(), NotifyFixture.NewName());
        var (oneId, twoId) = (await RaiseAsync(one), await RaiseAsync(two));
        var silence = await SilenceAsync(Matcher("plant", plant));
        var body = JsonNode.Parse(await ReadAsync($"/api/v2/silence/{silence}"))!.AsObject();
        var end = DateTimeOffset.UtcNow.AddHours(5);
        (body["endsAt"], body["comment"]) = (end, "Longer");
        (await PostAsync(body)).Should().Be(silence);
        (await host.GetAsync($"alarms/{oneId}"))["shelvedUntil"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(end, TimeSpan.FromMilliseconds(1));

        body["matchers"] = new JsonArray(Matcher("plant", plant), Matcher("alertname", two, isEqual: false));
        var other = await PostAsync(body);
        other.Should().NotBe(silence);
        (await StateAsync(silence), await StateAsync(other)).Should().Be(("expired", "active"));
        ((string)(await host.GetAsync($"alarms/{oneId}"))["silence"]!["id"]!).Should().Be(other);
        ((bool)(await host.GetAsync($"alarms/{twoId}"))["shelved"]!).Should().BeFalse();
        (await notify.RecordedAsync(oneId)).Should().NotContain("alarms.alarm_unshelved.v1", "it was shelved all the time");
        var listed = (await host.GetAsync("silences?state=active"))["items"]!.AsArray().Single(x => (string)x!["id"]! == other)!;
        listed["matchers"]!.AsArray().Select(x => (string)x!).Should().Equal($"plant=\"{plant}\"", $"alertname!=\"{two}\"");
        JsonNode.Parse(await ReadAsync($"/api/v2/silences?filter=plant%3D{plant}"))!.AsArray().Select(x => (string)x!["id"]!)
            .Should().Equal(other, silence);
        body["id"] = "silence-unknown";
        using var unknown = await notify.SendAsync("/api/v2/silences", body);
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task an_alarm_is_shelved_while_a_silence_matches_it_and_as_long_as_an_operator_says()
    {
        var name = NotifyFixture.NewName();
        var id = await RaiseAsync(name);
        var silence = await SilenceAsync(Matcher("plant", plant));
        // With other labels it is none of the silence's any more.
        await notify.RaiseAsync(name, new { path = $"Site1/{plant}", labels = new { plant = "other" }, eventTime = DateTimeOffset.UtcNow });
        ((bool)(await host.GetAsync($"alarms/{id}"))["shelved"]!).Should().BeFalse();
        await notify.ArrivedAsync(name, 2);
        // Nor does it matter that a report is only a repeat.
        await notify.RaiseAsync(name, new { path = $"Site1/{plant}", labels = new { plant } });
        ((string?)(await host.GetAsync($"alarms/{id}"))["silence"]?["id"]).Should().Be(silence);
        await notify.RaiseAsync(name, new { path = $"Site1/{plant}", labels = new { plant = "other" } });
        ((bool)(await host.GetAsync($"alarms/{id}"))["shelved"]!).Should().BeFalse();
        await notify.ArrivedAsync(name, 3);
        // What an operator has shelved stays so when a silence ends, and is the silence's when the operator's time is up.
        var own = await RaiseAsync(NotifyFixture.NewName());
        (await notify.SendAsync($"/api/v1/alarms/{own}/shelve", new { minutes = 60 })).EnsureSuccessStatusCode();
        (await host.GetAsync($"alarms/{own}"))["silence"].Should().BeNull();
        using (var unshelved = await notify.SendAsync($"/api/v1/alarms/{own}/unshelve", null)) unshelved.StatusCode.Should().Be(HttpStatusCode.OK);
        ((string?)(await host.GetAsync($"alarms/{own}"))["silence"]?["id"]).Should().Be(silence, "the operator's shelving has ended");
        using (var refused = await notify.SendAsync($"/api/v1/alarms/{own}/unshelve", null)) refused.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await notify.SendAsync($"/api/v1/alarms/{own}/shelve", new { until = DateTimeOffset.UtcNow.AddSeconds(1) })).EnsureSuccessStatusCode();
        await Eventually.GetAsync(() => host.GetAsync($"alarms/{own}"), x => x["silence"] is not null);
    }

    [Fact]
    public async Task an_alarm_that_flaps_under_a_silence_was_shelved_at_each_instant_whatever_came_late()
    {
        var silence = await SilenceAsync(Matcher("plant", plant));
        var (name, path, start) = (NotifyFixture.NewName(), $"Site1/{plant}", DateTimeOffset.UtcNow);
        var labels = new { plant };
        object Report(string state, double minutes) => new { name, path, labels, state, eventTime = start.AddMinutes(minutes) };
        await host.PostAsync("alarms", new
        {
            alarms = Enumerable.Range(0, 26).Select(i => Report(i % 2 == 0 ? "ClearedUnacked" : "ActiveUnacked", i / 100.0))
                .Concat(Enumerable.Range(1, 25).Select(i => Report("ActiveAcked", -i))),
        });
        var then = TimeProvider.System.GetUtcNow().ToString("O");
        (await ExpireAsync(silence)).Should().Be(HttpStatusCode.OK);

        var answer = await host.GetAsync($"alarms/at?asOf={Uri.EscapeDataString(then)}");
        answer["items"]!.AsArray().Where(x => (string)x!["path"]! == path).Select(x => $"{x!["then"]} {x["shelvedThen"]} {x["shelvedNow"]}")
            .Should().Equal("ActiveUnacked true false");
    }

    [Fact]
    public async Task a_pattern_holds_for_the_whole_value_with_its_last_line_feed()
    {
        // The name of a label is compared as the intake keeps it.
        await SilenceAsync(Matcher("plant", plant), Matcher("no\u200Bte", "down", isRegex: true));
        (await IsShelvedAsync("down\n")).Should().BeFalse("the value is longer than the pattern");
        (await IsShelvedAsync("down")).Should().BeTrue();

        async Task<bool> IsShelvedAsync(string note)
        {
            var alarm = await notify.RaiseAsync(NotifyFixture.NewName(), new { path = $"Site1/{plant}", labels = new { plant, note } });
            return (bool)(await host.GetAsync($"alarms/{alarm}"))["shelved"]!;
        }
    }

    [Fact]
    public async Task who_is_limited_to_paths_silences_and_sees_only_what_is_theirs()
    {
        using var limited = await host.ClientOfKeyAsync(new { name = $"Site 1 {plant}", roles = new[] { "operator" }, paths = new[] { "Site1/**" } });
        var (mine, foreign) = (await RaiseAsync(NotifyFixture.NewName()), await RaiseAsync(NotifyFixture.NewName(), "Site2"));
        using var made = await limited.PostAsJsonAsync("/api/v2/silences", Body(null, DateTimeOffset.UtcNow.AddHours(1), Matcher("plant", plant)));
        made.StatusCode.Should().Be(HttpStatusCode.OK);
        ((bool)(await host.GetAsync($"alarms/{mine}"))["shelved"]!).Should().BeTrue();
        ((bool)(await host.GetAsync($"alarms/{foreign}"))["shelved"]!).Should().BeFalse();
        var others = await SilenceAsync(Matcher("plant", "elsewhere"));
        using var expired = await limited.DeleteAsync(new Uri($"/api/v2/silence/{others}", UriKind.Relative));
        expired.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await limited.GetFromAsync("silences"))["items"]!.AsArray().Should().ContainSingle().Which!["paths"]![0]!.GetValue<string>()
            .Should().Be("Site1/**");
        using var viewer = await host.ClientOfRoleAsync("viewer");
        using var refused = await viewer.PostAsJsonAsync("/api/v2/silences", Body(null, DateTimeOffset.UtcNow.AddHours(1), Matcher("plant", plant)));
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task a_row_that_somebody_has_changed_counts_as_its_events_say()
    {
        var silence = await SilenceAsync(Matcher("plant", plant));
        await host.ExecuteAsync($"update notify.silence set body = '{{}}', changed = changed + 1 where id = '{silence}'");
        var id = await RaiseAsync(NotifyFixture.NewName());
        ((string)(await host.GetAsync($"alarms/{id}"))["silence"]!["id"]!).Should().Be(silence);
        (await ExpireAsync(silence)).Should().Be(HttpStatusCode.OK);
        ((bool)(await host.GetAsync($"alarms/{id}"))["shelved"]!).Should().BeFalse();
    }

    [Fact]
    public async Task a_row_whose_pattern_somebody_has_broken_counts_as_its_events_say_and_holds_up_no_other()
    {
        var broken = await SilenceAsync(Matcher("plant", $"{plant}|x", isRegex: true));
        await host.ExecuteAsync(
            $$"""
            update notify.silence set body = jsonb_set(body, '{matchers,0,value}', '"("'), changed = changed + 1, due_at = '2000-01-01Z'
            where id = '{{broken}}'
            """);
        var id = await RaiseAsync(NotifyFixture.NewName());
        ((string)(await host.GetAsync($"alarms/{id}"))["silence"]!["id"]!).Should().Be(broken);
        var now = DateTimeOffset.UtcNow;
        var second = await PostAsync(Body(now.AddSeconds(1), now.AddSeconds(2), Matcher("plant", "elsewhere")));
        (await Eventually.GetAsync(() => host.GetAsync($"audit?resource={second}&type=alarms.silence_expired.v1"), x => x["items"]!.AsArray().Count == 1))
            ["items"]!.AsArray().Should().ContainSingle();
        (await ExpireAsync(broken)).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""[]""", "", "Give the silence as a JSON object.")]
    [InlineData("""{ "matchers": [] }""", "matchers", "Give 1 to 50 matchers.")]
    [InlineData("""{ "matchers": null }""", "matchers", "Give 1 to 50 matchers.")]
    [InlineData("""{ "matchers": [ null ] }""", "matchers[0]", "A matcher must be a JSON object.")]
    [InlineData("""{ "matchers": [ { "name": "", "value": "x" } ] }""", "matchers[0].name", "A name is required.")]
    [InlineData("""{ "matchers": [ { "name": "a", "value": 1 } ] }""", "matchers[0].value", "The value must be text and valid Unicode.")]
    [InlineData("""{ "matchers": [ { "name": "a", "value": "(", "isRegex": true } ] }""", "matchers[0].value", "A pattern is not a valid regular expression, or is too long.")]
    [InlineData("""{ "matchers": [ { "name": "a", "value": "a)|(b", "isRegex": true } ] }""", "matchers[0].value", "A pattern is not a valid regular expression, or is too long.")]
    [InlineData("""{ "matchers": [ { "name": "a", "value": "x", "isRegex": "no" } ] }""", "matchers[0].isRegex", "Give true or false.")]
    [InlineData("""{ "matchers": [ { "name": "a", "value": ".*", "isRegex": true } ] }""", "matchers", "At least one matcher must not match an empty value.")]
    [InlineData("""{ "endsAt": null }""", "endsAt", "Give an RFC 3339 instant with offset, such as 2026-01-31T08:00:00Z.")]
    [InlineData("""{ "endsAt": "2000-01-01T00:00:00Z" }""", "endsAt", "The end is before the start.")]
    [InlineData("""{ "startsAt": "1999-01-01T00:00:00Z", "endsAt": "1999-02-01T00:00:00Z" }""", "endsAt", "The end must be in the future.")]
    [InlineData("""{ "endsAt": "8000-01-01T00:00:00Z" }""", "endsAt", "An alarm can be shelved for at most one year.")]
    [InlineData("""{ "createdBy": 5 }""", "createdBy", "The value must be text and valid Unicode.")]
    public async Task what_is_wrong_is_named(string change, string field, string fault)
    {
        JsonNode body = Body(null, DateTimeOffset.UtcNow.AddHours(1), Matcher("plant", plant));
        var changed = JsonNode.Parse(change)!;
        if (changed is JsonObject fields) foreach (var (name, value) in fields) body[name] = value?.DeepClone();
        else body = changed;
        using var response = await notify.SendAsync("/api/v2/silences", body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.GetValue<string>().Should().Be(field.Length > 0 ? $"{field}: {fault}" : fault);
    }

    private Task<string> RaiseAsync(string name, string site = "Site1") =>
        notify.RaiseAsync(name, new { path = $"{site}/{plant}", labels = new { plant } });

    private static JsonObject Matcher(string name, string value, bool isRegex = false, bool isEqual = true) =>
        new() { ["name"] = name, ["value"] = value, ["isRegex"] = isRegex, ["isEqual"] = isEqual };

    private static JsonObject Body(DateTimeOffset? from, DateTimeOffset until, params JsonNode[] matchers) => new()
    {
        ["matchers"] = new JsonArray(matchers),
        ["startsAt"] = from,
        ["endsAt"] = until,
        ["createdBy"] = "Li",
        ["comment"] = "Maintenance",
    };

    private Task<string> SilenceAsync(params JsonNode[] matchers) => PostAsync(Body(null, DateTimeOffset.UtcNow.AddHours(1), matchers));

    private async Task<string> PostAsync(JsonObject body)
    {
        using var response = await notify.SendAsync("/api/v2/silences", body);
        var answer = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, answer);
        return (string)JsonNode.Parse(answer)!["silenceID"]!;
    }

    private async Task<HttpStatusCode> ExpireAsync(string silence)
    {
        using var response = await host.Client.DeleteAsync(new Uri($"/api/v2/silence/{silence}", UriKind.Relative));
        return response.StatusCode;
    }

    private async Task<string> StateAsync(string silence) =>
        (string)JsonNode.Parse(await ReadAsync($"/api/v2/silence/{silence}"))!["status"]!["state"]!;

    private async Task<JsonArray> AlertsAsync(string more = "") =>
        JsonNode.Parse(await ReadAsync($"/api/v2/alerts?filter=plant%3D{plant}{more}"))!.AsArray();

    private Task<string> ReadAsync(string path) => host.Client.GetStringAsync(new Uri(path, UriKind.Relative));
}
