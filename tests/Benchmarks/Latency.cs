using System.Collections.Concurrent;
using System.Diagnostics;

namespace Notify.Benchmarks;

/// <summary>From the POST's first byte to the platform's receipt, at an even rate that leaves the machine mostly idle.</summary>
internal static class Latency
{
    public static async Task MeasureAsync(Bench bench, int perSecond, int seconds)
    {
        await RunAsync(bench, "latency-warm", perSecond, 5);
        var times = await RunAsync(bench, "latency", perSecond, seconds);
        times.Sort();
        Report.Table(
            [$"POST to WeCom's receipt at {perSecond}/s", "ms", "aim"],
            ["median", $"{Report.Percentile(times, 0.5):N1}", "15"],
            ["p90", $"{Report.Percentile(times, 0.9):N1}", ""],
            ["p99", $"{Report.Percentile(times, 0.99):N1}", "80"],
            ["max", $"{times[^1]:N1}", ""]);
    }

    private static async Task<List<double>> RunAsync(Bench bench, string run, int perSecond, int seconds)
    {
        var total = perSecond * seconds;
        var (sent, received) = (new long[total], new ConcurrentDictionary<int, long>());
        using var _ = bench.Observe(x =>
        {
            var at = Stopwatch.GetTimestamp();
            var start = x.Text.IndexOf($"{run}-", StringComparison.Ordinal);
            if (start < 0) return;
            var digits = x.Text.AsSpan(start + run.Length + 1);
            var end = digits.IndexOf('\n');
            received[int.Parse(end < 0 ? digits : digits[..end])] = at;
        });
        var posters = new ConcurrentBag<AlarmPoster>();
        for (var i = 0; i < 8; i++) posters.Add(await AlarmPoster.ConnectAsync(bench.Port));
        var shown = bench.Shown;
        var posts = new List<Task>();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < total; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / perSecond) - clock.Elapsed;
            if (wait > TimeSpan.Zero) await Task.Delay(wait);
            if (!posters.TryTake(out var poster)) poster = await AlarmPoster.ConnectAsync(bench.Port);
            sent[i] = Stopwatch.GetTimestamp();
            posts.Add(PostAsync(poster, i));
        }

        await Task.WhenAll(posts);
        await bench.WaitForShownAsync(shown + total);
        foreach (var poster in posters) poster.Dispose();
        return [.. received.Select(x => Stopwatch.GetElapsedTime(sent[x.Key], x.Value).TotalMilliseconds)];

        async Task PostAsync(AlarmPoster poster, int i)
        {
            await poster.PostAsync(run, i, 1);
            posters.Add(poster);
        }
    }
}
