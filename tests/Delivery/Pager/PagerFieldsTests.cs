using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Pager;

/// <summary>Faults of fields that a channel has of its own.</summary>
[Collection(nameof(AskedHost))]
public sealed class PagerFieldsTests(AskedHost asked)
{
    private readonly NotifyHost host = asked.Host;

    [Theory]
    [InlineData("""{ "subject": 7 }""", "subject")]
    [InlineData("""{ "subject": "{nmae}" }""", "subject")]
    [InlineData("""{ "subjct": "x" }""", "subjct")]
    [InlineData("""{ "parameters": { "code": "{" } }""", "parameters.code")]
    [InlineData("""{ "parameters": [] }""", "parameters")]
    [InlineData("""{ "subject": null, "parameters": null }""", null)]
    [InlineData("""{ "subject": "" }""", null)]
    public async Task faults_of_a_messages_own_fields_name_them(string fields, string? path)
    {
        var message = JsonNode.Parse(fields)!.AsObject();
        (message["type"], message["name"], message["content"]) = ("pager", $"Page {Guid.NewGuid():N}", "x");
        var answer = await host.SendAsync("POST", "messages", message);
        answer.Status.Should().Be(path is null ? 201 : 400);
        if (path is not null) answer.Faults.Should().Equal(path);
    }

    [Theory]
    [InlineData("""{ "kind": "pager", "alias": "Night shift", "tone": "loud" }""", "receivers[0].tone")]
    [InlineData("""{ "kind": "pager", "alias": "Night shift", "tone": 7 }""", "receivers[0].tone")]
    [InlineData("""{ "kind": "pager", "alias": "Night shift", "tune": "low" }""", "receivers[0].tune")]
    [InlineData("""{ "kind": "number", "account": "1", "tone": "low" }""", "receivers[0].tone")]
    [InlineData("""{ "kind": "pager", "alias": "Night shift", "tone": null }""", null)]
    public async Task faults_of_a_receivers_own_fields_name_them(string receiver, string? path)
    {
        var service = await host.PostAsync("services", new
        {
            type = "pager",
            name = $"Pagers {Guid.NewGuid():N}",
            pager = new { token = "a-token-of-pagers", names = new[] { "Night shift" } },
        });
        var answer = await host.SendAsync(
            "POST", $"services/{service["id"]}/test", new JsonObject { ["receivers"] = new JsonArray(JsonNode.Parse(receiver)), ["text"] = "x" });
        answer.Status.Should().Be(path is null ? 200 : 400);
        if (path is not null) answer.Faults.Should().Equal(path);
    }
}
