namespace Notify.Benchmarks;

/// <summary>Resident memory of Notify from its start on, while alarms come in as fast as it takes them.</summary>
internal static class Memory
{
    private const int Alarms = 50_000;

    public static async Task MeasureAsync(Bench bench)
    {
        var start = bench.ResidentMegabytes;
        await Throughput.MeasureAsync(bench, "single posts, 16 connections", connections: 16, batch: 1, total: Alarms - Throughput.WarmUp, "memory");
        Report.Table(["resident memory of Notify", "MB", "aim"], ["after its start", $"{start:N0}", ""],
            [$"after {Alarms:N0} alarms", $"{bench.ResidentMegabytes:N0}", "300"]);
    }
}
