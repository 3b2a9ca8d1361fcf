namespace Notify.Benchmarks;

/// <summary>What Notify and its PostgreSQL cost while nothing happens, in percent of one core.</summary>
internal static class Idle
{
    private static readonly TimeSpan settle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan length = TimeSpan.FromSeconds(60);

    public static async Task MeasureAsync(Bench bench)
    {
        Console.WriteLine($"idle: {length.TotalSeconds:N0} s …");
        await Task.Delay(settle);
        var before = bench.Cpu;
        await Task.Delay(length);
        var after = bench.Cpu;
        Report.Table(
            ["idle, of one core", "percent", "aim"],
            ["Notify", $"{(after.Notify - before.Notify) / length * 100:N2}", "2"],
            ["PostgreSQL", $"{(after.Postgres - before.Postgres) / length * 100:N2}", ""]);
    }
}
