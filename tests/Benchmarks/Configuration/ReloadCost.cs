using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Benchmarks.Configuration;

/// <summary>
/// What a change of one rule costs the alarm that follows on it, by how many rules there are: from its POST to the platform's receipt, beside alarms
/// that follow on no change. And what all these rules cost at a start, and in memory.
/// </summary>
internal static class ReloadCost
{
    private const int Rounds = 30;
    private static readonly int[] counts = [100, 1_000, 10_000];

    public static async Task MeasureAsync(Bench bench)
    {
        var rows = new List<string[]>
        {
            new[] { "rules", "alarm (ms)", "after a change (ms)", "the change costs (ms)", "the PUT (ms)", "first alarm of a node (ms)", "resident (MB)" },
        };
        var rule = (await bench.Client.GetFromJsonAsync<JsonObject>("/api/v1/rules?sort=createdAt"))!["items"]![0]!.AsObject();
        using var poster = await AlarmPoster.ConnectAsync(bench.Port);
        var n = 0;
        for (var i = 0; i < Rounds; i++) await AlarmAsync(); // until it is compiled for good
        var there = 1;
        foreach (var count in counts)
        {
            await ConfigurationCost.ImportRulesAsync(bench, rule, there, count);
            there = count;
            var first = await AlarmAsync();
            var changed = (await bench.Client.GetFromJsonAsync<JsonObject>($"/api/v1/rules?search=Rule%20{count - 1}"))!["items"]![0]!.AsObject();
            var (calm, after, puts) = (new List<double>(), new List<double>(), new List<double>());
            for (var i = 0; i < Rounds; i++)
            {
                calm.Add(await AlarmAsync());
                changed["description"] = string.Create(CultureInfo.InvariantCulture, $"Change {i}");
                var clock = Stopwatch.StartNew();
                using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/rules/{changed["id"]}") { Content = JsonContent.Create(changed) };
                request.Headers.TryAddWithoutValidation("If-Match", "*");
                using var response = await bench.Client.SendAsync(request);
                response.EnsureSuccessStatusCode();
                puts.Add(clock.Elapsed.TotalMilliseconds);
                after.Add(await AlarmAsync());
            }

            var (without, with) = (Median(calm), Median(after));
            rows.Add([$"{count:N0}", $"{without:N1}", $"{with:N1}", $"{with - without:N1}", $"{Median(puts):N1}", $"{first:N0}",
                $"{bench.ResidentMegabytes:N0}"]);
        }

        Report.Table([.. rows]);
        Console.WriteLine("Aim: a change costs the next alarm under 200 ms with 10,000 rules. The first alarm is the first after the import.");

        async Task<double> AlarmAsync()
        {
            var shown = bench.Shown;
            var clock = Stopwatch.StartNew();
            await poster.PostAsync("reload", n++, 1);
            await bench.WaitForShownAsync(shown + 1);
            return clock.Elapsed.TotalMilliseconds;
        }
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return Report.Percentile(times, 0.5);
    }
}
