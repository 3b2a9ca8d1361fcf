using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>A host that looks all the time whether a day has passed, and what its tests do with it.</summary>
public sealed class VerifiedDaily : IAsyncLifetime
{
    private int daysBefore;

    internal MovedClock Clock { get; } = new();
    public NotifyHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await StartAsync("00:00:00.1");

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>Whatever was done before, it is another day, the first one of this test: all is well, and its verification is on record.</summary>
    public async Task BeginDayAsync()
    {
        var verifications = Host.Services.GetRequiredService<Verifications>();
        // The test before this one may have set the clock back to before its last verification.
        var now = Clock.GetUtcNow();
        Clock.Advance((verifications.State.LastAt is { } last && last > now ? last - now : TimeSpan.Zero) + TimeSpan.FromDays(1));
        var morning = Clock.GetUtcNow();
        await Eventually.GetAsync(() => Task.FromResult(verifications.State), x => x.LastAt >= morning && x.Running is null);
        await Eventually.GetAsync(IsSignedAsync, x => x);
        await Host.Services.GetRequiredService<VerificationWatch>().WatchAsync(default);
        (await HealthAsync()).Should().NotContain("Degraded");
        daysBefore = (await Host.Client.GetAllFromAsync("audit?type=audit.history_verified.v1")).Count - 1;
    }

    /// <summary>Time as it passes on a machine that is awake: the watch looks every few minutes.</summary>
    /// <param name="works">In so much time everything is followed and signed, unless something keeps it from being.</param>
    public async Task PassAsync(VerificationWatch watch, TimeSpan time, bool works = true)
    {
        var step = TimeSpan.FromMinutes(4);
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            if (works) await Eventually.GetAsync(IsSignedAsync, x => x);
            Clock.Advance(left < step ? left : step);
            await watch.WatchAsync(default);
        }
    }

    public async Task<bool> IsSignedAsync()
    {
        if (await Host.Services.GetRequiredService<EventFollower>().LagAsync(default) > 0) return false;
        await using var connection = await Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        return (await Host.Services.GetRequiredService<Marks>().LogAsync(connection, default))?.Size == await LogReader.SizeAsync(
            connection, default);
    }

    /// <summary>Somebody holds the lock under which the nodes agree on one that verifies, until the connection lets it go.</summary>
    public async Task<NpgsqlConnection> KeepFromVerifyingAsync()
    {
        var connection = await Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select pg_advisory_lock($1)", connection)
        { Parameters = { new() { Value = Verifications.LockKey } } };
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public static async Task LetVerifyAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", connection);
        await command.ExecuteNonQueryAsync();
    }

    public Task<string> HealthAsync() => Host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative));

    public async Task<JsonObject> DayAsync(int number)
    {
        var records = await Eventually.GetAsync(() => Host.Client.GetAllFromAsync("audit?type=audit.history_verified.v1"), x => x.Count >= daysBefore + number);
        records.Should().HaveCount(daysBefore + number, "it is done once a day, however often the timer looks");
        return records[^1];
    }

    public async Task ReportedAsync(int count) =>
        (await Eventually.GetAsync(async () => (await Host.Client.GetAllFromAsync("audit?type=alarms.alarm_reported.v1"))
            .FindAll(x => IsOfHistory(x["resource"]!)), x => x.Count >= count)).Should().HaveCount(count);

    /// <summary>And not of the tables beside the events, which has an alarm of its own.</summary>
    private static bool IsOfHistory(JsonNode alarm, string name = "The audit history does not verify / 审计记录验证不通过") =>
        alarm["name"]!.GetValue<string>() == name;

    public Task<JsonNode> UnwatchedAsync(string state) => AlarmAsync(state, "The audit history is no longer verified / 审计记录已停止验证");

    public async Task<JsonNode> AlarmAsync(string state, string name = "The audit history does not verify / 审计记录验证不通过") =>
        (await Eventually.GetAsync(async () => (await Host.GetAsync($"alarms?path=Notify/Audit&state={state}"))["items"]!.AsArray()
            .Where(x => IsOfHistory(x!, name)).ToList(), x => x.Count == 1))[0]!;

    public Task<NotifyHost> StartAsync(string interval, NotifyHost? sameStoreAs = null) => NotifyHost.StartAsync(
        [$"Notify:Audit:VerificationCheckInterval={interval}", "Notify:Audit:CheckpointInterval=00:00:00.2"], replace: services =>
        services.AddSingleton<TimeProvider>(Clock), sameStoreAs: sameStoreAs);
}
