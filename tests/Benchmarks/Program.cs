using Notify.Benchmarks;
using Notify.Benchmarks.Configuration;

// build/bench.sh [throughput|latency|memory|raw|idle|configuration|audit|following|proofs|review|reload|storm|escalation|million|console …]
// [--profile] measures on this machine and prints ratios side by side. audit 100000: at that size; compare <Notify.Host.dll of another
// build> 64: only that series.
var chosen = args.Where(x => !x.StartsWith('-')).ToHashSet(StringComparer.OrdinalIgnoreCase);
bool Wanted(string name) => chosen.Count == 0 || chosen.Contains(name);

if (chosen.Contains("storm") && await Storm.MeasureAsync() is var fault and not 0) return fault;
if (chosen.Contains("storm") || chosen.Contains("escalation")) return await Storm.EscalateAsync();
if (chosen.Contains("compare"))
{
    await Comparison.MeasureAsync(
        args.FirstOrDefault(x => x.EndsWith("Notify.Host.dll", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("Name the other build's Notify.Host.dll."),
        only: args.FirstOrDefault(x => int.TryParse(x, out _)));
    return 0;
}

if (Wanted("configuration")) DecisionCost.Measure();
await using var bench = await Bench.StartAsync();
if (chosen.Contains("audit"))
{
    var sizes = chosen.Select(x => int.TryParse(x, out var size) ? size : 0).Where(x => x > 0).Order().ToArray();
    await AuditPages.MeasureAsync(bench, sizes.Length > 0 ? sizes : [500_000, 1_000_000, 2_500_000, 5_000_000]);
    return 0;
}

if (chosen.Contains("following"))
{
    await StatementProfile.ResetAsync(bench);
    await Following.MeasureAsync(bench);
    await StatementProfile.PrintAsync(bench, "following");
    return 0;
}

if (chosen.Contains("reload"))
{
    await ReloadCost.MeasureAsync(bench);
    return 0;
}

if (chosen.Contains("console"))
{
    await ConsolePages.MeasureAsync(bench);
    return 0;
}

if (chosen.Contains("million"))
{
    await Million.MeasureAsync(bench);
    return 0;
}

Console.WriteLine($"{Environment.ProcessorCount} cores; PostgreSQL, Notify, the WeCom stand-in and the load share them. fsync and synchronous_commit are on.");
var raw = Wanted("throughput") || Wanted("raw") ? await RawAppend.MeasureAsync(bench) : 0;
if (Wanted("memory")) await Memory.MeasureAsync(bench);
if (Wanted("throughput"))
{
    await StatementProfile.ResetAsync(bench);
    var single = await Throughput.MeasureAsync(bench, "single posts, 16 connections", connections: 16, batch: 1, total: 40_000);
    var wider = await Throughput.MeasureAsync(bench, "single posts, 64 connections", connections: 64, batch: 1, total: 40_000);
    await StatementProfile.PrintAsync(bench, "single posts");
    var batched = await Throughput.MeasureAsync(bench, "batches of 100, 16 connections", connections: 16, batch: 100, total: 80_000);
    await StatementProfile.PrintAsync(bench, "batches");
    Report.Table(
        ["measured", "alarms/s", "of raw append", "aim"],
        ["raw append of the same rows in batches (Npgsql)", $"{raw:N0}", "1.00", ""],
        ["end to end, single posts on 64 connections", $"{wider.EndToEnd:N0}", $"{wider.EndToEnd / raw:N2}", "2,500; 0.30 of raw"],
        ["accepted, single posts", $"{single.Accepted:N0}", $"{single.Accepted / raw:N2}", ""],
        ["end to end, single posts", $"{single.EndToEnd:N0}", $"{single.EndToEnd / raw:N2}", "2,500; 0.30 of raw"],
        ["accepted, batches of 100", $"{batched.Accepted:N0}", $"{batched.Accepted / raw:N2}", ""],
        ["end to end, batches of 100", $"{batched.EndToEnd:N0}", $"{batched.EndToEnd / raw:N2}", "4,500; 0.30 of raw"]);
    Console.WriteLine($"CPU of one alarm end to end, batched: {batched.Cpu}");
    Console.WriteLine($"CPU of one alarm end to end, single: {single.Cpu}");
    Console.WriteLine($"Resident memory of Notify after it: {bench.ResidentMegabytes:N0} MB");
}

if (Wanted("configuration")) await ConfigurationCost.MeasureAsync(bench);
if (Wanted("review")) await Review.MeasureAsync(bench);
if (Wanted("proofs")) await Proofs.MeasureAsync(bench);
if (Wanted("latency")) await Latency.MeasureAsync(bench, perSecond: 100, seconds: 20);
// The last, since it adds nodes.
if (Wanted("idle")) await Idle.MeasureAsync(bench);
return 0;
