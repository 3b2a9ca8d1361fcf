namespace Notify.Benchmarks;

/// <summary>What one, two and three nodes and their PostgreSQL cost while nothing happens, in percent of one core.</summary>
internal static class Idle
{
    private const int MostNodes = 3;
    private static readonly TimeSpan settle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan length = TimeSpan.FromSeconds(60);

    public static async Task MeasureAsync(Bench bench)
    {
        var rows = new List<string[]>();
        for (var nodes = 1; nodes <= MostNodes; nodes++)
        {
            if (nodes > 1) await bench.AddNodeAsync();
            Console.WriteLine($"idle, {nodes} of {MostNodes} nodes: {length.TotalSeconds:N0} s …");
            await Task.Delay(settle);
            await StatementProfile.ResetAsync(bench);
            var (before, postgresBefore) = (bench.NodesCpu, bench.Cpu.Postgres);
            await Task.Delay(length);
            var (after, postgresAfter) = (bench.NodesCpu, bench.Cpu.Postgres);
            await StatementProfile.PrintAsync(bench, $"idle, nodes: {nodes}");
            rows.Add([$"{nodes}", string.Join(", ", after.Zip(before, Percent)), Percent(postgresAfter, postgresBefore)]);
        }

        Report.Table([["nodes, idle", "each Notify, % of a core (aim 2)", "PostgreSQL, % of a core"], .. rows]);
    }

    private static string Percent(TimeSpan after, TimeSpan before) => $"{(after - before) / length * 100:N2}";
}
