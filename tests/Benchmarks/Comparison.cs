using Npgsql;

namespace Notify.Benchmarks;

/// <summary>This build beside another one, in short turns: a machine that is slower for a while is slower for both. Both run all the time, each with
/// a PostgreSQL of its own. The same build on both sides shows what the machine cannot tell apart.</summary>
internal static class Comparison
{
    /// <summary>The fourth lowest and the fourth highest of 15 ratios enclose the true median with 96 % certainty, whatever their
    /// distribution.</summary>
    private const int Pairs = 15;
    private const int Outside = 3;
    private static readonly TimeSpan looking = TimeSpan.FromMilliseconds(250);

    /// <param name="otherDll">The other build's <c>Notify.Host.dll</c>.</param>
    /// <param name="only">Measures only series whose name contains it; null: all.</param>
    public static async Task MeasureAsync(string otherDll, string? only)
    {
        await using var other = await Bench.StartAsync(dll: otherDll);
        await using var here = await Bench.StartAsync();
        foreach (var (what, connections, batch, total) in new[]
        {
            ("single posts, 16 connections", 16, 1, 6_000), ("single posts, 64 connections", 64, 1, 8_000), ("batches of 100", 16, 100, 16_000),
        }.Where(x => only is null || x.Item1.Contains(only, StringComparison.Ordinal)))
        {
            var (before, after) = (new List<Turn>(), new List<Turn>());
            // The first turns warm up.
            for (var i = -3; i < Pairs; i++)
            {
                // Each begins every other pair.
                foreach (var (bench, turns) in i % 2 == 0 ? [(other, before), (here, after)] : new[] { (here, after), (other, before) })
                {
                    // What one does after its turn would be taken from the other's.
                    await RestAsync(other, here);
                    var transactions = await TransactionsAsync(bench);
                    var result = await Throughput.TurnAsync(bench, connections, batch, total, $"{i}");
                    if (i >= 0) turns.Add(new Turn(result, (await TransactionsAsync(bench) - transactions) / (double)total));
                }
            }

            Console.WriteLine($"{what}: {Pairs} turns each; medians, the median of the ratios, and what encloses it with 96 % certainty");
            Report.Table(
                ["", "other", "this", "this / other", "from", "to"],
                Row("alarms/s end to end", "N0", x => x.Result.EndToEnd),
                Row("alarms/s accepted", "N0", x => x.Result.Accepted),
                Row("us of CPU time of one: Notify", "N0", x => x.Result.NotifyCpu),
                Row("us of CPU time of one: PostgreSQL", "N0", x => x.Result.PostgresCpu),
                Row("us of CPU time of one: both", "N0", x => x.Result.NotifyCpu + x.Result.PostgresCpu),
                Row("transactions of one", "N3", x => x.Transactions));

            string[] Row(string name, string format, Func<Turn, double> of)
            {
                double[] ratios = [.. after.Zip(before).Select(x => of(x.First) / of(x.Second)).Order()];
                return
                [
                    name, Median(before.Select(of)).ToString(format), Median(after.Select(of)).ToString(format), $"{Median(ratios):N3}",
                    $"{ratios[Outside]:N3}", $"{ratios[^(Outside + 1)]:N3}",
                ];
            }
        }

        Console.WriteLine($"Resident memory after it: other {other.ResidentMegabytes:N0} MB, this {here.ResidentMegabytes:N0} MB");
    }

    /// <summary>Until neither build nor its PostgreSQL uses a tenth of a processor; for 20 seconds at most.</summary>
    private static async Task RestAsync(Bench other, Bench here)
    {
        for (var i = 0; i < TimeSpan.FromSeconds(20) / looking; i++)
        {
            var used = Used();
            await Task.Delay(looking);
            if (Used() - used < looking / 10) return;
        }

        TimeSpan Used() => other.Cpu.Notify + other.Cpu.Postgres + here.Cpu.Notify + here.Cpu.Postgres;
    }

    private static async Task<long> TransactionsAsync(Bench bench)
    {
        await using var connection = new NpgsqlConnection(bench.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select xact_commit from pg_stat_database where datname = current_database()", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static double Median(IEnumerable<double> values) => Report.Percentile([.. values.Order()], 0.5);

    /// <param name="Transactions">PostgreSQL's, for each alarm; its processes report them within a second.</param>
    private sealed record Turn(Throughput.Result Result, double Transactions);
}
