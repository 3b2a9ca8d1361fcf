using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Access.Tests.People;

/// <summary>People, groups and roles over HTTP, with real keys.</summary>
public sealed class PeopleTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly NotifyHost host = shared.Host;
    private readonly string userName = SharedHost.NewName();

    private async Task<RestAnswer> AddAsync(string userName, object? more = null, string name = "张伟", NotifyHost? to = null)
    {
        var body = new JsonObject { ["userName"] = userName, ["name"] = name };
        foreach (var (field, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject()) body[field] = value?.DeepClone();
        return await (to ?? host).SendAsync("POST", "users", body);
    }

    [Fact]
    public async Task who_may_not_see_people_learns_their_names_and_nothing_else()
    {
        var li = await AddAsync(userName, new { email = "li.na@example.com", mobile = "+8613800138000" }, "李娜");
        var night = (string)(await host.PostAsync("groups", new { name = "夜班", members = new[] { li.Id } }))["id"]!;
        foreach (var role in (string[])["engineer", "operator"])
        {
            using var client = await host.ClientOfRoleAsync(role);
            (await client.SendToAsync("GET", "users")).Status.Should().Be(403);
            var directory = await client.GetFromAsync("directory");
            Text("people", li.Id).Should().Be($$"""{"id":"{{li.Id}}","name":"李娜","enabled":true}""");
            Text("groups", night).Should().Be($$"""{"id":"{{night}}","name":"夜班","enabled":true,"members":["{{li.Id}}"]}""");

            string Text(string of, string id) => directory[of]!.AsArray().Single(x => (string?)x!["id"] == id)!.ToJsonString(NotifyJson.Options);
        }

        using var sender = await host.ClientOfRoleAsync("intake");
        (await sender.SendToAsync("GET", "directory")).Status.Should().Be(403);
    }

    [Fact]
    public async Task a_person_is_added_read_changed_sent_back_and_keeps_a_history()
    {
        var name = SharedHost.NewName();
        var added = await AddAsync(userName, new
        {
            email = "zhang.wei@example.com",
            mobile = "+8613800138000",
            wecomAccount = "zhangwei",
            dingtalkUser = "dt-1",
            language = "zh",
            timeZone = "Asia/Shanghai",
            roles = new[] { "operator", "role-viewer" },
            paths = new[] { "Site1/**" },
            signIn = "password",
        }, name);
        (added.Status, added.ETag).Should().Be((201, "\"1\""), added.Text);
        var read = await host.SendAsync("GET", $"users/{added.Id}");
        read.Text.Should().Be(added.Text);
        read.Body["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("operator", "viewer");
        ((string?)read.Body["wecomAccount"], (string?)read.Body["dingtalkUser"], (string?)read.Body["signIn"]).Should()
            .Be(("zhangwei", "dt-1", "password"));

        (await host.PutAsync($"users/{added.Id}", 1, read.Body)).Version.Should().Be(1, "what was read is sent back and changes nothing");
        read.Body["mobile"] = null;
        var changed = await host.PutAsync($"users/{added.Id}", 1, read.Body, "X-Change-Reason", "Asked");
        (changed.Status, changed.Version, changed.Body["mobile"]).Should().Be((200, 2L, null));
        var history = (await host.GetAsync($"users/{added.Id}/history"))["items"]!.AsArray();
        ((string?)history[0]!["changes"]![0]!["path"], (string?)history[0]!["changes"]![0]!["from"]).Should().Be(("mobile", "+8613800138000"));
        ((string?)(await host.SendAsync("GET", $"users/{added.Id}?version=1")).Body["mobile"]).Should().Be("+8613800138000");
        var found = (await host.GetAsync($"users?search={name}"))["items"]!.AsArray();
        found.Should().ContainSingle();
        (await host.GetAsync($"users?search={userName[..^1].ToUpperInvariant()}"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task two_people_may_have_one_name_but_not_one_user_name_whatever_its_case()
    {
        (await AddAsync(userName)).Status.Should().Be(201);
        (await AddAsync(userName + "2")).Status.Should().Be(201);
        var taken = await AddAsync(userName.ToUpperInvariant());
        (taken.Status, taken.Detail).Should().Be((409, $"Another user is named '{userName}'."));
        taken.Faults.Should().Equal("userName");
    }

    [Fact]
    public async Task the_built_in_roles_are_listed_first_and_are_never_changed()
    {
        await using var own = await NotifyHost.StartAsync();
        var role = await own.SendAsync("POST", "roles", new { name = "shift leader", permissions = new[] { "alarms.read", "history.read" } });
        role.Status.Should().Be(201, role.Text);
        var list = await own.GetAsync("roles");
        list["items"]!.AsArray().Select(x => (string?)x!["name"])
            .Should().Equal(
                "administrator", "engineer", "operator", "auditor", "intake", "viewer", "system-administrator", "security-administrator",
                "audit-administrator", "shift leader");
        list["total"]!.GetValue<int>().Should().Be(10);
        (await own.GetAsync("roles?pageSize=7&page=2"))["items"]!.AsArray().Select(x => (string?)x!["name"])
            .Should().Equal("security-administrator", "audit-administrator", "shift leader");
        (await own.GetAsync("roles?search=shift"))["items"]!.AsArray().Should().ContainSingle();
        list["items"]!.AsArray().Where(x => (bool?)x!["builtIn"] == true).Select(x => (string?)x!["id"]).Should().Equal(
            BuiltInRoles.All.Select(x => x.Id));
        var engineer = await own.SendAsync("GET", "roles/role-engineer");
        ((bool?)engineer.Body["builtIn"]).Should().BeTrue();
        var copied = engineer.Body.DeepClone().AsObject();
        copied["name"] = "engineer of the night";
        var copy = await own.SendAsync("POST", "roles", copied);
        (copy.Status, copy.Body.ContainsKey("builtIn")).Should().Be((201, false));
        (await own.PutAsync("roles/role-engineer", 1, engineer.Body)).Detail.Should().Be("The role 'engineer' is built in and cannot be changed.");
        (await own.SendAsync("DELETE", "roles/role-engineer", null, "If-Match", "*")).Status.Should().Be(409);
        (await own.SendAsync("POST", "roles", new { name = "Engineer", permissions = new[] { "alarms.read" } })).Status.Should().Be(409);
        (await own.GetAsync("roles/role-engineer/history"))["items"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task what_is_referred_to_stays_and_renaming_breaks_nothing()
    {
        var role = await host.PostAsync("roles", new { name = "shift leader", permissions = new[] { "alarms.read" } });
        var person = await AddAsync(userName, new { roles = new[] { "SHIFT leader" } }, "李四");
        var group = await host.PostAsync("groups", new { name = "Night", members = new[] { person.Id }, roles = new[] { "shift leader" } });
        (await host.SendAsync("DELETE", $"users/{person.Id}", null, "If-Match", "*")).Detail.Should().Be("The user '李四' is used by group 'Night'.");
        (await host.SendAsync("DELETE", $"roles/{role["id"]}", null, "If-Match", "*")).Detail
            .Should().Be("The role 'shift leader' is used by user '李四', group 'Night'.");

        (await host.PutAsync($"roles/{role["id"]}", 1, new { name = "foreman", permissions = new[] { "alarms.read" } })).Status.Should().Be(200);
        (await host.GetAsync($"users/{person.Id}"))["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("foreman");
        var references = await host.GetAsync($"users/{person.Id}/references");
        references["items"]!.AsArray().Select(x => (string?)x!["name"]).Should().Equal("Night");
        references["uses"]!.AsArray().Select(x => (string?)x!["name"]).Should().Equal("foreman");

        (await host.SendAsync("DELETE", $"groups/{group["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        (await host.SendAsync("DELETE", $"users/{person.Id}", null, "If-Match", "*")).Status.Should().Be(204);
        (await host.SendAsync("DELETE", $"roles/{role["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
    }

    [Fact]
    public async Task nobody_gives_what_they_do_not_have_whichever_way()
    {
        await host.PostAsync("roles", new { name = "keeper", permissions = new[] { "people.read", "people.manage", "alarms.read" } });
        var viewer = await host.PostAsync("roles", new { name = "watcher", permissions = new[] { "alarms.read" } });
        var chief = await AddAsync(userName, new { roles = new[] { "administrator" }, signIn = "password" });
        var leaders = await host.PostAsync("groups", new { name = "Leaders", roles = new[] { "engineer" } });
        using var keeper = await host.ClientOfRoleAsync("keeper");

        var fine = await keeper.PostAsJsonAsync("/api/v1/users", new { userName = "a1", name = "A", roles = new[] { "watcher" } });
        fine.StatusCode.Should().Be(HttpStatusCode.Created, await fine.Content.ReadAsStringAsync());
        var a1 = (string)JsonNode.Parse(await fine.Content.ReadAsStringAsync())!["id"]!;
        await RefusedAsync("POST", "users", new { userName = "a2", name = "A", roles = new[] { "operator" } });
        await RefusedAsync("PUT", $"users/{a1}", new { userName = "a1", name = "A", roles = new[] { "watcher", "intake" } });
        await RefusedAsync("POST", "groups", new { name = "G", members = new[] { a1 }, roles = new[] { "operator" } });
        await RefusedAsync("PUT", $"groups/{leaders["id"]}", new { name = "Leaders", members = new[] { a1 }, roles = new[] { "engineer" } });
        await RefusedAsync("POST", "roles", new { name = "R", permissions = new[] { "configuration.change" } });
        await RefusedAsync("PUT", $"roles/{viewer["id"]}", new { name = "watcher", permissions = new[] { "alarms.read", "history.read" } });
        // Who could change an administrator could become one.
        await RefusedAsync("PUT", $"users/{chief.Id}", new { userName = "mine", name = "A" });
        await RefusedAsync("POST", $"users/{chief.Id}/disable", null);
        await RefusedAsync("DELETE", $"users/{chief.Id}", null);

        async Task RefusedAsync(string method, string path, object? body)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/{path}");
            if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            using var response = await keeper.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            response.StatusCode.Should().Be(HttpStatusCode.Forbidden, text);
            text.Should().Contain("permissions that you do not have yourself");
        }
    }

    [Fact]
    public async Task the_last_administrator_is_not_removed_disabled_or_demoted()
    {
        await using var own = await NotifyHost.StartAsync();
        var chief = await AddAsync("chief", new { roles = new[] { "administrator" }, signIn = "password" }, to: own);
        const string refusal = "After this change nobody who can sign in would have all permissions. Make another administrator first.";
        (await own.SendAsync("DELETE", $"users/{chief.Id}", null, "If-Match", "*")).Detail.Should().Be(refusal);
        (await own.SendAsync("POST", $"users/{chief.Id}/disable", null, "If-Match", "*")).Detail.Should().Be(refusal);
        chief.Body["signIn"] = "none";
        (await own.PutAsync($"users/{chief.Id}", 1, chief.Body)).Detail.Should().Be(refusal);
        chief.Body["signIn"] = "password";
        chief.Body["roles"] = new JsonArray("engineer");
        (await own.PutAsync($"users/{chief.Id}", 1, chief.Body)).Detail.Should().Be(refusal);
        await AddAsync("second", new { roles = new[] { "administrator" }, signIn = "oidc" }, to: own);
        (await own.PutAsync($"users/{chief.Id}", 1, chief.Body)).Status.Should().Be(200);
    }

    [Fact]
    public async Task people_are_for_who_may_read_or_manage_them_and_are_no_part_of_the_configuration()
    {
        var person = await AddAsync(userName);
        using var engineer = await host.ClientOfRoleAsync("engineer");
        using var auditor = await host.ClientOfRoleAsync("auditor");
        (await engineer.GetAsync(new Uri("/api/v1/users", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await auditor.GetAsync(new Uri("/api/v1/users", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await auditor.PostAsJsonAsync("/api/v1/users", new { userName = "x1", name = "X" })).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await host.SendAsync("GET", "configuration/export?format=json")).Text.Should().NotContain(userName).And.NotContain("\"users\"");
    }

    [Fact]
    public async Task all_nodes_know_people_by_their_events_alone()
    {
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host);
        var person = await AddAsync(userName, new { roles = new[] { "operator" } });
        (await host.ChangeAsync(
            $"update notify.mt_doc_user set data = jsonb_set(data, '{{Settings,roles}}', '[\"role-administrator\"]') where id = '{person.Id}'")).Should().Be(1);
        var now = await Eventually.GetAsync(
            async () => await second.Services.GetRequiredService<PeopleCache>().RecentAsync(CancellationToken.None),
            x => x.FindUserNamed(userName.ToUpperInvariant()) is not null);
        now.RolesOf(now.FindUser(person.Id)!).Select(x => x.Name).Should().Equal("operator");
        (await host.GetAsync($"users/{person.Id}"))["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("operator");
    }

    [Fact]
    public async Task a_person_with_an_event_that_somebody_has_changed_is_none()
    {
        var person = await AddAsync(userName, new { roles = new[] { "operator" } });
        await host.ExecuteAsync($"update notify.mt_events set data = '{{\"displayName\": 7}}' where stream_id = '{person.Id}'");
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host);
        (await second.Services.GetRequiredService<PeopleCache>().ReadAsync(CancellationToken.None)).FindUser(person.Id).Should().BeNull();
    }

    [Fact]
    public async Task a_repeated_request_adds_nobody_twice()
    {
        var body = new { userName, name = "李四" };
        var first = await host.SendAsync("POST", "users", body, "Idempotency-Key", userName);
        var again = await host.SendAsync("POST", "users", body, "Idempotency-Key", userName);
        (again.Status, again.Text).Should().Be((201, first.Text));
    }

    [Fact]
    public async Task the_history_names_the_person_in_both_languages()
    {
        var person = await AddAsync(userName, name: "李四");
        await host.SendAsync("POST", $"users/{person.Id}/disable", null, "If-Match", "*");
        var entries = await Eventually.GetAsync(() => host.GetAsync($"audit?resource={person.Id}&lang=en"), x => x["items"]!.AsArray().Count == 2);
        entries["items"]!.AsArray().Select(x => (string?)x!["summary"]).Should().Equal(
            "Person “李四” was added, by bootstrap", "Person “李四” was disabled, by bootstrap");
        entries["items"]!.AsArray().Select(x => (string?)x!["resource"]!["name"]).Should().Equal("李四", "李四");
    }
}
