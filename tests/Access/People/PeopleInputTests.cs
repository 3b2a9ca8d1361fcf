using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Access.Tests.People;

/// <summary>What people, groups and roles may hold: each field with what does not fit, null, absent and empty.</summary>
public sealed class PeopleInputTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly NotifyHost host = shared.Host;

    public static TheoryData<string, string> Odd => new()
    {
        { "userName", "\"a\"" }, { "userName", "\"\"" }, { "userName", "null" }, { "userName", "\"with space\"" }, { "userName", "\"张伟\"" },
        { "userName", "7" }, { "userName", "\".dot\"" }, { "userName", "\"line\\nbreak\"" },
        { "name", "null" }, { "name", "\"\"" }, { "name", "\"a\\u0000b\"" },
        { "email", "\"nobody\"" }, { "email", "\"a b@c\"" }, { "email", "\"X <x@example.com>\"" }, { "email", "1" },
        { "mobile", "\"13800138000\"" }, { "mobile", "\"+0138\"" }, { "mobile", "\"+86 138\"" },
        { "wecomAccount", "\"a b\"" }, { "dingtalkUser", "\"a/b\"" },
        { "wecomAccount", "\"@all\"" }, { "dingtalkUser", "\"@ALL\"" },
        { "language", "\"de\"" }, { "timeZone", "\"Mars/Olympus\"" }, { "timeZone", "\"UTC+08\"" },
        { "roles[0]", "\"enginer\"" }, { "roles[0]", "null" }, { "roles[0]", "\"\"" }, { "paths[0]", "\"a*b\"" }, { "paths[0]", "\"\"" },
        { "signIn", "\"magic\"" }, { "description", "7" }, { "nick", "\"Z\"" },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task what_does_not_fit_is_named_and_adds_nobody(string field, string value)
    {
        var name = field.Split('[')[0];
        var body = new JsonObject { ["userName"] = "li.si", ["name"] = "李四" };
        body[name] = field.EndsWith(']') ? new JsonArray(JsonNode.Parse(value)) : JsonNode.Parse(value);
        var answer = await host.SendAsync("POST", "users", body);
        answer.Status.Should().Be(400, answer.Text);
        answer.Faults.Should().Equal([field], answer.Text);
        (await host.GetAsync("users?search=li.si"))["total"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task an_id_that_a_service_takes_can_be_a_persons()
    {
        var answer = await host.SendAsync(
            "POST", "users", new { userName = "li.ding", name = "李四", dingtalkUser = "$:LWCP_v1:$a-b.c@d" });
        answer.Status.Should().Be(201, answer.Text);
        ((string?)answer.Body["dingtalkUser"]).Should().Be("$:LWCP_v1:$a-b.c@d");
    }

    [Theory]
    [InlineData("email")]
    [InlineData("mobile")]
    [InlineData("wecomAccount")]
    [InlineData("dingtalkUser")]
    [InlineData("language")]
    [InlineData("timeZone")]
    [InlineData("roles")]
    [InlineData("paths")]
    [InlineData("description")]
    public async Task a_part_that_is_null_absent_or_empty_is_none(string field)
    {
        var texts = new List<string>();
        foreach (var (i, value) in ((string?[])[null, "null", field is "roles" or "paths" ? "[]" : "\" \""]).Index())
        {
            var body = new JsonObject { ["userName"] = $"{field}.{i}", ["name"] = "李四" };
            if (value is not null) body[field] = JsonNode.Parse(value);
            var answer = await host.SendAsync("POST", "users", body);
            answer.Status.Should().Be(201, answer.Text);
            texts.Add(answer.Body[field]?.ToJsonString() ?? "absent");
        }

        texts.Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData("""{ "name": "r" }""", "permissions")]
    [InlineData("""{ "name": "r", "permissions": null }""", "permissions")]
    [InlineData("""{ "name": "r", "permissions": [] }""", "permissions")]
    [InlineData("""{ "name": "r", "permissions": ["alarm.read"] }""", "permissions[0]")]
    [InlineData("""{ "name": "r", "permissions": ["alarms.read", null] }""", "permissions[1]")]
    [InlineData("""{ "name": "r", "permissions": ["alarms.read", "alarms.read"] }""", "permissions[1]")]
    public async Task a_role_needs_permissions_that_exist(string body, string field)
    {
        var answer = await host.SendAsync("POST", "roles", JsonNode.Parse(body)!);
        (answer.Status, answer.Faults.Single()).Should().Be((400, field));
    }

    [Theory]
    [InlineData("""{ "name": "g", "members": ["user-none"] }""", "members[0]")]
    [InlineData("""{ "name": "g", "members": [null] }""", "members[0]")]
    [InlineData("""{ "name": "g", "roles": ["nobody"] }""", "roles[0]")]
    [InlineData("""{ "name": "", "members": [] }""", "name")]
    [InlineData("""{ "name": "g", "oidcGroup": "a\u202eb" }""", "oidcGroup")]
    public async Task a_group_needs_members_and_roles_that_exist(string body, string field)
    {
        var answer = await host.SendAsync("POST", "groups", JsonNode.Parse(body)!);
        (answer.Status, answer.Faults.Single()).Should().Be((400, field));
    }
}
