using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms.ExpectedSources;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Alarms.Tests.ExpectedSources;

/// <summary>Paths of which nothing is reported for longer than expected become an alarm; over HTTP, on several nodes.</summary>
public sealed class ExpectedSourceTests : IAsyncLifetime
{
    private readonly StoppableClock clock = new();
    private NotifyHost host = null!;

    /// <summary>Time that passes while the nodes run, or while they are stopped as a whole.</summary>
    private sealed class StoppableClock : TimeProvider
    {
        /// <summary>It begins in the morning: no test goes on into another day, on which a silence is told again.</summary>
        private long ticks = (System.GetUtcNow().UtcDateTime.Date.AddDays(1).AddHours(8) - System.GetUtcNow().UtcDateTime).Ticks;
        private long stopped;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref ticks));

        public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref stopped);

        public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

        public void AdvanceStopped(TimeSpan by)
        {
            Interlocked.Add(ref stopped, (long)(by.TotalSeconds * TimestampFrequency));
            Advance(by);
        }
    }

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(replace: UseClock);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_silence_is_one_alarm_on_however_many_nodes_until_something_is_reported_at_or_below_the_path()
    {
        var id = await CreateAsync("Line 2", "Site1/Line2/**");
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        await LookAsync(host, second);
        clock.Advance(TimeSpan.FromMinutes(50));
        await ReportAsync(second, "Site1/Line1/Motor");
        await ReportAsync(second, "Site1/Line2/Motor");
        await LookAsync(second, host);
        (await StateAsync(host, id)).State.Should().Be("reporting", "another node has heard of it");
        clock.Advance(TimeSpan.FromMinutes(50));
        await ReportAsync(second, "Site1/Line1/Motor");
        await LookAsync(host, second);
        (await StateAsync(host, id)).State.Should().Be("reporting", "the report before is not an hour ago");

        clock.Advance(TimeSpan.FromMinutes(20));
        await LookAsync(host, second);
        var alarm = await AlarmAsync("Line 2", "ActiveUnacked");
        ((string?)alarm["level"], (string?)alarm["name"]).Should().Be(("High", SourceSilence.Name));
        ((string?)alarm["description"]).Should().Contain("Nothing has been reported at Site1/Line2/**").And.Contain("没有上报");
        (await StateAsync(second, id)).State.Should().Be("silent");

        // A node that has just started cannot know: it neither accuses nor ends what another has found.
        await using var third = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        await LookAsync(third);
        (await StateAsync(third, id)).State.Should().Be("awaited");
        ((string?)(await host.GetAsync($"alarms/{alarm["id"]}"))["state"]).Should().Be("ActiveUnacked");

        // The same again notifies nobody, and is a sign of life.
        await ReportAsync(third, "Site1/Line2/Motor");
        await LookAsync(third, host, second);
        await AlarmAsync("Line 2", "ClearedUnacked");
        (await StateAsync(second, id)).State.Should().Be("reporting");
        await LookAsync(host, second, third);
        (await StatesAsync(alarm)).Should().Equal("ActiveUnacked", "ClearedUnacked");
    }

    [Fact]
    public async Task nobody_is_accused_of_the_time_in_which_notify_was_away_and_what_was_heard_outlasts_it()
    {
        var id = await CreateAsync("Pump", "Site1/Pump");
        await LookAsync(host);
        await ReportAsync(host, "Site1/Pump");
        await LookAsync(host);
        var (_, heardAt) = await StateAsync(host, id);
        clock.AdvanceStopped(TimeSpan.FromHours(5));
        await LookAsync(host);
        (await StateAsync(host, id)).Should().Be(("awaited", heardAt));
        await using var later = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        await LookAsync(later);
        (await StateAsync(later, id)).Should().Be(("awaited", heardAt));
        (await host.GetAsync("alarms?path=Notify/Sources/**"))["items"]!.AsArray().Should().BeEmpty();
        clock.Advance(TimeSpan.FromMinutes(61));
        await LookAsync(later);
        await AlarmAsync("Pump", "ActiveUnacked");
    }

    [Fact]
    public async Task the_alarm_ends_when_the_source_is_disabled_or_deleted()
    {
        var (disabled, deleted) = (await CreateAsync("Disabled", "Site1/A/**"), await CreateAsync("Deleted", "Site1/B/**"));
        await LookAsync(host);
        clock.Advance(TimeSpan.FromHours(2));
        await LookAsync(host);
        var alarms = new[] { await AlarmAsync("Disabled", "ActiveUnacked"), await AlarmAsync("Deleted", "ActiveUnacked") };
        (await host.SendAsync("POST", $"expected-sources/{disabled}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        (await host.SendAsync("DELETE", $"expected-sources/{deleted}", null, "If-Match", "*")).Status.Should().Be(204);
        // The node that raised them may be gone.
        await using var other = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        await LookAsync(other);
        foreach (var alarm in alarms)
        {
            await Eventually.GetAsync(async () => (string?)(await host.GetAsync($"alarms/{alarm["id"]}"))["state"], x => x == "ClearedUnacked");
            ((string?)(await host.GetAsync($"alarms/{alarm["id"]}"))["path"]).Should().Be((string?)alarm["path"]);
        }

        (await StateAsync(other, disabled)).State.Should().Be("notExpected");
        (await other.GetAsync("expected-sources/states"))["items"]!.AsArray().Select(x => (string)x!["id"]!).Should().NotContain(deleted);
    }

    [Fact]
    public async Task what_counts_is_a_report_and_whose_alarm_it_is_about()
    {
        var (line, quiet) = (await CreateAsync("Line 3", "Site1/Line3/**"), await CreateAsync("Line 4", "Site1/Line4/**"));
        await LookAsync(host);
        (await host.SendAsync("POST", "alarms", new { alarms = new[] { new { name = "Known", path = "Site1/Line3/Fan", sourceId = "fan-3" } } }))
            .Status.Should().Be(202);
        clock.Advance(TimeSpan.FromMinutes(50));
        // A report about a known alarm need not say where it is.
        (await host.SendAsync("POST", "alarms", new { alarms = new[] { new { name = "Known", sourceId = "fan-3", state = "ActiveUnacked" } } }))
            .Status.Should().Be(202);
        // What is refused is none, and neither is what an operator does.
        (await host.SendAsync("POST", "alarms", new { alarms = new[] { new { name = "", path = "Site1/Line4" } } })).Status.Should().Be(400);
        var key = await host.PostAsync("api-keys", new { name = "Line 3", roles = new[] { "intake" }, paths = new[] { "Site1/Line3/**" } });
        using var limited = host.ClientWith((string)key["key"]!);
        var foreign = await limited.SendToAsync("POST", "alarms", new { alarms = new[] { new { name = "Foreign", path = "Site1/Line4" } } });
        foreign.Status.Should().Be(400);
        clock.Advance(TimeSpan.FromMinutes(20));
        await LookAsync(host);
        (await StateAsync(host, line)).State.Should().Be("reporting");
        (await StateAsync(host, quiet)).State.Should().Be("silent");

        // Who has nothing to report says so with an empty list, for the paths of its key.
        clock.Advance(TimeSpan.FromMinutes(50));
        (await limited.PostAsJsonAsync("/api/v2/alerts", Array.Empty<object>())).IsSuccessStatusCode.Should().BeTrue();
        await LookAsync(host);
        (await StateAsync(host, line)).State.Should().Be("reporting");
        (await StateAsync(host, quiet)).State.Should().Be("silent");
        (await host.Client.PostAsJsonAsync("/api/v2/alerts", Array.Empty<object>())).IsSuccessStatusCode.Should().BeTrue();
        await LookAsync(host);
        (await StateAsync(host, quiet)).State.Should().Be("silent", "of whom a sender for all paths has nothing to report, it does not say");
    }

    [Theory]
    [InlineData("""{ "name": "A", "path": "Site1/**" }""", "expectEvery")]
    [InlineData("""{ "name": "A", "path": "Site1/**", "expectEvery": null }""", "expectEvery")]
    [InlineData("""{ "name": "A", "path": "Site1/**", "expectEvery": "often" }""", "expectEvery")]
    [InlineData("""{ "name": "A", "expectEvery": 5 }""", "path")]
    [InlineData("""{ "name": "A", "path": null, "expectEvery": 5 }""", "path")]
    [InlineData("""{ "name": "A", "path": "Notify/**", "expectEvery": 5 }""", "path")]
    [InlineData("""{ "name": "", "path": "Site1/**", "expectEvery": 5 }""", "name")]
    public async Task what_does_not_fit_is_named_and_changes_nothing(string body, string field)
    {
        var answer = await host.SendAsync("POST", "expected-sources", JsonNode.Parse(body));
        answer.Status.Should().Be(400, answer.Text);
        answer.Body["errors"]!.AsObject().Select(x => x.Key).Should().Equal(field);
        ((int)(await host.GetAsync("expected-sources"))["total"]!).Should().Be(0);
    }

    private void UseClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(clock);

    private async Task<string> CreateAsync(string name, string path) =>
        (string)(await host.PostAsync("expected-sources", new { name, path, expectEvery = 60 }))["id"]!;

    private static async Task ReportAsync(NotifyHost node, string path) =>
        (await node.SendAsync("POST", "alarms", new { alarms = new[] { new { name = "A", path } } })).Status.Should().Be(202);

    /// <summary>Returns when each of these nodes, one after the other, has looked at all sources twice: once after everything before.</summary>
    private static async Task LookAsync(params NotifyHost[] nodes)
    {
        foreach (var node in nodes)
        {
            var watch = node.Services.GetRequiredService<SourceSilenceWatch>();
            for (var i = 0; i < 2; i++)
            {
                var before = watch.States;
                await Eventually.GetAsync(
                    () =>
                    {
                        watch.Wake();
                        return Task.FromResult(watch.States);
                    },
                    x => !ReferenceEquals(x, before));
            }
        }
    }

    private static async Task<(string State, string? HeardAt)> StateAsync(NotifyHost node, string id)
    {
        var found = (await node.GetAsync("expected-sources/states"))["items"]!.AsArray().Single(x => (string)x!["id"]! == id)!;
        return ((string)found["state"]!, (string?)found["heardAt"]);
    }

    private Task<JsonObject> AlarmAsync(string source, string state) => Eventually.GetAsync(
        async () => (await host.GetAsync("alarms?limit=200"))["items"]!.AsArray().Select(x => x!.AsObject()).SingleOrDefault(x =>
            (string?)x["path"] == $"{SourceSilence.ParentPath}/{source}" && (string?)x["state"] == state) ?? [],
        x => x.Count > 0);

    private async Task<IEnumerable<string?>> StatesAsync(JsonObject alarm) =>
        (await host.GetAsync($"alarms/{alarm["id"]}"))["timeline"]!.AsArray().Where(x => (string)x!["kind"]! != "notification")
            .Select(x => (string?)x!["state"]);
}
