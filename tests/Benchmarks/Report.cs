namespace Notify.Benchmarks;

internal static class Report
{
    public static void Table(params string[][] rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(x => x[i].Length)).ToArray();
        foreach (var (n, row) in rows.Index())
        {
            Console.WriteLine("| " + string.Join(" | ", row.Select((x, i) => i == 0 ? x.PadRight(widths[i]) : x.PadLeft(widths[i]))) + " |");
            if (n == 0) Console.WriteLine("| " + string.Join(" | ", widths.Select(x => new string('-', x))) + " |");
        }
    }

    public static double Percentile(IReadOnlyList<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)];
}
