using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests.Intake;

/// <summary>CloudEvents 1.0 over HTTP in its three forms.</summary>
public sealed class CloudEventsTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;

    [Fact]
    public async Task a_structured_event_is_an_alarm_and_is_taken_once()
    {
        var name = NotifyFixture.NewName();
        var json = $$"""{ "specversion": "1.0", "id": "1", "source": "/plc/{{name}}", "type": "{{name}}", "subject": "Site1/Line1", "time": "2026-11-22T08:00:00Z", "data": { "level": "Critical", "value": 9.7 } }""";
        var first = await AcceptedAsync(json, "application/cloudevents+json; charset=utf-8");
        (await AcceptedAsync(json, "Application/CloudEvents+json")).Should().Equal(first);
        var alarm = await host.GetAsync($"alarms/{first[0]}");
        alarm["name"]!.GetValue<string>().Should().Be(name);
        alarm["path"]!.GetValue<string>().Should().Be("Site1/Line1");
        alarm["level"]!.GetValue<string>().Should().Be("Critical");
        alarm["eventTime"]!.GetValue<DateTimeOffset>().Should().Be(DateTimeOffset.Parse("2026-11-22T08:00:00Z"));
        (await notify.RecordedAsync(first[0])).Should().Equal("alarms.alarm_reported.v1", "alarms.report_repeated.v1");
        // The event's source and id count, whatever else it says the second time.
        await AcceptedAsync(json.Replace("Site1/Line1", "Site1/Line2", StringComparison.Ordinal), "application/cloudevents+json");
        (await notify.RecordedAsync(first[0])).Should().HaveCount(3);
        (await host.GetAsync($"alarms?search={name}"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task a_batch_is_as_many_alarms()
    {
        var (one, two) = (NotifyFixture.NewName(), NotifyFixture.NewName());
        var data = Convert.ToBase64String("""{ "level": "Low" }"""u8);
        var ids = await AcceptedAsync(
            $$"""[ { "specversion": "1.0", "id": "1", "source": "/a", "type": "{{one}}", "data": 5 }, { "specversion": "1.0", "id": "1", "source": "/b", "type": "{{two}}", "data_base64": "{{data}}" } ]""",
            "application/cloudevents-batch+json");
        (await host.GetAsync($"alarms/{ids[0]}"))["value"]!.GetValue<string>().Should().Be("5");
        (await host.GetAsync($"alarms/{ids[1]}"))["level"]!.GetValue<string>().Should().Be("Low");
        (await AcceptedAsync("[]", "application/cloudevents-batch+json")).Should().BeEmpty();
    }

    [Fact]
    public async Task null_counts_as_absent()
    {
        var (one, two) = (NotifyFixture.NewName(), NotifyFixture.NewName());
        var data = Convert.ToBase64String("""{ "level": "Low" }"""u8);
        var ids = await AcceptedAsync(
            $$"""[ { "specversion": "1.0", "id": "1", "source": "/c", "type": "{{one}}", "data": { "level": "High" }, "data_base64": null }, { "specversion": "1.0", "id": "1", "source": "/d", "type": "{{two}}", "data": null, "data_base64": "{{data}}" } ]""",
            "application/cloudevents-batch+json");
        (await host.GetAsync($"alarms/{ids[0]}"))["level"]!.GetValue<string>().Should().Be("High");
        (await host.GetAsync($"alarms/{ids[1]}"))["level"]!.GetValue<string>().Should().Be("Low");
    }

    [Theory]
    [InlineData(""" "data_base64": "eyJsZXZlbCI6IkxvdyIsImxldmVsIjoiSGlnaCJ9" """, "data_base64.level")]
    [InlineData(""" "data_base64": "eyJcdWQ4MDAiOjEsIlx1ZGMwMCI6Mn0=" """, "data_base64.\ufffd")]
    [InlineData(""" "data": { "level": "Low", "level": "High" } """, "data.level")]
    [InlineData(""" "data": { "\ud800": 1, "\udc00": 2 } """, "data.\ufffd")]
    [InlineData(""" "\ud800": 1, "\udc00": 2 """, "\ufffd")]
    [InlineData(""" "a\u0000": 1, "a\u0000": 2 """, "")]
    public async Task an_event_with_a_field_given_twice_is_rejected_and_no_other(string twice, string field)
    {
        var name = NotifyFixture.NewName();
        using var request = Request(
            $$"""[ { "specversion": "1.0", "id": "1", "source": "/e", "type": "t", {{twice}} }, { "specversion": "1.0", "id": "1", "source": "/e/{{name}}", "type": "{{name}}" } ]""",
            "application/cloudevents-batch+json");
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        var answer = await NotifyFixture.JsonAsync(response);
        ((int)answer["accepted"]!.AsArray().Single()!["index"]!).Should().Be(1);
        var (path, messages) = answer["rejected"]!.AsArray().Single()!["errors"]!.AsObject().Single();
        (path, (string)messages![0]!).Should().Be((field, "This field is given twice."));
    }

    [Fact]
    public async Task a_binary_event_has_its_attributes_in_headers()
    {
        var name = NotifyFixture.NewName();
        using var request = Request("""{ "level": "High" }""", "application/json");
        foreach (var (key, value) in new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = "1",
            ["ce-source"] = "/plc",
            ["ce-type"] = $"\"{name}\"",
            ["ce-subject"] = "Site1/%E7%BA%BF%201"
        })
            request.Headers.TryAddWithoutValidation(key, value);
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        var alarm = (await host.GetAsync($"alarms?search={name}"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        alarm["path"]!.GetValue<string>().Should().Be("Site1/线 1");
    }

    [Fact]
    public async Task data_of_a_binary_event_that_is_nested_too_deep_is_refused()
    {
        using var request = Request($"{string.Concat(Enumerable.Repeat("{\"a\":", 64))}1{new string('}', 64)}", "application/json");
        request.Headers.TryAddWithoutValidation("ce-specversion", "1.0");
        request.Headers.TryAddWithoutValidation("ce-id", "1");
        request.Headers.TryAddWithoutValidation("ce-source", "/plc");
        request.Headers.TryAddWithoutValidation("ce-type", NotifyFixture.NewName());
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task a_binary_event_may_have_no_data(string? contentType)
    {
        var name = NotifyFixture.NewName();
        using var request = Request("", contentType ?? "");
        if (contentType is null) request.Content = null;
        foreach (var (key, value) in new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = "1",
            ["ce-source"] = $"/plc+7/{name}",
            ["ce-type"] = name,
            ["ce-subject"] = "Site%20+1",
            ["ce-time"] = "2026-11-22T08:00:00.123456789Z"
        })
            request.Headers.TryAddWithoutValidation(key, value);
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        var alarm = (await host.GetAsync($"alarms?search={name}"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        ((string)alarm["path"]!, alarm["eventTime"]!.GetValue<DateTimeOffset>()).Should()
            .Be(("Site +1", DateTimeOffset.Parse("2026-11-22T08:00:00.123456Z")));
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("a%C3")]
    public async Task an_attribute_that_is_not_utf_8_is_named(string subject)
    {
        using var request = Request("", "application/json");
        foreach (var (key, value) in new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = "1",
            ["ce-source"] = "/plc",
            ["ce-type"] = "t",
            ["ce-subject"] = subject
        })
            request.Headers.TryAddWithoutValidation(key, value);
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Single().Key.Should().Be("ce-subject");
    }

    [Theory]
    [InlineData("events.example.com", null, "events.example.com", "*")]
    [InlineData("eventgrid.azure.net", "120", "eventgrid.azure.net", "120")]
    [InlineData(null, null, null, null)]
    public async Task a_sender_may_ask_whether_it_may_send(string? origin, string? rate, string? allowedOrigin, string? allowedRate)
    {
        // Before it has a key.
        using var anonymous = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var response = await AskAsync(anonymous, origin, rate);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (Header(response, "WebHook-Allowed-Origin"), Header(response, "WebHook-Allowed-Rate")).Should().Be((allowedOrigin, allowedRate));
        response.Content.Headers.Allow.Should().Equal("OPTIONS", "POST");
    }

    [Theory]
    [InlineData("线.example.com", null, "WebHook-Request-Origin")]
    [InlineData("a b", null, "WebHook-Request-Origin")]
    [InlineData("events.example.com", "0", "WebHook-Request-Rate")]
    [InlineData("events.example.com", "fast", "WebHook-Request-Rate")]
    public async Task a_question_that_makes_no_sense_is_refused(string origin, string? rate, string header)
    {
        using var response = await AskAsync(host.Client, Uri.EscapeDataString(origin).Replace("%20", " ", StringComparison.Ordinal), rate);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Single().Key.Should().Be(header);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string? origin, string? rate)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri("/api/v1/intake/cloudevents", UriKind.Relative));
        if (origin is not null) request.Headers.TryAddWithoutValidation("WebHook-Request-Origin", origin);
        if (rate is not null) request.Headers.TryAddWithoutValidation("WebHook-Request-Rate", rate);
        return await client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    [Theory]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/a" }""", "events[0].type")]
    [InlineData("""{ "specversion": "0.3", "id": "1", "source": "/a", "type": "t" }""", "events[0].specversion")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data": { "level": "Loud" } }""", "events[0].level")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data": [] }""", "events[0].data")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data_base64": "?" }""", "events[0].data_base64")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data": {}, "data_base64": "e30=" }""", "events[0].data")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/a", "type": "t", "time": "now" }""", "events[0].eventTime")]
    public async Task what_does_not_fit_is_named(string json, string field)
    {
        using var request = Request(json, "application/cloudevents+json");
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Select(x => x.Key).Should().Equal(field);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/cloudevents+xml")]
    [InlineData("text/plain")]
    public async Task what_is_no_cloud_event_is_not_taken(string contentType)
    {
        using var request = Request("{}", contentType);
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
    }

    private async Task<string[]> AcceptedAsync(string json, string contentType)
    {
        using var request = Request(json, contentType);
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return [.. (await NotifyFixture.JsonAsync(response))["accepted"]!.AsArray().Select(x => (string)x!["alarmId"]!)];
    }

    private static HttpRequestMessage Request(string body, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/intake/cloudevents", UriKind.Relative)) { Content = content };
    }
}
