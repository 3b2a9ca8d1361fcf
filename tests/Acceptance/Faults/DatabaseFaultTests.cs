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
        var load = new AlarmLoad(notify, 2000, "away");
        load.Allow(1000);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(500);

        var logBefore = notify.Output.Length;
        await database.StopAsync();
        load.Allow(2000);
        var gone = Stopwatch.StartNew();
        await RefusesEverythingAsync(notify);
        if (away - gone.Elapsed is { } rest && rest > TimeSpan.Zero) await Task.Delay(rest);
        await RefusesEverythingAsync(notify);

        await database.StartAsync();
        var back = Stopwatch.StartNew();
        await BecomesReadyAsync(notify);
        await ArrivesAsync(notify, "back");
        back.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10), "everything goes on within ten seconds of the database's return");
        await sending;

        await load.AllArrivedAsync(weCom, TimeSpan.FromSeconds(60));
        var log = notify.Output[logBefore..];
        log.Should().NotContain(new NpgsqlConnectionStringBuilder(database.ConnectionString).Password);
        log.Split('\n').Should().HaveCountLessThan(400, "a fault that lasts is not told over and over: {0}", log);
    }

    [Fact]
    public async Task a_database_without_a_free_connection_is_named_as_such_and_passes_by_itself()
    {
        await using var database = await PrivatePostgres.StartNewAsync();
        await using var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}");
        await Example.MakeAsync(notify.Client, weCom, oneRobot);

        await database.ExecuteAsync("alter role notify connection limit 0");
        await database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'notify'");
        // The first to try notices that its connection was cut.
        await Eventually.GetAsync(() => RefusesAlarmsAsync(notify), x => x.StartsWith("The database takes no more connections.", StringComparison.Ordinal));
        using (var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative)))
            (await ready.Content.ReadAsStringAsync()).Should().Contain("The database takes no more connections.");

        await database.ExecuteAsync("alter role notify connection limit -1");
        await BecomesReadyAsync(notify);
        await ArrivesAsync(notify, "again");
    }

    [MountFact]
    public async Task a_full_disk_is_answered_503_and_when_there_is_room_again_everything_goes_on_without_a_restart()
    {
        using var disk = SmallDisk.Mount(megabytes: 400);
        await using var notify = await NotifyProcess.StartNewInAsync(disk.Path, weCom.BaseUrl, "Notify:WeCom:BotLimitPerMinute=0");
        await Example.MakeAsync(notify.Client, weCom, oneRobot);
        var load = new AlarmLoad(notify, 20_000, "full", description: new string('x', 2000));
        load.Allow(200);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(200);

        disk.Fill();
        load.Allow(20_000);
        var problem = await Eventually.GetAsync(() => PostAsync(notify), x => x is not null);
        problem!.Value.Status.Should().Be(503, notify.Output);
        problem.Value.RetryAfter.Should().BePositive();
        using (var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))) ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);

        load.Stop();
        disk.MakeRoom();
        await BecomesReadyAsync(notify);
        await ArrivesAsync(notify, "room");
        await sending;
        await load.AllArrivedAsync(weCom, TimeSpan.FromSeconds(60));
    }

    private async Task ArrivesAsync(NotifyProcess notify, string name)
    {
        await notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name } } });
        await Eventually.GetAsync(() => Task.FromResult(weCom.Log.Shown.Any(x => x.Text.Contains($" {name} ", StringComparison.Ordinal))), x => x);
    }

    private static async Task RefusesEverythingAsync(NotifyProcess notify)
    {
        await RefusesAlarmsAsync(notify);
        using var read = await notify.Client.GetAsync(new Uri("/api/v1/alarms", UriKind.Relative));
        read.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        using var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        using var live = await notify.Client.GetAsync(new Uri("/health/live", UriKind.Relative));
        live.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    /// <returns>The problem's detail.</returns>
    private static async Task<string> RefusesAlarmsAsync(NotifyProcess notify)
    {
        var problem = await PostAsync(notify);
        problem!.Value.Status.Should().Be(503);
        problem.Value.RetryAfter.Should().BePositive();
        return problem.Value.Detail;
    }

    /// <returns>Null when it was accepted.</returns>
    private static async Task<(int Status, string Detail, TimeSpan? RetryAfter)?> PostAsync(NotifyProcess notify)
    {
        using var posted = await notify.Client.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { new { name = "probe" } } });
        if (posted.StatusCode == HttpStatusCode.Accepted) return null;
        posted.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        return ((int)posted.StatusCode, (string)JsonNode.Parse(await posted.Content.ReadAsStringAsync())!["detail"]!, posted.Headers.RetryAfter?.Delta);
    }

    private static async Task BecomesReadyAsync(NotifyProcess notify) => await Eventually.GetAsync(
        async () =>
        {
            using var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return ready.StatusCode;
        },
        x => x == HttpStatusCode.OK);
}
