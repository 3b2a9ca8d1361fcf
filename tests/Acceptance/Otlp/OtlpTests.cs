using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Otlp;

/// <summary>What a collector gets of the real program: one trace from the POST to the platform's call, and the figures.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task traces_and_metrics_are_sent_to_the_collector_that_the_settings_name()
    {
        await using var collector = await OtlpPeer.StartAsync();
        await using var weCom = await WeComStandIn.StartAsync(options => options.AcceptAnyRobot = true);
        await using var notify = await NotifyProcess.StartNewAsync(
            weCom.BaseUrl, $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_BSP_SCHEDULE_DELAY=200",
            "OTEL_METRIC_EXPORT_INTERVAL=500");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        var (trace, caller) = (ActivityTraceId.CreateRandom().ToString(), ActivitySpanId.CreateRandom().ToString());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{notify.Url}/api/v1/alarms"));
        request.Headers.Authorization = notify.Client.DefaultRequestHeaders.Authorization;
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");
        request.Content = JsonContent.Create(new { alarms = new[] { new { name = "Motor" } } });
        // Without a listener for activities HttpClient leaves the header as it is.
        using (var client = new HttpClient()) (await client.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.Accepted);

        // A span is sent when it has ended: the call to the platform is the first of these three, the delivery the last.
        var spans = await Eventually.GetAsync(() => Task.FromResult(collector.Spans.Where(x => x.TraceId == trace).ToList()),
            x => x.Exists(y => y.Name == "deliver") && x.Exists(y => y.ParentId == caller));
        spans.Should().OnlyContain(x => x.Service == "notify");
        var deliver = spans.Single(x => x.Name == "deliver");
        deliver.ParentId.Should().Be(spans.Single(x => x.ParentId == caller).SpanId, "the POST leads to the delivery");
        spans.Where(x => x.ParentId == deliver.SpanId).Should().ContainSingle().Which.SpanId.Should()
            .Be(weCom.Received.Single().Headers["traceparent"].Split('-')[2], "the platform was called in the span that the collector knows");

        await Eventually.GetAsync(
            () => Task.FromResult(collector.Metrics.Keys.ToList()),
            x => ((string[])["notify.delivery.attempts", "notify.delivery.duration", "notify.commit.items", "notify.database.up",
            "http.server.request.duration"]).All(x.Contains));
        collector.Metrics.Values.Should().OnlyContain(x => x == "notify");
    }
}
