using System.Net;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests;

/// <summary>What operators do to an alarm over REST, whom it tells, and how it is seen afterwards.</summary>
public sealed class OperatorTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;

    [Fact]
    public async Task an_acknowledgement_without_a_body_is_recorded_and_told()
    {
        var name = NotifyFixture.NewName();
        var id = await notify.RaiseAsync(name);
        using var response = await notify.SendAsync($"/api/v1/alarms/{id}/acknowledge", null);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var alarm = await NotifyFixture.JsonAsync(response);
        ((string)alarm["state"]!).Should().Be("ActiveAcked");
        ((string)alarm["ackUser"]!).Should().NotBeEmpty();
        (await notify.ArrivedAsync(name, 2)).Should()
            .SatisfyRespectively(x => x.Should().Contain("ActiveUnacked"), x => x.Should().Contain("ActiveAcked"));
    }

    [Fact]
    public async Task a_second_acknowledgement_is_a_conflict()
    {
        var id = await notify.RaiseAsync(NotifyFixture.NewName());
        using var first = await notify.SendAsync($"/api/v1/alarms/{id}/acknowledge", new { note = "seen" });
        using var second = await notify.SendAsync($"/api/v1/alarms/{id}/acknowledge", new { note = "seen" });
        first.StatusCode.Should().Be(HttpStatusCode.OK);
        second.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task an_alarm_that_asks_for_a_note_names_the_field()
    {
        var id = await notify.RaiseAsync(NotifyFixture.NewName(), new { ackMode = "manualWithNote" });
        using var response = await notify.SendAsync($"/api/v1/alarms/{id}/acknowledge", new { });
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!["note"].Should().NotBeNull();
    }

    [Fact]
    public async Task the_alarms_of_an_instant_are_as_they_were_then_beside_as_they_are_now()
    {
        var path = $"Then/{Guid.NewGuid():N}";
        var (cleared, shelved, quiet) = (NotifyFixture.NewName(), NotifyFixture.NewName(), NotifyFixture.NewName());
        await notify.RaiseAsync(cleared, new { path, level = "Critical" });
        var shelvedId = await notify.RaiseAsync(shelved, new { path });
        await notify.RaiseAsync(quiet, new { path, state = "ClearedAcked" });
        (await notify.SendAsync($"/api/v1/alarms/{shelvedId}/shelve", new { minutes = 60 })).EnsureSuccessStatusCode();
        await notify.RaiseAsync(cleared, new { path, level = "Critical", value = "a repeat" });
        var then = TimeProvider.System.GetUtcNow().ToString("O");
        await notify.RaiseAsync(cleared, new { path, level = "Critical", state = "ClearedAcked" });
        (await notify.SendAsync($"/api/v1/alarms/{shelvedId}/unshelve", null)).EnsureSuccessStatusCode();
        (await notify.SendAsync($"/api/v1/alarms/{shelvedId}/acknowledge", new { note = "seen" })).EnsureSuccessStatusCode();
        await notify.RaiseAsync(quiet, new { path });
        var later = NotifyFixture.NewName();
        await notify.RaiseAsync(later, new { path });

        var answer = await host.GetAsync($"alarms/at?asOf={Uri.EscapeDataString(then)}");
        ((bool)answer["complete"]!).Should().BeTrue();
        answer["items"]!.AsArray().Where(x => (string)x!["path"]! == path)
            .Select(x => $"{x!["name"]} {x["then"] ?? "-"} {x["shelvedThen"]} {x["now"]} {x["shelvedNow"]}").Should().BeEquivalentTo(
                $"{cleared} ActiveUnacked false ClearedAcked false", $"{shelved} ActiveUnacked true ActiveAcked false",
                $"{quiet} ClearedAcked false ActiveUnacked false", $"{later} - false ActiveUnacked false");

        var limited = await host.ClientOfKeyAsync(new { name = later, permissions = new[] { "alarms.read" }, paths = new[] { $"{path}/**" } });
        var seen = await limited.GetFromAsync($"alarms/at?asOf={Uri.EscapeDataString(then)}");
        seen["items"]!.AsArray().Should().HaveCount(4);
        using var without = await host.Client.GetAsync(new Uri("/api/v1/alarms/at", UriKind.Relative));
        without.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(without))["errors"]!["asOf"].Should().NotBeNull();
    }

    [Theory]
    [InlineData("acknowledge")]
    [InlineData("shelve")]
    [InlineData("unshelve")]
    public async Task there_is_no_such_alarm(string verb)
    {
        foreach (var id in (string[])["alarm-00000000000000000000000000", "x", "alarm-%01", "alarm-%F0%9F%94%A5"])
        {
            using var response = await notify.SendAsync($"/api/v1/alarms/{id}/{verb}", verb == "shelve" ? new { minutes = 5 } : null);
            response.StatusCode.Should().Be(HttpStatusCode.NotFound);
            using var read = await host.Client.GetAsync(new Uri($"/api/v1/alarms/{id}", UriKind.Relative));
            read.StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData("""{ }""", "until")]
    [InlineData("""{ "minutes": 5, "until": "2030-01-01T00:00:00Z" }""", "until")]
    [InlineData("""{ "minutes": 0 }""", "minutes")]
    [InlineData("""{ "minutes": 1.5 }""", "minutes")]
    [InlineData("""{ "minutes": 99999999 }""", "minutes")]
    [InlineData("""{ "until": "2001-01-01T00:00:00Z" }""", "until")]
    [InlineData("""{ "until": "tomorrow" }""", "until")]
    [InlineData("""{ "until": "9998-01-01T00:00:00Z" }""", "until")]
    [InlineData("""{ "minutes": 5, "reason": "a\u0000b" }""", "reason")]
    [InlineData("""{ "minutes": 5, "reason": "\ud800" }""", "reason")]
    [InlineData("""{ "minutes": 5, "resaon": "typo" }""", "resaon")]
    public async Task what_does_not_fit_a_shelving_is_named(string body, string field)
    {
        var id = await notify.RaiseAsync(NotifyFixture.NewName());
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(new Uri($"/api/v1/alarms/{id}/shelve", UriKind.Relative), content);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Select(x => x.Key).Should().Equal(field);
    }

    [Fact]
    public async Task a_shelved_alarm_tells_nobody_until_it_is_unshelved()
    {
        var name = NotifyFixture.NewName();
        var id = await notify.RaiseAsync(name);
        using var shelved = await notify.SendAsync($"/api/v1/alarms/{id}/shelve", new { minutes = 60, reason = "maintenance" });
        ((bool)(await NotifyFixture.JsonAsync(shelved))["shelved"]!).Should().BeTrue();
        using var unshelved = await notify.SendAsync($"/api/v1/alarms/{id}/unshelve", null);
        var alarm = await NotifyFixture.JsonAsync(unshelved);
        ((bool)alarm["shelved"]!).Should().BeFalse();
        alarm["shelvedUntil"].Should().BeNull();
        using var again = await notify.SendAsync($"/api/v1/alarms/{id}/unshelve", null);
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
        // Raised and unshelved; not the shelving.
        (await notify.ArrivedAsync(name, 2)).Should().HaveCount(2);
    }

    [Fact]
    public async Task the_timeline_tells_what_happened_and_what_was_sent_and_by_whom()
    {
        var name = NotifyFixture.NewName();
        var id = await notify.RaiseAsync(name);
        await notify.ArrivedAsync(name, 1);
        (await notify.SendAsync($"/api/v1/alarms/{id}/acknowledge", new { note = "valve stuck" })).Dispose();
        await notify.ArrivedAsync(name, 2);
        (await notify.SendAsync($"/api/v1/alarms/{id}/shelve", new { minutes = 60, reason = "spare part ordered" })).Dispose();

        var alarm = await Eventually.GetAsync(
            () => host.GetAsync($"alarms/{id}"), x => x["timeline"]!.AsArray()
            .Count(e => (string)e!["kind"]! == "notification" && (string)e["notification"]!["status"]! == "Delivered") == 2);
        var timeline = alarm["timeline"]!.AsArray();
        timeline.Where(x => (string)x!["kind"]! != "notification").Select(x => (string)x!["kind"]!).Should()
            .Equal("reported", "acknowledged", "shelved");
        Entry(timeline, "acknowledged")["note"]!.GetValue<string>().Should().Be("valve stuck");
        Entry(timeline, "acknowledged")["actor"]!["kind"]!.GetValue<string>().Should().Be("apiKey");
        Entry(timeline, "shelved")["reason"]!.GetValue<string>().Should().Be("spare part ordered");
        Entry(timeline, "notification")["notification"]!["ruleName"]!.GetValue<string>().Should().Be("Everything");
        timeline.Select(x => x!["at"]!.GetValue<DateTimeOffset>()).Should().BeInAscendingOrder();
        alarm["timelineComplete"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task alarms_are_found_by_state_level_path_and_text()
    {
        var site = $"Site{Guid.NewGuid():N}";
        var low = await notify.RaiseAsync("Low one", new { path = $"{site}/Line1/Pump", level = "Low" });
        var high = await notify.RaiseAsync("High one", new { path = $"{site}/Line2/Pump", level = "High", description = "80% (A+B) [x]" });
        var cleared = await notify.RaiseAsync("Cleared one", new { path = $"{site}/Line10", level = "High", state = "ClearedUnacked" });
        (await FoundAsync($"path={site}")).Should().Equal(cleared, high, low);
        (await FoundAsync($"path={site.ToLowerInvariant()}/line1")).Should().Equal(low);
        (await FoundAsync($"path={site}/Line")).Should().BeEmpty();
        (await FoundAsync($"path={site}/*/Pump")).Should().Equal(high, low);
        (await FoundAsync($"path={site}/*")).Should().Equal(cleared);
        (await FoundAsync($"path=**/Pump&search={site}")).Should().Equal(high, low);
        (await FoundAsync($"path={site}/**")).Should().Equal(cleared, high, low);
        (await FoundAsync($"path={site}&level=High&state=ActiveUnacked")).Should().Equal(high);
        (await FoundAsync($"path={site}&search={Uri.EscapeDataString("(a+b) [X")}")).Should().Equal(high);
        (await FoundAsync($"path={Uri.EscapeDataString(site + "/.*")}")).Should().BeEmpty();
    }

    [Fact]
    public async Task the_list_pages_by_cursor()
    {
        var site = $"Site{Guid.NewGuid():N}";
        for (var i = 0; i < 3; i++) await notify.RaiseAsync($"Alarm {i}", new { path = site });
        var first = await host.GetAsync($"alarms?path={site}&limit=2");
        var second = await host.GetAsync($"alarms?path={site}&limit=2&cursor={first["nextCursor"]}");
        Names(first).Should().Equal("Alarm 2", "Alarm 1");
        Names(second).Should().Equal("Alarm 0");
        second["nextCursor"].Should().BeNull();

        static IEnumerable<string> Names(JsonObject page) => page["items"]!.AsArray().Select(x => (string)x!["name"]!);
    }

    [Theory]
    [InlineData("state=Broken", "state")]
    [InlineData("level=critical", "level")]
    [InlineData("path=%00", "path")]
    [InlineData("search=a%00", "search")]
    [InlineData("cursor=nonsense!", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    public async Task a_malformed_question_is_named(string query, string field)
    {
        using var response = await host.Client.GetAsync(new Uri($"/api/v1/alarms?{query}", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Select(x => x.Key).Should().Equal(field);
    }

    private async Task<IEnumerable<string>> FoundAsync(string query) =>
        (await host.GetAsync($"alarms?{query}"))["items"]!.AsArray().Select(x => (string)x!["id"]!).ToList();

    private static JsonNode Entry(JsonArray timeline, string kind) => timeline.First(x => (string)x!["kind"]! == kind)!;
}
