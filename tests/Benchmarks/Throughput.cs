using System.Diagnostics;

namespace Notify.Benchmarks;

/// <summary>Alarms a second: until they are accepted, and until WeCom has shown their messages.</summary>
internal static class Throughput
{
    public sealed record Result(double Accepted, double EndToEnd, double NotifyCpu, double PostgresCpu, double OwnCpu)
    {
        public string Cpu => $"Notify {NotifyCpu:N0} us, PostgreSQL {PostgresCpu:N0} us, load and stand-in {OwnCpu:N0} us";
    }

    /// <summary>Alarms before the measured ones.</summary>
    public const int WarmUp = 20_000;

    /// <param name="series">Other alarms than those of other series.</param>
    public static async Task<Result> MeasureAsync(Bench bench, string what, int connections, int batch, int total, string series = "")
    {
        await RunAsync(bench, $"{SeriesOf(series, connections, batch)}warm", connections, batch, WarmUp);
        Console.Write($"{what}: {total:N0} alarms … ");
        var result = await TurnAsync(bench, connections, batch, total, series);
        Console.WriteLine($"{result.EndToEnd:N0}/s; CPU of one: {result.Cpu}");
        return result;
    }

    /// <summary>Measures without warming up or printing.</summary>
    /// <inheritdoc cref="MeasureAsync"/>
    public static async Task<Result> TurnAsync(Bench bench, int connections, int batch, int total, string series)
    {
        var (shown, cpu, clock) = (bench.Shown, bench.Cpu, Stopwatch.StartNew());
        var accepted = await RunAsync(bench, $"{SeriesOf(series, connections, batch)}run", connections, batch, total, wait: false);
        await bench.WaitForShownAsync(shown + total);
        var seconds = clock.Elapsed.TotalSeconds;
        var after = bench.Cpu;
        return new Result(
            total / accepted, total / seconds,
            (after.Notify - cpu.Notify).TotalMicroseconds / total, (after.Postgres - cpu.Postgres).TotalMicroseconds / total,
            (after.Own - cpu.Own).TotalMicroseconds / total);
    }

    /// <summary>Alarms of their own in every measurement: a repeat of an active alarm notifies nobody.</summary>
    private static string SeriesOf(string series, int connections, int batch) => $"{series}{connections}x{batch}";

    private static async Task<double> RunAsync(Bench bench, string run, int connections, int batch, int total, bool wait = true)
    {
        var shown = bench.Shown;
        var clock = Stopwatch.StartNew();
        var next = -batch;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            using var poster = await AlarmPoster.ConnectAsync(bench.Port);
            while (Interlocked.Add(ref next, batch) is var first && first < total) await poster.PostAsync(run, first, Math.Min(batch, total - first));
        }));
        var seconds = clock.Elapsed.TotalSeconds;
        if (wait) await bench.WaitForShownAsync(shown + total);
        return seconds;
    }
}
