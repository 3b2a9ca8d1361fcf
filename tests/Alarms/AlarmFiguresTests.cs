using System.Net;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests;

/// <summary>What is open now, and how the alarms of a period did. The tests share alarms: each looks at those below a path of its own.</summary>
public sealed class AlarmFiguresTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;
    private readonly string path = $"Figures/{Guid.NewGuid():N}";

    [Fact]
    public async Task what_is_open_is_listed_without_what_is_over_and_with_or_without_what_is_shelved()
    {
        var (open, over, shelved) = (await RaiseAsync("open"), await RaiseAsync("over", new { state = "ClearedAcked" }), await RaiseAsync("shelved"));
        await PostAsync($"alarms/{shelved}/shelve", new { minutes = 5 });
        (await ListedAsync("")).Should().BeEquivalentTo([open, over, shelved]);
        (await ListedAsync("&open=true")).Should().BeEquivalentTo([open, shelved]);
        (await ListedAsync("&open=true&shelved=false")).Should().Equal(open);
        (await ListedAsync("&shelved=true")).Should().Equal(shelved);
        (await ListedAsync("&open=true&state=ClearedAcked")).Should().BeEmpty();
    }

    [Fact]
    public async Task what_is_most_severe_and_unacknowledged_comes_first_page_after_page()
    {
        var acked = await RaiseAsync("acked", new { level = "Critical", state = "ActiveAcked" });
        var high = await RaiseAsync("a", new { level = "High" });
        var critical = await RaiseAsync("b", new { level = "Critical" });
        var low = await RaiseAsync("c", new { level = "Low" });
        var later = await RaiseAsync("d", new { level = "High" });
        (await ListedAsync("&order=changed")).Should().Equal(later, low, critical, high, acked);
        string[] severity = [critical, later, high, low, acked];
        (await ListedAsync("&order=severity")).Should().Equal(severity);
        (await ListedAsync("&order=severity&level=High")).Should().Equal(later, high);
        var (found, cursor) = (new List<string>(), "");
        do
        {
            var page = await host.GetAsync($"alarms?path={path}&order=severity&limit=2{cursor}");
            found.AddRange(page["items"]!.AsArray().Select(x => (string)x!["id"]!));
            cursor = (string?)page["nextCursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        found.Should().Equal(severity);
    }

    [Fact]
    public async Task open_alarms_are_counted_by_state_level_and_whether_they_are_shelved()
    {
        await RaiseAsync("one", new { level = "High" });
        await RaiseAsync("two", new { level = "High" });
        await RaiseAsync("over", new { level = "High", state = "ClearedAcked" });
        var shelved = await RaiseAsync("shelved", new { level = "High" });
        await PostAsync($"alarms/{shelved}/shelve", new { minutes = 5 });
        using var limited = await LimitedAsync();
        var items = (await limited.GetFromAsync("alarms/summary"))["items"]!.AsArray();
        items.Select(x => ((string)x!["state"]!, (string)x["level"]!, (bool)x["shelved"]!, (long)x["count"]!))
            .Should().BeEquivalentTo([("ActiveUnacked", "High", false, 2L), ("ActiveUnacked", "High", true, 1L)]);
    }

    [Fact]
    public async Task a_period_is_measured_by_what_is_on_record()
    {
        var begin = DateTimeOffset.UtcNow.AddMinutes(-1);
        var often = await RaiseAsync("often", new { level = "Critical" });
        for (var i = 1; i <= 2; i++) await RaiseAsync("often", new { level = "Critical", eventTime = DateTimeOffset.UtcNow.AddSeconds(i) });
        await RaiseAsync("once", new { level = "Low" });
        await RaiseAsync("never active", new { level = "Low", state = "ClearedAcked" });
        await PostAsync($"alarms/{often}/acknowledge", null);
        using var limited = await LimitedAsync();

        var report = await limited.GetFromAsync($"reports/alarms?from={Uri.EscapeDataString(begin.ToString("O"))}");
        ((long)report["raised"]!).Should().Be(4);
        ((bool)report["complete"]!).Should().BeTrue();
        report["perHour"]!.AsArray().Sum(x => (long)x!["count"]!).Should().Be(4);
        Counts(report["levels"]!).Should().Equal(("Critical", 3), ("Low", 1));
        Counts(report["paths"]!).Should().Equal((path, 4));
        var most = report["frequent"]![0]!;
        ((string)most["id"]!, (string)most["name"]!, (long)most["count"]!, (long)most["fleeting"]!).Should().Be((often, "often", 3, 2));
        ((double)report["frequentShare"]!).Should().Be(1);
        ((long)report["acknowledged"]!["count"]!).Should().Be(1);
        ((double)report["acknowledged"]!["medianSeconds"]!).Should().BeGreaterThanOrEqualTo(0);
        ((long)report["standingCount"]!).Should().Be(0);

        var before = await limited.GetFromAsync($"reports/alarms?to={Uri.EscapeDataString(begin.ToString("O"))}");
        ((long)before["raised"]!).Should().Be(0);
    }

    [Fact]
    public async Task an_alarm_that_is_raised_again_counts_although_its_time_is_before_that_of_its_end()
    {
        var now = DateTimeOffset.UtcNow;
        await RaiseAsync("again", new { eventTime = now.AddSeconds(-2) });
        await RaiseAsync("again", new { state = "ClearedUnacked" });
        await RaiseAsync("again", new { eventTime = now.AddSeconds(-1) });
        using var limited = await LimitedAsync();
        ((long)(await limited.GetFromAsync("reports/alarms"))["raised"]!).Should().Be(2);
    }

    [Theory]
    [InlineData("10:00:00", "10:10:00", 1)]
    [InlineData("10:00:00", "11:00:00", 6)]
    [InlineData("10:05:00", "10:15:00", 2)]
    [InlineData("10:05:00", "11:05:00", 7)]
    [InlineData("10:09:59", "10:10:01", 2)]
    [InlineData("10:01:00", "10:02:00", 1)]
    public void a_period_has_the_spans_that_it_touches(string from, string to, long spans) =>
        MeasureAlarms.SpansOf(DateTimeOffset.Parse($"2026-01-31T{from}Z"), DateTimeOffset.Parse($"2026-01-31T{to}Z")).Should().Be(spans);

    [Fact]
    public async Task what_has_been_active_for_more_than_a_day_is_named_whatever_the_period()
    {
        var old = await RaiseAsync("old", new { eventTime = DateTimeOffset.UtcNow.AddDays(-3) });
        await RaiseAsync("young", new { eventTime = DateTimeOffset.UtcNow.AddHours(-3) });
        using var limited = await LimitedAsync();
        var report = await limited.GetFromAsync("reports/alarms");
        report["standing"]!.AsArray().Select(x => (string)x!["id"]!).Should().Equal(old);
        ((long)report["standingCount"]!).Should().Be(1);
    }

    [Theory]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z", "from")]
    [InlineData("from=yesterday", "from")]
    public async Task a_period_that_cannot_be_measured_is_named(string query, string field)
    {
        using var response = await host.Client.GetAsync(new Uri($"/api/v1/reports/alarms?{query}", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]![field].Should().NotBeNull();
    }

    private Task<string> RaiseAsync(string name, object? more = null)
    {
        var alarm = System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        alarm["path"] = path;
        return notify.RaiseAsync(name, alarm);
    }

    private async Task PostAsync(string address, object? body)
    {
        using var response = await notify.SendAsync($"/api/v1/{address}", body);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private async Task<IReadOnlyList<string>> ListedAsync(string query) =>
        [.. (await host.GetAsync($"alarms?path={path}{query}"))["items"]!.AsArray().Select(x => (string)x!["id"]!)];

    /// <summary>Somebody who sees nothing but this test's alarms.</summary>
    private Task<HttpClient> LimitedAsync() => host.ClientOfKeyAsync(
        new { name = $"Of {Guid.NewGuid():N}", permissions = new[] { "alarms.read" }, paths = new[] { $"{path}/**" } });

    private static IEnumerable<(string, long)> Counts(JsonNode shares) => shares.AsArray().Select(x => ((string)x!["name"]!, (long)x["count"]!));
}
