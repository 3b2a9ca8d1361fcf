namespace Notify.Benchmarks;

/// <summary>This build beside another one, in short turns: a machine that is slower for a while is slower for both. Both run all the time, each with
/// a PostgreSQL of its own.</summary>
internal static class Comparison
{
    /// <summary>Odd, so that the median is one of them.</summary>
    private const int Pairs = 9;

    public static async Task MeasureAsync(string otherDll)
    {
        await using var other = await Bench.StartAsync(dll: otherDll);
        await using var here = await Bench.StartAsync();
        foreach (var (what, connections, batch, total) in new[]
        {
            ("single posts, 16 connections", 16, 1, 6_000), ("single posts, 64 connections", 64, 1, 8_000), ("batches of 100", 16, 100, 20_000),
        })
        {
            var (before, after) = (new List<Throughput.Result>(), new List<Throughput.Result>());
            // The first turns warm up.
            for (var i = -2; i < Pairs; i++)
            {
                // Each begins every other pair.
                foreach (var (bench, turns) in i % 2 == 0 ? [(other, before), (here, after)] : new[] { (here, after), (other, before) })
                {
                    var turn = await Throughput.TurnAsync(bench, connections, batch, total, $"{i}");
                    if (i >= 0) turns.Add(turn);
                }
            }

            Console.WriteLine($"{what}: medians of {Pairs} turns each, and of their ratios");
            Report.Table(
                ["", "other", "this", "this / other"],
                Row("alarms/s end to end", x => x.EndToEnd),
                Row("us of CPU time of one: Notify", x => x.NotifyCpu),
                Row("us of CPU time of one: PostgreSQL", x => x.PostgresCpu));

            string[] Row(string name, Func<Throughput.Result, double> of) =>
            [
                name, $"{Median(before.Select(of)):N0}", $"{Median(after.Select(of)):N0}",
                $"{Median(after.Zip(before).Select(x => of(x.First) / of(x.Second))):N3}",
            ];
        }

        Console.WriteLine($"Resident memory after it: other {other.ResidentMegabytes:N0} MB, this {here.ResidentMegabytes:N0} MB");
    }

    private static double Median(IEnumerable<double> values) => Report.Percentile([.. values.Order()], 0.5);
}
