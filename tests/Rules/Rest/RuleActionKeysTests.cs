using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

/// <summary>The keys of a rule's actions as callers see them, who may name them or not know them at all.</summary>
public sealed class RuleActionKeysTests(ConfiguredHost configured) : IClassFixture<ConfiguredHost>
{
    private readonly NotifyHost host = configured.Host;

    private JsonObject Action(string alias, JsonNode? key = null, int? after = null)
    {
        var action = new JsonObject
        {
            ["type"] = "wecom",
            ["serviceId"] = configured.Example.ServiceId,
            ["messageId"] = configured.Example.MessageId,
            ["scheduleId"] = configured.Example.ScheduleId,
            ["receivers"] = new JsonArray(new JsonObject { ["kind"] = "bot", ["alias"] = alias }),
            ["key"] = key,
        };
        if (after is { } minutes) action["after"] = new JsonObject { ["minutes"] = minutes };
        return action;
    }

    private static JsonObject Rule(string name, params JsonObject[] actions) => new()
    {
        ["name"] = name,
        ["criteria"] = new JsonObject { ["states"] = new JsonArray("ActiveUnacked") },
        ["actions"] = new JsonArray([.. actions]),
    };

    private static string[] Keys(JsonObject rule) => [.. rule["actions"]!.AsArray().Select(x => (string)x!["key"]!)];

    private async Task<JsonObject> PutAsync(string id, JsonObject rule)
    {
        var put = await host.SendAsync("PUT", $"rules/{id}", rule, "If-Match", "*");
        put.Status.Should().Be(200, put.Text);
        Keys(put.Body).Should().Equal(Keys(await host.GetAsync($"rules/{id}")), "the answer is what a read gives");
        return put.Body;
    }

    [Fact]
    public async Task actions_keep_their_keys_through_changes_with_and_without_them()
    {
        var made = await host.PostAsync("rules", Rule("Keys", Action("Line 1", "9-9"), Action("Line 2")));
        var id = (string)made["id"]!;
        Keys(made).Should().Equal("1-0", "1-1");

        Keys(await PutAsync(id, Rule("Keys", Action("Line 2"), Action("Line 1")))).Should().Equal("1-1", "1-0");
        Keys(await PutAsync(id, Rule("Keys", Action("Line 2", after: 9), Action("Line 2"), Action("Line 1")))).Should()
            .Equal("3-0", "1-1", "1-0");
        var inserted = (await host.GetAsync($"rules/{id}/history"))["items"]![0]!["changes"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)inserted["path"], inserted["from"], (string?)inserted["to"]!["key"]).Should().Be(("actions[0]", null, "3-0"));
        Keys(await PutAsync(id, Rule("Keys", Action("Line 1", "1-1", 7), Action("Line 2", "", 9), Action("Line 2", "1-1", 3)))).Should()
            .Equal("1-1", "3-0", "4-2");
        Keys(await host.GetAsync($"rules/{id}?version=1")).Should().Equal("1-0", "1-1");
        Keys((await host.GetAsync("rules?search=Keys"))["items"]![0]!.AsObject()).Should().Equal("1-1", "3-0", "4-2");

        var read = await host.GetAsync($"rules/{id}");
        ((long)(await PutAsync(id, read.DeepClone().AsObject()))["version"]!).Should().Be(4, "it is what it was");
        foreach (var action in read["actions"]!.AsArray()) action!.AsObject().Remove("key");
        ((long)(await PutAsync(id, read))["version"]!).Should().Be(4);
        await host.SendAsync("POST", $"rules/{id}/disable", null, "If-Match", "*");
        Keys(await host.GetAsync($"rules/{id}")).Should().Equal("1-1", "3-0", "4-2");
    }

    [Fact]
    public async Task a_key_is_text_and_says_nothing_if_it_is_unknown()
    {
        foreach (var key in new JsonNode[] { 1, true, new JsonObject(), new JsonArray("1-0") })
        {
            var refused = await host.SendAsync("POST", "rules", Rule("Bad key", Action("Line 1"), Action("Line 2", key)));
            refused.Status.Should().Be(400, refused.Text);
            refused.Faults.Should().Equal("actions[1].key");
        }

        Keys(await host.PostAsync("rules", Rule("Odd keys", Action("Line 1", ""), Action("Line 2", new string('x', 5000))))).Should()
            .Equal("1-0", "1-1");
    }

    [Fact]
    public async Task a_document_has_no_keys_and_changes_none_of_them()
    {
        var id = (string)(await host.PostAsync("rules", Rule("Document", Action("Line 1"), Action("Line 2"))))["id"]!;
        await PutAsync(id, Rule("Document", Action("Line 1", after: 5), Action("Line 1"), Action("Line 2")));
        var document = await host.GetAsync("configuration/export?format=json");
        document.ToJsonString().Should().NotContain("\"key\":\"1-");

        (await host.PostAsync("configuration/import", document))["changes"]!.AsArray().Should().BeEmpty();
        var rule = document["rules"]!.AsArray().Single(x => (string?)x!["name"] == "Document")!;
        var actions = rule["actions"]!.AsArray();
        rule["actions"] = new JsonArray(actions[2]!.DeepClone(), actions[0]!.DeepClone());
        await host.PostAsync("configuration/import", document);

        Keys(await host.GetAsync($"rules/{id}")).Should().Equal("1-1", "2-0");
    }
}
