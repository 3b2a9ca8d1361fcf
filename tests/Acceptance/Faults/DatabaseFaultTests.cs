using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>What callers, operators and alarms see of a database that is away, full or refuses connections, and that all goes on by itself.</summary>
public sealed class DatabaseFaultTests : IAsyncLifetime
{
    private static readonly object[] oneRobot = [new { kind = "bot", alias = "Line 1" }];

    /// <summary>How long the database stays away; a minute is what operators meet, and half of it shows the same.</summary>
    private static readonly TimeSpan away = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("NOTIFY_TEST_AWAY_SECONDS") ?? "20"));

    private readonly CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
    private WeComStandIn weCom = null!;

    public async Task InitializeAsync() => weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));

    public async Task DisposeAsync()
    {
        await weCom.DisposeAsync();
        limit.Dispose();
    }

    [Fact]
    public async Task a_database_that_is_away_is_answered_503_and_when_it_is_back_everything_goes_on_without_a_restart()
    {
        await using var database = await PrivatePostgres.StartNewAsync();
        await using var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}", "Notify:WeCom:BotLimitPerMinute=0");
        await Example.MakeAsync(notify.Client, weCom, oneRobot);
        var load = new AlarmLoad(notify, 3000, "away");
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(500);

        var logBefore = notify.Output.Length;
        await database.StopAsync();
        var gone = Stopwatch.StartNew();
        await RefusesEverythingAsync(notify);
        if (away - gone.Elapsed is { } rest && rest > TimeSpan.Zero) await Task.Delay(rest);
        await RefusesEverythingAsync(notify);

        await database.StartAsync();
        var back = Stopwatch.StartNew();
        await BecomesReadyAsync(notify);
        await load.AcceptedAsync(load.Accepted + 1);
        var shown = weCom.Counters.Shown;
        await weCom.WaitForCountersAsync(x => x.Shown > shown, TimeSpan.FromSeconds(10));
        back.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10), "everything goes on within ten seconds of the database's return");
        await sending;

        await load.AllArrivedAsync(weCom, TimeSpan.FromSeconds(60));
        var log = notify.Output[logBefore..];
        await File.WriteAllTextAsync("/tmp/c-away.log", log);
        log.Should().NotContain(new NpgsqlConnectionStringBuilder(database.ConnectionString).Password);
        log.Split('\n').Should().HaveCountLessThan(400, "a fault that lasts is not told over and over: {0}", log);
    }

    private static async Task RefusesEverythingAsync(NotifyProcess notify)
    {
        await RefusesAlarmsAsync(notify);
        using var read = await notify.Client.GetAsync(new Uri("/api/v1/alarms", UriKind.Relative));
        (await ProblemOfAsync(read)).Should().Be(503);
        using var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        using var live = await notify.Client.GetAsync(new Uri("/health/live", UriKind.Relative));
        live.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static async Task RefusesAlarmsAsync(NotifyProcess notify)
    {
        using var posted = await notify.Client.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { new { name = "refused" } } });
        (await ProblemOfAsync(posted)).Should().Be(503);
        posted.Headers.RetryAfter!.Delta.Should().BePositive();
    }

    private static async Task BecomesReadyAsync(NotifyProcess notify) => await Eventually.GetAsync(
        async () =>
        {
            using var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return ready.StatusCode;
        },
        x => x == HttpStatusCode.OK);

    private static async Task<int> ProblemOfAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        return (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["status"]!;
    }
}
