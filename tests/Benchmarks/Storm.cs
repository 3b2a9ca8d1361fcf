using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>Ten thousand alarms at once to one robot that takes 20 messages a minute: how long until its group has been told of every one.</summary>
internal static class Storm
{
    private const int Count = 10_000;
    private const int Batch = 500;
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(15);
    private static readonly string[] names = ["High pressure", "Low level", "Motor too hot", "Communication lost", "Door open"];
    private static readonly string[] levels = ["Critical", "High", "Medium", "Low"];

    /// <returns>0 when nothing was refused and every alarm was told of.</returns>
    public static async Task<int> MeasureAsync()
    {
        await using var bench = await Bench.StartAsync(robotLimit: 20);
        var clock = Stopwatch.StartNew();
        await ReportAsync(bench);
        Console.WriteLine($"{Count:N0} alarms accepted after {clock.Elapsed.TotalSeconds:N1} s");
        return await WatchAsync(bench, clock);
    }

    /// <summary>The same to which nobody reacts: they all escalate at one instant.</summary>
    /// <inheritdoc cref="MeasureAsync"/>
    public static async Task<int> EscalateAsync()
    {
        await using var bench = await Bench.StartAsync(robotLimit: 20, escalateAfter: 60);
        await using var database = NpgsqlDataSource.Create(bench.ConnectionString);
        await ReportAsync(bench);
        await WhenAsync(Stopwatch.StartNew(), "notify.step where due_at is not null", Count);
        var before = bench.PeakMegabytes;
        // What was reported at one instant is due at one; the hour until then is left out.
        var due = await AskAsync<DateTime>(
            database, "with d as (update notify.step set due_at = now() + interval '3 s' returning due_at) select max(due_at) from d");
        await Task.Delay(due - TimeProvider.System.GetUtcNow().UtcDateTime);
        var clock = Stopwatch.StartNew();
        var (decided, requested) = (WhenAsync(clock, "notify.step where due_at is not null", 0), WhenAsync(clock, "notify.notification", Count));
        var result = await WatchAsync(bench, clock);
        Report.Table(
            ["escalation", "value"],
            ["due to all decided, s", $"{await decided:N1}"], ["due to all at their lane, s", $"{await requested:N1}"],
            ["messages", $"{bench.Received.Count:N0}"], ["peak memory of Notify before, MB", $"{before:N0}"],
            ["peak memory of Notify after, MB", $"{bench.PeakMegabytes:N0}"]);
        return result;

        // Or what the limit is, when that never comes.
        async Task<double> WhenAsync(Stopwatch clock, string rows, long count)
        {
            while (await AskAsync<long>(database, $"select count(*) from {rows}") != count && clock.Elapsed < limit) await Task.Delay(100);
            return clock.Elapsed.TotalSeconds;
        }
    }

    private static async Task<T> AskAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ReportAsync(Bench bench)
    {
        for (var first = 0; first < Count; first += Batch)
        {
            using var response = await bench.Client.PostAsJsonAsync("/api/v1/alarms", new { alarms = Enumerable.Range(first, Batch).Select(Alarm) });
            response.EnsureSuccessStatusCode();
        }
    }

    private static async Task<int> WatchAsync(Bench bench, Stopwatch clock)
    {
        var untold = Enumerable.Range(0, Count).Select(LeafOf).ToHashSet(StringComparer.Ordinal);
        var seen = 0;
        while (untold.Count > 0 && clock.Elapsed < limit)
        {
            await Task.Delay(200);
            var received = bench.Received;
            for (; seen < received.Count; seen++)
            {
                foreach (var word in received[seen].Text.Split('/', ' ', ',', '\n', ';')) untold.Remove(word);
                Console.WriteLine($"{clock.Elapsed.TotalSeconds,6:N1} s  message {seen + 1,3}, {received[seen].Text.Length,5:N0} characters, {untold.Count,6:N0} alarms untold");
            }
        }

        var refused = bench.Received.Count(x => x.ErrCode == 45009);
        Console.WriteLine($"Everything told after {clock.Elapsed.TotalSeconds:N0} s in {seen:N0} messages; {untold.Count:N0} untold, {refused:N0} refused with 45009.");
        return untold.Count == 0 && refused == 0 ? 0 : 1;
    }

    private static object Alarm(int i) => new
    {
        name = names[i % names.Length],
        path = string.Create(CultureInfo.InvariantCulture, $"Plant/Area{i / 2000}/Line{i / 200 % 10}/{LeafOf(i)}"),
        level = levels[i % levels.Length],
        description = "The value left its limits and has not come back.",
    };

    private static string LeafOf(int i) => string.Create(CultureInfo.InvariantCulture, $"Unit{i:00000}");
}
