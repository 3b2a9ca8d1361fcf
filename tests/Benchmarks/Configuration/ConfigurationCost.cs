using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MiniExcelLibs;

namespace Notify.Benchmarks.Configuration;

/// <summary>
/// Lists, histories and past states over HTTP, by how much there is. Each is set beside the time in which one rule is read by its id at the same
/// moment, which is the same on a busy machine and a quiet one.
/// </summary>
internal static class ConfigurationCost
{
    private const int Rounds = 25;
    private static readonly int[] counts = [100, 1_000, 10_000];
    private static readonly int[] versions = [10, 100, 1_000];

    public static async Task MeasureAsync(Bench bench)
    {
        await ImportAccountsAsync(bench);
        await HistoryAsync(bench);
        await ListsAsync(bench);
    }

    private static async Task ListsAsync(Bench bench)
    {
        var rule = await FirstAsync(bench, "rules");
        var rows = new List<string[]> { new[] { "rules", "read one (ms)", "first page", "last page", "by name", "search in name", "search finds none",
            "growth of the first page" } };
        double? least = null;
        var there = 1;
        foreach (var count in counts)
        {
            await ImportRulesAsync(bench, rule, there, count);
            there = count;
            var one = await MedianAsync(bench, $"rules/{rule["id"]}");
            async Task<double> OfAsync(string query) => await MedianAsync(bench, $"rules?{query}") / one;
            var first = await OfAsync("page=1");
            least ??= first;
            rows.Add(
            [
                $"{count:N0}", $"{one:N1}", $"{first:N1} x", $"{await OfAsync($"page={count / 20}"):N1} x",
                $"{await OfAsync("sort=name&page=2"):N1} x",
                $"{await OfAsync($"search=rule%20{count - 1}"):N1} x", $"{await OfAsync("search=nothing-like-it"):N1} x", $"{first / least:N1}",
            ]);
        }

        Report.Table([.. rows]);
    }

    private static async Task HistoryAsync(Bench bench)
    {
        var message = await PostAsync(bench, "messages", new { type = "wecom", name = "Often changed", content = "version 1 {name}" });
        var path = $"messages/{message["id"]}";
        var rows = new List<string[]> { new[] { "versions", "read one (ms)", "newest 100", "oldest 10", "as of the middle", "version 2" } };
        var version = 1;
        foreach (var count in versions)
        {
            string? middle = null;
            while (version < count)
            {
                message["content"] = string.Create(CultureInfo.InvariantCulture, $"version {version + 1} {{name}}");
                message = await SendAsync(bench, HttpMethod.Put, path, message);
                if (++version == count / 2 + 1) middle = message["updatedAt"]!.GetValue<string>();
            }

            var one = await MedianAsync(bench, path);
            async Task<string> OfAsync(string query) => $"{await MedianAsync(bench, path + query) / one:N1} x";
            var eleven = Convert.ToBase64String(Encoding.ASCII.GetBytes("11")).TrimEnd('=');
            rows.Add([$"{count:N0}", $"{one:N1}", await OfAsync("/history"), await OfAsync($"/history?limit=10&cursor={eleven}"),
                await OfAsync($"?asOf={middle}"), await OfAsync("?version=2")]);
        }

        Report.Table([.. rows]);
    }

    /// <summary>10,000 members, of whom a service takes 1,000; the rest is skipped, each with its reason.</summary>
    private static async Task ImportAccountsAsync(Bench bench)
    {
        const int members = 10_000;
        var service = await FirstAsync(bench, "services");
        var one = await MedianAsync(bench, $"services/{service["id"]}");
        var people = Enumerable.Range(0, members).Select(i => new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["姓名"] = $"成员{i}",
            ["账号"] = $"member{i}",
            ["手机"] = 13800000000 + i,
            ["邮箱"] = $"member{i}@plant.example",
            ["部门"] = "工厂/一线",
            ["职务"] = "操作员",
        }).ToList();
        using var workbook = new MemoryStream();
        await workbook.SaveAsAsync(people);
        var csv = Encoding.UTF8.GetBytes("姓名,账号,手机,邮箱,部门,职务\n" + string.Concat(people.Select(x => string.Join(',', x.Values) + "\n")));
        var rows = new List<string[]> { new[] { $"account import, {members:N0} rows", "ms", "of reading the service", "aim (ms)" } };
        foreach (var (name, content) in new[] { ("members.xlsx", workbook.ToArray()), ("members.csv", csv) })
        {
            foreach (var mode in new[] { "preview", "merge" })
            {
                var times = new List<double>();
                for (var i = 0; i < 3; i++)
                {
                    using var form = new MultipartFormDataContent { { new ByteArrayContent(content), "file", name } };
                    using var request = new HttpRequestMessage(
                        HttpMethod.Post, $"/api/v1/services/{service["id"]}/accounts/import?mode={mode}")
                    { Content = form };
                    request.Headers.TryAddWithoutValidation("If-Match", "*");
                    var clock = Stopwatch.StartNew();
                    using var response = await bench.Client.SendAsync(request);
                    times.Add(clock.Elapsed.TotalMilliseconds);
                    response.EnsureSuccessStatusCode();
                }

                rows.Add([$"{name}, {mode}", $"{times.Min():N0}", $"{times.Min() / one:N0} x", "1,000 to 2,000"]);
            }
        }

        Report.Table([.. rows]);
    }

    /// <summary>Copies of a rule for other places, as one document: what they notify of never comes.</summary>
    internal static async Task ImportRulesAsync(Bench bench, JsonObject rule, int from, int to)
    {
        var copies = Enumerable.Range(from, to - from).Select(i =>
        {
            var copy = new JsonObject
            {
                ["name"] = $"Rule {i}",
                ["description"] = $"Line {i}",
                ["criteria"] = rule["criteria"]!.DeepClone(),
                ["actions"] = rule["actions"]!.DeepClone()
            };
            copy["criteria"]!["paths"] = new JsonArray($"Elsewhere/Line{i}/**");
            return (JsonNode)copy;
        });
        var clock = Stopwatch.StartNew();
        await PostAsync(bench, "configuration/import", new JsonObject { ["notify"] = 1, ["rules"] = new JsonArray([.. copies]) });
        Console.WriteLine($"import of {to - from:N0} rules as one change: {clock.Elapsed.TotalSeconds:N1} s");
    }

    private static async Task<JsonObject> FirstAsync(Bench bench, string kind) =>
        (await bench.Client.GetFromJsonAsync<JsonObject>($"/api/v1/{kind}?sort=createdAt"))!["items"]![0]!.AsObject();

    private static async Task<double> MedianAsync(Bench bench, string path)
    {
        var times = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            await bench.Client.GetStringAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return Report.Percentile(times, 0.5);
    }

    private static Task<JsonObject> PostAsync(Bench bench, string path, object body) => SendAsync(bench, HttpMethod.Post, path, body);

    private static async Task<JsonObject> SendAsync(Bench bench, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}") { Content = JsonContent.Create(body, body.GetType()) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await bench.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException($"{path}: {text}");
    }
}
