using System.Diagnostics;
using Notify.Contracts.Alarms;
using Notify.Rules;
using Notify.Rules.Messages;
using Notify.Rules.Tests;

namespace Notify.Benchmarks.Configuration;

/// <summary>What deciding about one alarm costs, by how many rules there are. Pure computing: no database, no network.</summary>
internal static class DecisionCost
{
    private static readonly int[] counts = [10, 100, 1_000, 10_000];

    public static void Measure()
    {
        for (var i = 0; i < 50; i++) Microseconds(10, _ => new() { States = Enum.GetValues<AlarmState>() }); // until it is compiled for good
        var elsewhere = counts.Select(x => Microseconds(x, i => new() { States = Enum.GetValues<AlarmState>(), Paths = [$"Site1/Line{i}/**"] }))
            .ToList();
        var scattered = counts.Select(x => Microseconds(x,
            i => new()
            {
                States = Enum.GetValues<AlarmState>(),
                Paths = [$"**/Pump{i}"],
                Labels = new Dictionary<string, string> { ["team"] = "ops" }
            })).ToList();
        var inside = counts.Select(x => Microseconds(x, i => new() { States = Enum.GetValues<AlarmState>(), Paths = [$"*/Line{i}/**"] })).ToList();
        var worst = counts.Select(x => Microseconds(x, i => new() { States = Enum.GetValues<AlarmState>(), Paths = [$"**/Pump{i + 10}/**"] }))
            .ToList();
        Report.Table(
        [
            ["rules", "one matches, by its start (us)", "by its end (us)", "by its middle (us)", "none can be told apart (us)", "growth of the four"],
            .. counts.Select((x, i) => new[]
            {
                $"{x:N0}", $"{elsewhere[i]:N1}", $"{scattered[i]:N1}", $"{inside[i]:N1}", $"{worst[i]:N1}",
                $"{elsewhere[i] / elsewhere[0]:N1}, {scattered[i] / scattered[0]:N1}, {inside[i] / inside[0]:N1}, {worst[i] / worst[0]:N1}",
            }),
        ]);
        Console.WriteLine("Aim: well under 1,000 us with 10,000 rules.");
    }

    /// <summary>The best of several rounds: what else runs on the machine only adds.</summary>
    private static double Microseconds(int rules, Func<int, RuleCriteria> criteria)
    {
        var snapshot = Given.Plant(
            Enumerable.Range(0, rules).Select(i => Given.Enabled($"r{i}", $"Rule {i}", Given.Rule with { Criteria = criteria(i) })),
            Given.Enabled("m1", "Text", new MessageSettings { Content = "{level} {name} {path} {value} {eventTime}" }));
        var best = double.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            const int times = 200;
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < times; i++) snapshot.Decide(Given.Alarm, Given.Noon);
            best = Math.Min(best, clock.Elapsed.TotalMicroseconds / times);
        }

        return best;
    }
}
