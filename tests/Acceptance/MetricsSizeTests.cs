using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>However much is configured and whoever calls: what is scraped stays small, and has no label whose values grow with use.</summary>
public sealed partial class MetricsSizeTests
{
    private const int MostBytes = 100 * 1024;

    /// <summary>Values of one label in one figure: lanes and routes are cut off at this many.</summary>
    private const int MostValues = 60;

    [Fact]
    public async Task the_number_of_series_does_not_grow_with_services_rules_and_senders()
    {
        await using var weCom = await WeComStandIn.StartAsync(options => options.AcceptAnyRobot = true);
        await using var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl);
        var example = await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        await UseAsync(notify, weCom, example, 0, 70);
        await ScrapeAsync(notify);
        await UseAsync(notify, weCom, example, 70, 72);
        var some = await ScrapeAsync(notify);
        await UseAsync(notify, weCom, example, 72, 200);
        var many = await ScrapeAsync(notify);

        many.Bytes.Should().BeLessThan(MostBytes);
        many.Series.Count.Should().BeLessThan(some.Series.Count + 64,
            "there are twice as many more services, rules and senders, and only what had never happened may be new: {0}",
            string.Join('\n', many.Series.Except(some.Series).Take(20)));
        var values = many.Series.SelectMany(x => Label().Matches(x)
            .Select(l => (Label: $"{x[..x.IndexOf('{', StringComparison.Ordinal)]} {l.Groups["name"].Value}", l.Groups["value"].Value)))
            .GroupBy(x => x.Label, x => x.Value, StringComparer.Ordinal).ToDictionary(x => x.Key, x => x.Distinct(StringComparer.Ordinal).Count());
        values.Should().ContainKey("notify_lane_depth lane").WhoseValue.Should().Be(50, "there are more lanes than that");
        values.Where(x => x.Value > MostValues).Should().BeEmpty();
        string.Join('\n', many.Series).Should().NotContainAny("sender-", "Plant 1", "Rule 1", "Motor", "nowhere");
    }

    private static async Task UseAsync(NotifyProcess notify, WeComStandIn weCom, Example example, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            var service = await notify.Client.PostToAsync("services", new
            {
                type = "wecom",
                name = $"Plant {i}",
                wecom = new { bots = new[] { new { alias = "Robot", webhookUrl = weCom.RobotUrl($"{i:D8}-0000-4000-8000-000000000000") } } },
            });
            await notify.Client.PostToAsync("rules", new
            {
                name = $"Rule {i}",
                criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { $"Site{i}/**" } },
                actions = new[] { new { type = "wecom", serviceId = (string)service["id"]!, messageId = example.MessageId,
                scheduleId = example.ScheduleId, receivers = new[] { new { kind = "bot", alias = "Robot" } } } },
            });
            using var sender = new HttpClient { BaseAddress = new Uri(notify.Url) };
            sender.DefaultRequestHeaders.UserAgent.ParseAdd($"sender-{i}/1.0");
            foreach (var path in new[] { $"/nowhere/{i}", $"/api/v1/alarms/alarm-{i}", $"/api/v1/alarms?path=nowhere{i}", $"/a/{i}" })
            {
                sender.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                    "Bearer", i % 2 == 0 ? NotifyHost.AdminKey : $"ntf_wrong_key_number_{i}");
                using var response = await sender.SendAsync(new HttpRequestMessage(new HttpMethod(i % 3 == 0 ? $"METHOD{i}" : "GET"), path));
            }
        }

        await notify.Client.PostToAsync("alarms",
            new
            {
                alarms = Enumerable.Range(first, end - first)
            .Select(i => new { name = $"Motor {i}", path = $"Site{i}", labels = new Dictionary<string, string> { [$"label{i}"] = $"{i}" } })
            });
        for (var i = first; i < end; i++) await weCom.WaitForAsync(x => x.RobotKey == $"{i:D8}-0000-4000-8000-000000000000");
    }

    private static async Task<(int Bytes, List<string> Series)> ScrapeAsync(NotifyProcess notify)
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(notify.Url) };
        // What the database knows is asked once a second at most.
        return await Eventually.GetAsync(
            async () =>
            {
                var text = await anonymous.GetStringAsync(new Uri("/metrics", UriKind.Relative));
                return (System.Text.Encoding.UTF8.GetByteCount(text),
                    text.Split('\n').Where(x => x.Length > 0 && x[0] != '#').Select(x => x[..(x.LastIndexOf('}') + 1)]).Where(x => x.Length > 0)
                    .ToList());
            },
            x => x.Item2.Exists(s => s.StartsWith("notify_lane_depth{", StringComparison.Ordinal))
            && x.Item2.Count(s => s.StartsWith("notify_lane_pace_left{", StringComparison.Ordinal)) == 50);
    }

    [GeneratedRegex("""(?<name>[a-z_]+)=["](?<value>(?:[^"\\]|\\.)*)["]""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
