using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Notify.Kernel;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>What monitoring sees: figures at <c>/metrics</c>, and one trace from the POST to the platform.</summary>
public sealed class ObservabilityTests
{
    private static readonly object[] oneRobot = [new { kind = "bot", alias = "Line 1" }];

    [Fact]
    public async Task figures_move_with_what_happens_name_nobody_and_need_a_key_from_another_machine()
    {
        await using var weCom = await WeComStandIn.StartAsync(options => options.AcceptAnyRobot = true);
        await using var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl);
        await Example.MakeAsync(notify.Client, weCom, oneRobot);
        var before = await ScrapeAsync(notify);
        Sum(before, "notify_database_up").Should().Be(1);
        Sum(before, "notify_delivery_attempts_total").Should().Be(0);

        await notify.Client.PostToAsync("alarms", new { alarms = Enumerable.Range(0, 3).Select(i => new { name = $"Motor {i}" }) });
        await weCom.WaitForCountersAsync(x => x.Shown == 3);
        var after = await Eventually.GetAsync(
            () => ScrapeAsync(notify),
            // What the database knows is asked once a second at most.
            x => Sum(x, "notify_delivery_attempts_total") == 3 && x.Keys.Any(k => k.StartsWith("notify_lane_depth{", StringComparison.Ordinal)));

        Sum(after, "notify_delivery_attempts_total", "outcome=\"ok\"").Should().Be(3);
        Sum(after, "notify_delivery_duration_seconds_count").Should().Be(3);
        Sum(after, "notify_commit_items_sum", "writer=\"alarms\"").Should().Be(3);
        Sum(after, "notify_lane_pace_left").Should().Be(17, "three of twenty in this minute are used");
        after.Keys.Should().Contain(x => x.StartsWith("notify_lane_depth{")).And.Contain(x => x.StartsWith("notify_lane_age_seconds{"));
        Sum(after, "notify_dead_letters").Should().Be(0);
        Sum(after, "http_server_request_duration_seconds_count", "http_route=\"/api/v1/alarms").Should().BeGreaterThan(0);
        string.Join('\n', after.Keys).Should().NotContainAny(Example.RobotKey, Example.AppSecret, "Motor", "zhangsan", NotifyHost.AdminKey);

        // What comes through a proxy comes from somewhere else.
        using var anonymous = new HttpClient { BaseAddress = new Uri(notify.Url) };
        anonymous.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        (await anonymous.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        using var keyed = NotifyApi.ClientOf(notify.Url, NotifyHost.AdminKey);
        keyed.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        (await keyed.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Should().Contain("notify_database_up");
    }

    [Fact]
    public async Task one_trace_leads_from_the_post_to_the_platform()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is Telemetry.Name or "System.Net.Http" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, oneRobot);
        var (trace, span) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());

        // Busy with its first, the lane puts the second in the store: also from there the trace goes on.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/alarms", UriKind.Relative));
        request.Headers.Add("traceparent", $"00-{trace}-{span}-01");
        request.Content = JsonContent.Create(
            new { alarms = new[] { new { name = "Motor", state = "ActiveUnacked" }, new { name = "Motor", state = "ClearedUnacked" } } });
        using (var posting = new HttpClient { BaseAddress = new Uri(host.Url) })
        {
            posting.DefaultRequestHeaders.Authorization = host.Client.DefaultRequestHeaders.Authorization;
            (await posting.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.Accepted);
        }

        await host.WeCom.WaitForCountersAsync(x => x.Shown == 2);
        var ours = await Eventually.GetAsync(
            () => Task.FromResult(spans.Where(x => x.TraceId == trace).ToList()), x => x.Count(s => s.OperationName == "deliver") == 2);
        var posted = ours.Single(x => x.ParentSpanId == span);
        ours.Where(x => x.OperationName == "deliver").Should().OnlyContain(x => x.ParentSpanId == posted.SpanId);
        host.WeCom.Received.Should().HaveCount(2).And.OnlyContain(
            x => x.Headers["traceparent"].Contains(trace.ToString()), "the platform's call is part of the trace");
        ours.SelectMany(x => x.TagObjects).Select(x => Convert.ToString(x.Value, CultureInfo.InvariantCulture)).Should()
            .NotContain(x => x!.Contains(Example.RobotKey), "a robot's key is a secret");
    }

    private static async Task<Dictionary<string, double>> ScrapeAsync(NotifyProcess notify)
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(notify.Url) };
        var text = await anonymous.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Where(x => x.Length > 0 && x[0] != '#'))
        {
            var end = line.LastIndexOf('}') is >= 0 and var brace ? brace + 1 : line.IndexOf(' ', StringComparison.Ordinal);
            samples[line[..end]] = double.Parse(line[end..].Trim().Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        return samples;
    }

    private static double Sum(Dictionary<string, double> samples, string name, string label = "") =>
        samples.Where(x => (x.Key == name || x.Key.StartsWith($"{name}{{", StringComparison.Ordinal))
            && x.Key.Contains(label, StringComparison.Ordinal)).Sum(x => x.Value);
}
