using System.Diagnostics;
using System.Globalization;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>What callers, operators and alarms see of a database that is away or refuses connections, and that all goes on by itself.</summary>
public sealed class DatabaseFaultTests(DatabaseFaultTests.Served served) : IClassFixture<DatabaseFaultTests.Served>
{
    /// <summary>How long the database stays away; a minute is what operators meet, and a third of it shows the same.</summary>
    private static readonly TimeSpan away = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("NOTIFY_TEST_AWAY_SECONDS") ?? "20", CultureInfo.InvariantCulture));

    private readonly PrivatePostgres database = served.Database;
    private readonly NotifyProcess notify = served.Notify;
    private readonly Caller caller = new(served.Notify, served.WeCom);

    [Fact]
    public async Task a_database_that_is_away_is_answered_503_and_when_it_is_back_everything_goes_on_without_a_restart()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var load = new AlarmLoad(notify, 2000, "away");
        load.Allow(1000);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(500);
        var before = Stopwatch.StartNew();
        await caller.ArrivesAsync("before");
        before.Stop();

        var logBefore = notify.Output.Length;
        await database.StopAsync();
        load.Allow(2000);
        var gone = Stopwatch.StartNew();
        await caller.RefusedEverythingAsync();
        if (away - gone.Elapsed is { } rest && rest > TimeSpan.Zero) await Task.Delay(rest);
        await caller.RefusedEverythingAsync();

        await database.StartAsync();
        var back = Stopwatch.StartNew();
        await caller.FindsReadyAsync();
        await caller.ArrivesAsync("back");
        // What this machine needs for one alarm under this load, before the fault, tells how busy it is with something else.
        back.Elapsed.Should().BeLessThan(
            TimeSpan.FromSeconds(10) + (10 * before.Elapsed), "everything goes on within ten seconds of the database's return");
        await sending;

        await load.AllArrivedAsync(served.WeCom);
        var log = notify.Output[logBefore..];
        log.Should().NotContain(new NpgsqlConnectionStringBuilder(database.ConnectionString).Password);
        log.Split('\n').Should().HaveCountLessThan(400, "a fault that lasts is not told over and over: {0}", log);
    }

    [Fact]
    public async Task a_database_without_a_free_connection_is_named_as_such_and_passes_by_itself()
    {
        await database.ExecuteAsync("alter role notify connection limit 0");
        await database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'notify'");
        // The first to try notices that its connection was cut.
        await Eventually.GetAsync(caller.RefusedAlarmsAsync, x =>
            x.StartsWith("The database accepts no more connections.", StringComparison.Ordinal));
        using (var ready = await notify.Client.GetAsync(new Uri("/health/ready", UriKind.Relative)))
            (await ready.Content.ReadAsStringAsync()).Should().Contain("The database accepts no more connections.");

        await database.ExecuteAsync("alter role notify connection limit -1");
        await caller.FindsReadyAsync();
        await caller.ArrivesAsync("again");
    }

    /// <summary>A Notify that tells one robot everything, on a PostgreSQL that may be taken away.</summary>
    public sealed class Served : IAsyncLifetime
    {
        public WeComStandIn WeCom { get; private set; } = null!;

        public PrivatePostgres Database { get; private set; } = null!;

        public NotifyProcess Notify { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            WeCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
            Database = await PrivatePostgres.StartNewAsync();
            Notify = await NotifyProcess.StartNewAsync(
                WeCom.BaseUrl, $"ConnectionStrings:Notify={Database.ConnectionString}", "Notify:WeCom:BotLimitPerMinute=0");
            await Example.MakeAsync(Notify.Client, WeCom, [new { kind = "bot", alias = "Line 1" }]);
        }

        public async Task DisposeAsync()
        {
            await Notify.DisposeAsync();
            await Database.DisposeAsync();
            await WeCom.DisposeAsync();
        }
    }
}
