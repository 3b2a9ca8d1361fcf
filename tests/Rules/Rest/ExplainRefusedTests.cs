using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Rules.Tests.Rest;

/// <summary>Questions about decisions that have no answer.</summary>
public sealed class ExplainRefusedTests(ConfiguredHost configured) : IClassFixture<ConfiguredHost>
{
    [Theory]
    [InlineData("explain?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "receiver")]
    [InlineData("explain?receiver=x&to=2026-01-02T00:00:00Z", "from")]
    [InlineData("explain?receiver=x&from=2026-01-03T00:00:00Z&to=2026-01-02T00:00:00Z", "to")]
    [InlineData("explain?receiver=x&from=2025-01-03T00:00:00Z&to=2026-01-02T00:00:00Z", "from")]
    [InlineData("explain?receiver=x&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&cursor=?", "cursor")]
    public async Task what_is_asked_wrongly_is_named(string path, string parameter)
    {
        using var response = await configured.Host.Client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonObject>())!["errors"]!.AsObject().Select(x => x.Key).Should().Equal(parameter);
    }

    [Fact]
    public async Task an_unknown_alarm_is_not_found() =>
        (await configured.Host.Client.GetAsync(new Uri("/api/v1/alarms/alarm-unknown/explain?receiver=x", UriKind.Relative))).StatusCode.Should()
            .Be(HttpStatusCode.NotFound);
}
