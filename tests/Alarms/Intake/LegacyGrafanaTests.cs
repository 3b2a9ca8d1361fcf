using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests.Intake;

/// <summary>What Grafana's legacy alerting sends, and how senders that know only Basic authentication come in.</summary>
public sealed class LegacyGrafanaTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;

    private static JsonObject Rule(string name, string state, string matches = "[]", int id = 7, string server = "grafana.example.com") => JsonNode.Parse($$"""
        { "dashboardId": 1, "evalMatches": {{matches}}, "imageUrl": "https://{{server}}/i.png", "message": "Boiler 2 is hot", "orgId": 1, "panelId": 2, "ruleId": {{id}},
          "ruleName": "{{name}}", "ruleUrl": "http://{{server}}/d/hZ7/boilers?fullscreen&edit&tab=alert&panelId=2&orgId=1", "state": "{{state}}",
          "tags": { "severity": "critical", "path": "Site1/Boiler 2", "zone": "eu" }, "title": "[Alerting] {{name}}" }
        """)!.AsObject();

    private async Task<string> SendAsync(JsonObject body) => (string)(await host.PostAsync("intake/grafana", body))["accepted"]![0]!["alarmId"]!;

    [Fact]
    public async Task a_rule_is_an_alarm_until_it_is_ok()
    {
        var name = NotifyFixture.NewName();
        var id = await SendAsync(Rule(name, "alerting", """[ { "value": 98.5, "metric": "temperature", "tags": {} } ]"""));
        var alarm = await host.GetAsync($"alarms/{id}");
        ((string)alarm["name"]!, (string)alarm["path"]!, (string)alarm["level"]!, (string)alarm["state"]!, (string)alarm["value"]!,
            (string)alarm["description"]!)
            .Should().Be((name, "Site1/Boiler 2", "Critical", "ActiveUnacked", "98.5", "Boiler 2 is hot"));
        ((string)alarm["labels"]!["zone"]!, (string)alarm["labels"]!["dashboardId"]!).Should().Be(("eu", "1"));
        ((string)alarm["labels"]!["generatorURL"]!).Should().StartWith("http://grafana.example.com/d/hZ7/");

        (await SendAsync(Rule($"{name} renamed", "ok"))).Should().Be(id, "the rule is the identity");
        ((string)(await host.GetAsync($"alarms/{id}"))["state"]!).Should().Be("ClearedUnacked");
        string[] others = [id, await SendAsync(Rule(name, "no_data", id: 8)), await SendAsync(Rule(name, "alerting", server: "other.example.com"))];
        others.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task a_reminder_notifies_nobody_and_a_new_value_is_seen()
    {
        var name = NotifyFixture.NewName();
        var id = await SendAsync(Rule(name, "alerting", """[ { "value": 1, "metric": "a" } ]""", id: 10));
        await SendAsync(Rule(name, "alerting", """[ { "value": 2, "metric": "a" } ]""", id: 10));
        await SendAsync(Rule(name, "ok", id: 10));
        (await notify.ArrivedAsync(name, 2)).Should()
            .HaveCount(2).And.SatisfyRespectively(x => x.Should().Contain("ActiveUnacked"), x => x.Should().Contain("ClearedUnacked"));
        ((string)(await host.GetAsync($"alarms/{id}"))["value"]!).Should().Be("2");
    }

    [Fact]
    public async Task of_several_matches_each_is_named()
    {
        var id = await SendAsync(Rule(NotifyFixture.NewName(), "alerting", """[ { "value": 1, "metric": "a" }, { "value": null, "metric": "b" }, { "value": 2.5, "metric": "c" }, 5 ]""", id: 9));
        ((string)(await host.GetAsync($"alarms/{id}"))["value"]!).Should().Be("a=1, c=2.5");
    }

    [Theory]
    [InlineData("""{ "ruleId": 1, "state": "burning" }""", "ruleName", "state")]
    [InlineData("""{ "ruleName": "x" }""", "state")]
    [InlineData("""{ "state": "alerting" }""", "alerts")]
    [InlineData("""{ "ruleName": "x", "state": "ok", "evalMatches": [ { "\ud800": 1 } ] }""", "")]
    public async Task what_does_not_fit_is_named(string json, params string[] fields)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(new Uri("/api/v1/intake/grafana", UriKind.Relative), content);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await NotifyFixture.JsonAsync(response))["errors"]!.AsObject().Select(x => x.Key).Should().Equal(fields);
    }

    [Theory]
    [InlineData("POST", "/api/v1/alarms")]
    [InlineData("POST", "/api/v1/intake/grafana")]
    [InlineData("PUT", "/api/v1/intake/alertmanager")]
    [InlineData("POST", "/api/v1/intake/cloudevents")]
    [InlineData("GET", "/api/v2/status")]
    public async Task a_sender_may_give_its_key_as_a_password(string method, string address)
    {
        var key = host.Client.DefaultRequestHeaders.Authorization!.Parameter!;
        (await StatusAsync(method, address, Basic($"grafana:{key}"))).Should().NotBe(401);
        (await StatusAsync(method, address, Basic($":{key}"))).Should().NotBe(401);
        foreach (var wrong in (string[])[Basic($"{key}:"), Basic($"grafana:{key}x"), Basic(key), $"Basic {key}", "Basic", "Basic ="])
            (await StatusAsync(method, address, wrong)).Should().Be(401, "of {0}", wrong);
    }

    [Fact]
    public async Task elsewhere_a_password_is_not_asked_for_and_not_taken()
    {
        var key = host.Client.DefaultRequestHeaders.Authorization!.Parameter!;
        (await StatusAsync("GET", "/api/v1/alarms", Basic($"x:{key}"))).Should().Be(401);
        (await ChallengeAsync("GET", "/api/v1/alarms")).Should().Equal("Bearer");
        (await ChallengeAsync("POST", "/api/v1/alarms")).Should().Equal("Bearer", "Basic");
    }

    private static string Basic(string text) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task<int> StatusAsync(string method, string address, string authorization)
    {
        using var response = await AnswerAsync(method, address, authorization);
        return (int)response.StatusCode;
    }

    private async Task<string[]> ChallengeAsync(string method, string address)
    {
        using var response = await AnswerAsync(method, address, null);
        return [.. response.Headers.WwwAuthenticate.Select(x => x.Scheme)];
    }

    private async Task<HttpResponseMessage> AnswerAsync(string method, string address, string? authorization)
    {
        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, UriKind.Relative));
        if (method != "GET") request.Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await client.SendAsync(request);
    }
}
