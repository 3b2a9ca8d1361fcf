using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Access.ApiKeys;
using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>A key with which nothing is reported for longer than expected becomes an alarm; over HTTP, on several nodes.</summary>
public sealed class SilentSenderTests : IAsyncLifetime
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
    public async Task a_silence_is_one_alarm_on_however_many_nodes_until_the_next_report_or_until_none_is_expected()
    {
        var key = await host.PostAsync("api-keys", new { name = "Line 1/SCADA", roles = new[] { "intake" }, expectEvery = 60 });
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        using (var sender = second.ClientWith((string)key["key"]!))
        {
            clock.Advance(TimeSpan.FromMinutes(50));
            (await sender.SendToAsync("POST", "alarms", new { alarms = Array.Empty<object>() })).Status.Should().Be(400, "this is no report");
            (await sender.SendToAsync("GET", "alarms")).Status.Should().Be(403, "nor is this");
        }

        await LooksAsync(second);
        clock.Advance(TimeSpan.FromMinutes(50));
        var alarm = await AlarmAsync("Line 1／SCADA", "ActiveUnacked", host, second);
        ((string?)alarm["level"]).Should().Be("High");
        ((string?)alarm["description"]).Should().Contain("Nothing has been reported with the key \"Line 1/SCADA\" since").And.Contain("没有上报")
            .And.Contain("at least every 60 minutes");
        foreach (var node in (NotifyHost[])[host, second]) await LooksAsync(node);

        // A node that has just started cannot know: it neither accuses nor ends what another has found.
        await using var third = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        await LooksAsync(third);
        clock.Advance(TimeSpan.FromHours(2));
        foreach (var node in (NotifyHost[])[host, third]) await LooksAsync(node);
        ((string?)(await host.GetAsync($"alarms/{alarm["id"]}"))["state"]).Should().Be("ActiveUnacked");

        // What one node hears is known to all.
        using (var sender = third.ClientWith((string)key["key"]!))
            (await sender.PostAsJsonAsync("/api/v2/alerts", Array.Empty<object>())).IsSuccessStatusCode.Should().BeTrue("an empty list is a sign of life");
        await AlarmAsync("Line 1／SCADA", "ClearedUnacked", third);
        foreach (var node in (NotifyHost[])[host, second, third]) await LooksAsync(node);
        ((string?)(await host.GetAsync($"alarms/{alarm["id"]}"))["state"]).Should().Be("ClearedUnacked");

        clock.Advance(TimeSpan.FromHours(2));
        await AlarmAsync("Line 1／SCADA", "ActiveUnacked", host, second, third);
        (await host.SendAsync("POST", $"api-keys/{key["id"]}/revoke")).Status.Should().Be(200);
        // The nodes that have seen all this may be gone.
        await using var fourth = await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock);
        await AlarmAsync("Line 1／SCADA", "ClearedUnacked", fourth);
        foreach (var node in (NotifyHost[])[host, second, third, fourth]) await LooksAsync(node);
        (await StatesAsync(alarm)).Should().Equal("ActiveUnacked", "ClearedUnacked", "ActiveUnacked", "ClearedUnacked");
    }

    [Fact]
    public async Task nobody_is_accused_of_the_time_in_which_notify_was_away()
    {
        var key = await host.PostAsync("api-keys", new { name = "SCADA", roles = new[] { "intake" }, expectEvery = 60 });
        using var sender = host.ClientWith((string)key["key"]!);
        (await sender.SendToAsync("POST", "alarms", new { alarms = new[] { new { name = "A" } } })).Status.Should().Be(202);
        await LooksAsync(host);
        clock.AdvanceStopped(TimeSpan.FromHours(2));
        await LooksAsync(host);
        // An alarm would end with this.
        (await sender.SendToAsync("POST", "alarms", new { alarms = new[] { new { name = "A" } } })).Status.Should().Be(202);
        await LooksAsync(host);
        clock.Advance(TimeSpan.FromHours(2));
        var alarm = await AlarmAsync("SCADA", "ActiveUnacked", host);

        // Without the interval nothing is expected any more.
        (await host.PutAsync($"api-keys/{key["id"]}", 1, new { name = "SCADA", roles = new[] { "intake" } })).Status.Should().Be(200);
        await AlarmAsync("SCADA", "ClearedUnacked", host);
        (await StatesAsync(alarm)).Should().Equal("ActiveUnacked", "ClearedUnacked");
    }

    private void UseClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(clock);

    private static void Wake(NotifyHost node) => node.Services.GetServices<IHostedService>().OfType<SenderSilenceWatch>().Single().Wake();

    /// <summary>Returns when this node has looked at all keys once more: each look begins with writing which were used.</summary>
    private async Task LooksAsync(NotifyHost node)
    {
        for (var i = 0; i < 2; i++)
        {
            var other = await host.PostAsync("api-keys", new { name = SharedHost.NewName(), roles = new[] { "viewer" } });
            using var client = node.ClientWith((string)other["key"]!);
            (await client.SendToAsync("GET", "alarms")).Status.Should().Be(200);
            await Eventually.GetAsync(
                async () =>
                {
                    Wake(node);
                    return await host.ChangeAsync($"update notify.api_key_use set used_at = used_at where key_id = '{other["id"]}'");
                },
                x => x == 1);
        }
    }

    private Task<JsonObject> AlarmAsync(string sender, string state, params NotifyHost[] awake) => Eventually.GetAsync(
        async () =>
        {
            foreach (var node in awake) Wake(node);
            return (await host.GetAsync("alarms?limit=200"))["items"]!.AsArray().Select(x => x!.AsObject()).SingleOrDefault(x =>
                (string?)x["path"] == $"{SenderSilence.ParentPath}/{sender}" && (string?)x["state"] == state) ?? [];
        },
        x => x.Count > 0);

    private async Task<IEnumerable<string?>> StatesAsync(JsonObject alarm) =>
        (await host.GetAsync($"alarms/{alarm["id"]}"))["timeline"]!.AsArray().Where(x => (string?)x!["kind"] != "notification")
            .Select(x => (string?)x!["state"]);
}
