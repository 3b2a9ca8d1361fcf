namespace Notify.Benchmarks;

/// <summary>This build beside another one, in short turns: a machine that is slower for a while is slower for both. Both run all the time, each with
/// a PostgreSQL of its own.</summary>
internal static class Comparison
{
    private const int Pairs = 8;

    private sealed record Turn(double Rate, double Notify, double Postgres);

    public static async Task MeasureAsync(string otherDll)
    {
        await using var other = await Bench.StartAsync(dll: otherDll);
        await using var here = await Bench.StartAsync();
        foreach (var (what, connections, batch, total) in new[]
        {
            ("single posts, 16 connections", 16, 1, 6_000), ("single posts, 64 connections", 64, 1, 8_000), ("batches of 100", 16, 100, 20_000),
        })
        {
            var (before, after) = (new List<Turn>(), new List<Turn>());
            // The first turns warm up.
            for (var i = -2; i < Pairs; i++)
            {
                // Each begins every other pair.
                foreach (var (bench, turns) in i % 2 == 0 ? [(other, before), (here, after)] : new[] { (here, after), (other, before) })
                {
                    var turn = await TurnAsync(bench, $"{i}", connections, batch, total);
                    if (i >= 0) turns.Add(turn);
                }
            }

            Console.WriteLine($"{what}: medians of {Pairs} turns each, and of their ratios");
            Report.Table(
                ["", "other", "this", "this / other"],
                Row("alarms/s end to end", x => x.Rate),
                Row("us of CPU time of one: Notify", x => x.Notify),
                Row("us of CPU time of one: PostgreSQL", x => x.Postgres));

            string[] Row(string name, Func<Turn, double> of) =>
            [
                name, $"{Median(before.Select(of)):N0}", $"{Median(after.Select(of)):N0}",
                $"{Median(after.Zip(before).Select(x => of(x.First) / of(x.Second))):N3}",
            ];
        }

        Console.WriteLine($"Resident memory after it: other {other.ResidentMegabytes:N0} MB, this {here.ResidentMegabytes:N0} MB");
    }

    private static async Task<Turn> TurnAsync(Bench bench, string series, int connections, int batch, int total)
    {
        var result = await Throughput.MeasureAsync(bench, "", connections, batch, total, series, warmUp: 0);
        return new(result.EndToEnd, result.NotifyCpu, result.PostgresCpu);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted && sorted.Count % 2 == 1
        ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
}
