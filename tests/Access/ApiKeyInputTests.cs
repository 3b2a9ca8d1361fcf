using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>What a key may not be made or rotated with.</summary>
public sealed class ApiKeyInputTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly NotifyHost host = shared.Host;

    [Theory]
    [InlineData("""{ "name": "k" }""", "roles")]
    [InlineData("""{ "name": "k", "roles": null, "permissions": [] }""", "roles")]
    [InlineData("""{ "name": "", "roles": ["viewer"] }""", "name")]
    [InlineData("""{ "name": "k", "roles": ["viewr"] }""", "roles[0]")]
    [InlineData("""{ "name": "k", "permissions": ["alarms.write"] }""", "permissions[0]")]
    [InlineData("""{ "name": "k", "permissions": [null] }""", "permissions[0]")]
    [InlineData("""{ "name": "k", "roles": ["viewer"], "paths": ["a*b"] }""", "paths[0]")]
    [InlineData("""{ "name": "k", "roles": ["viewer"], "expiresAt": "2001-01-01T00:00:00Z" }""", "expiresAt")]
    [InlineData("""{ "name": "k", "roles": ["viewer"], "expiresAt": "tomorrow" }""", "expiresAt")]
    [InlineData("""{ "name": "k", "roles": ["intake"], "expectEvery": 0 }""", "expectEvery")]
    [InlineData("""{ "name": "k", "roles": ["intake"], "expectEvery": 10081 }""", "expectEvery")]
    [InlineData("""{ "name": "k", "roles": ["intake"], "expectEvery": 1.5 }""", "expectEvery")]
    [InlineData("""{ "name": "k", "roles": ["intake"], "expectEvery": "" }""", "expectEvery")]
    [InlineData("""{ "name": "k", "roles": ["viewer"], "expectEvery": 15 }""", "expectEvery")]
    [InlineData("""{ "name": "k", "roles": ["viewer"], "key": "ntf_mine_mine_mine" }""", "key")]
    public async Task what_does_not_fit_is_named_and_makes_no_key(string body, string field)
    {
        var before = await CountAsync();
        var answer = await host.SendAsync("POST", "api-keys", JsonNode.Parse(body)!);
        (answer.Status, answer.Faults.SingleOrDefault()).Should().Be((400, field), answer.Text);
        (await CountAsync()).Should().Be(before);
    }

    [Fact]
    public async Task an_interval_of_reports_is_read_changed_and_left_out_again()
    {
        var made = await host.SendAsync(
            "POST", "api-keys", new { name = SharedHost.NewName(), permissions = new[] { "alarms.report" }, expectEvery = 10080 });
        ((int?)made.Body["expectEvery"], made.Status).Should().Be((10080, 201), made.Text);
        var body = (JsonObject)(await host.GetAsync($"api-keys/{made.Id}"));
        body["expectEvery"] = 1;
        ((int?)(await host.PutAsync($"api-keys/{made.Id}", 1, body)).Body["expectEvery"]).Should().Be(1);
        ((int?)(await host.SendAsync("POST", $"api-keys/{made.Id}/rotate", new { overlapHours = 0 })).Body["expectEvery"]).Should().Be(1);
        body["expectEvery"] = null;
        (await host.PutAsync($"api-keys/{made.Id}", 3, body)).Body.ContainsKey("expectEvery").Should().BeFalse();
        ((int?)(await host.GetAsync($"api-keys/{made.Id}?version=1"))["expectEvery"]).Should().Be(10080);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "overlapHours": null }""")]
    [InlineData("""{ "overlapHours": -1 }""")]
    [InlineData("""{ "overlapHours": 169 }""")]
    [InlineData("""{ "overlapHours": "x" }""")]
    public async Task a_rotation_says_how_long_the_old_secret_is_valid(string body)
    {
        var made = await host.PostAsync("api-keys", new { name = SharedHost.NewName(), roles = new[] { "viewer" } });
        var id = (string)made["id"]!;
        using var client = host.ClientWith((string)made["key"]!);
        var answer = await host.SendAsync("POST", $"api-keys/{id}/rotate", JsonNode.Parse(body)!);
        (answer.Status, answer.Faults.Single()).Should().Be((400, "overlapHours"));
        (await client.SendToAsync("GET", "alarms")).Status.Should().Be(200, "its secret stays");
        ((long)(await host.GetAsync($"api-keys/{id}"))["version"]!).Should().Be(1);
    }

    private async Task<int> CountAsync() => (await host.GetAsync("api-keys"))["total"]!.GetValue<int>();
}
