using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>Keys are made, used, rotated, expire and are revoked; over HTTP, with the real keys.</summary>
public sealed class ApiKeyTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly NotifyHost host = shared.Host;
    private readonly string name = SharedHost.NewName();

    private async Task<(string Id, string Key)> MakeAsync(object key)
    {
        var made = await host.PostAsync("api-keys", key);
        return ((string)made["id"]!, (string)made["key"]!);
    }

    private static async Task<HttpStatusCode> StatusAsync(NotifyHost host, string key, string path = "alarms")
    {
        using var client = host.ClientWith(key);
        using var response = await client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task<string?> RefusalAsync(NotifyHost host, string key)
    {
        using var client = host.ClientWith(key);
        using var response = await client.GetAsync(new Uri("/api/v1/alarms", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        return (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"];
    }

    [Fact]
    public async Task a_key_is_shown_once_and_only_its_fingerprint_is_kept()
    {
        var made = await host.SendAsync("POST", "api-keys", new { name, roles = new[] { "viewer" }, permissions = new[] { "alarms.report" } });
        (made.Status, made.ETag).Should().Be((201, "\"1\""), made.Text);
        var key = (string)made.Body["key"]!;
        var read = await host.SendAsync("GET", $"api-keys/{made.Id}");
        read.Text.Should().NotContain(key);
        ((string?)read.Body["fingerprint"]).Should().Be((string?)made.Body["fingerprint"]).And.NotBeNullOrEmpty();
        foreach (var path in (string[])["api-keys", $"api-keys/{made.Id}/history", "audit?order=desc", "state"])
            (await host.SendAsync("GET", path)).Text.Should().NotContain(key);
        (await StatusAsync(host, key)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(host, key, "users")).Should().Be(HttpStatusCode.Forbidden);
        using var sender = host.ClientWith(key);
        (await sender.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { new { name = "A" } } })).StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task a_repeated_request_gets_the_same_key_which_is_nowhere_stored_in_clear()
    {
        var body = new { name, roles = new[] { "intake" } };
        var first = await host.SendAsync("POST", "api-keys", body, "Idempotency-Key", name);
        var again = await host.SendAsync("POST", "api-keys", body, "Idempotency-Key", name);
        (again.Status, again.Text).Should().Be((201, first.Text));
        var key = (string)first.Body["key"]!;
        await using var source = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = source.CreateCommand(
            "select count(*) from notify.idempotency where encode(answer, 'escape') like '%' || $1 || '%'");
        command.Parameters.AddWithValue(key);
        (await command.ExecuteScalarAsync()).Should().Be(0L);
    }

    [Fact]
    public async Task a_key_whose_first_answer_was_lost_is_not_shown_by_the_repeat()
    {
        var body = new { name, roles = new[] { "intake" } };
        (await host.SendAsync("POST", "api-keys", body, "Idempotency-Key", name)).Status.Should().Be(201);
        await host.ExecuteAsync("update notify.idempotency set answer = null, leased_until = now() - interval '1 hour'");
        var again = await host.SendAsync("POST", "api-keys", body, "Idempotency-Key", name);
        (again.Status, again.Body["key"]).Should().Be((409, null));
        again.Detail.Should().EndWith("It is not shown again: rotate it.");
    }

    [Fact]
    public async Task the_secret_of_before_opens_until_the_overlap_ends()
    {
        var (id, old) = await MakeAsync(new { name, roles = new[] { "viewer" } });
        var rotated = await host.SendAsync("POST", $"api-keys/{id}/rotate", new { overlapHours = 2 });
        (rotated.Status, rotated.Version).Should().Be((200, 2L), rotated.Text);
        var fresh = (string)rotated.Body["key"]!;
        (await StatusAsync(host, fresh)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(host, old)).Should().Be(HttpStatusCode.OK);
        shared.Clock.Advance(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(1));
        (await RefusalAsync(host, old)).Should().Be("This API key was replaced by a new one, and its time is over.");
        (await StatusAsync(host, fresh)).Should().Be(HttpStatusCode.OK);

        var last = (string)(await host.SendAsync("POST", $"api-keys/{id}/rotate", new { overlapHours = 0 })).Body["key"]!;
        shared.Clock.Advance(TimeSpan.FromSeconds(5));
        (await RefusalAsync(host, fresh)).Should().StartWith("This API key was replaced");
        (await StatusAsync(host, last)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_revoked_key_is_refused_on_every_node_and_for_good()
    {
        await using var second = await NotifyHost.StartAsync(replace: shared.UseClock, sameStoreAs: host);
        var (id, key) = await MakeAsync(new { name, roles = new[] { "viewer" } });
        (await StatusAsync(second, key)).Should().Be(HttpStatusCode.OK);
        var revoked = await host.SendAsync("POST", $"api-keys/{id}/revoke");
        (revoked.Status, (string?)revoked.Body["status"]).Should().Be((200, "disabled"), revoked.Text);
        await Eventually.GetAsync(() => StatusAsync(second, key), x => x == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(20));
        (await RefusalAsync(second, key)).Should().Be("This API key was revoked.");
        (await host.SendAsync("POST", $"api-keys/{id}/revoke")).Status.Should().Be(200, "it is revoked already");
        (await host.SendAsync("POST", $"api-keys/{id}/rotate", new { overlapHours = 1 })).Detail.Should().Be($"The API key '{name}' is revoked.");
        (await host.PutAsync($"api-keys/{id}", 2, new { name, roles = new[] { "viewer" } })).Status.Should().Be(409);
    }

    [Fact]
    public async Task a_change_counts_at_once_on_the_node_that_makes_it()
    {
        // No time passes that could make it forget by itself.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow()) { AutoAdvanceAmount = TimeSpan.FromMicroseconds(10) };
        await using var node = await NotifyHost.StartAsync(replace: x => x.AddSingleton<TimeProvider>(clock));
        var made = await node.PostAsync("api-keys", new { name, roles = new[] { "viewer" } });
        var (id, key) = ((string)made["id"]!, (string)made["key"]!);
        (await StatusAsync(node, key)).Should().Be(HttpStatusCode.OK);

        (await node.PutAsync($"api-keys/{id}", 1, new { name, roles = new[] { "intake" } })).Status.Should().Be(200);
        (await StatusAsync(node, key)).Should().Be(HttpStatusCode.Forbidden, "its role does not read alarms");
        (await node.PutAsync($"api-keys/{id}", 2, new { name, roles = new[] { "viewer" } })).Status.Should().Be(200);
        (await StatusAsync(node, key)).Should().Be(HttpStatusCode.OK);
        (await node.SendAsync("POST", $"api-keys/{id}/revoke")).Status.Should().Be(200);
        (await StatusAsync(node, key)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task an_expired_key_is_refused_with_a_clear_text_and_on_record_under_its_name()
    {
        var end = shared.Clock.GetUtcNow().AddHours(1);
        using var client = await host.ClientOfKeyAsync(new { name, roles = new[] { "viewer" }, expiresAt = end });
        (await client.GetAsync(new Uri("/api/v1/alarms", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        shared.Clock.Advance(TimeSpan.FromHours(1));
        using var response = await client.GetAsync(new Uri("/api/v1/alarms", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        ((string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]).Should().StartWith("This API key expired at 2");
        var entry = await Eventually.GetAsync(
            async () => (await host.Client.GetAllFromAsync("audit?type=access.sign_in_failed.v1")).Find(x => (string?)x["actor"]!["name"] == name),
            x => x is not null, TimeSpan.FromSeconds(30));
        ((string?)entry!["actor"]!["kind"]).Should().Be("apiKey");
    }

    [Fact]
    public async Task when_a_key_was_last_used_is_known_and_makes_no_event()
    {
        var (id, key) = await MakeAsync(new { name, roles = new[] { "viewer" } });
        (await host.GetAsync($"api-keys/{id}"))["lastUsedAt"].Should().BeNull();
        for (var i = 0; i < 3; i++) await StatusAsync(host, key);
        ((string?)(await host.GetAsync($"api-keys/{id}"))["lastUsedAt"]).Should().NotBeNull();
        (await host.GetAsync($"api-keys?search={name}"))["items"]![0]!["lastUsedAt"].Should().NotBeNull();
        ((long)(await host.GetAsync($"api-keys/{id}"))["version"]!).Should().Be(1);

        // What a node has noted is written when it stops.
        await using (var second = await NotifyHost.StartAsync(replace: shared.UseClock, sameStoreAs: host)) await StatusAsync(second, key);
        (await host.ChangeAsync($"update notify.api_key_use set used_at = used_at where key_id = '{id}'")).Should().Be(1);
    }

    [Fact]
    public async Task nobody_makes_or_rotates_a_key_that_may_more_than_they()
    {
        var (strong, _) = await MakeAsync(new { name = "strong", roles = new[] { "administrator" } });
        using var keeper = await host.ClientOfKeyAsync(
            new { name = "keeper", permissions = new[] { "people.read", "people.manage", "alarms.read" }, paths = new[] { "Site1/**" } });
        (await PostAsync("api-keys", new { name = "k", permissions = new[] { "alarms.read" }, paths = new[] { "Site1/Line1/**" } })).Should().Be(201);
        (await PostAsync("api-keys", new { name = "k", permissions = new[] { "alarms.read" } })).Should().Be(403, "all paths are more");
        (await PostAsync("api-keys", new { name = "k", permissions = new[] { "alarms.report" }, paths = new[] { "Site1/**" } })).Should().Be(403);
        (await PostAsync($"api-keys/{strong}/rotate", new { overlapHours = 0 })).Should().Be(403, "its secret would be theirs");
        (await PostAsync($"api-keys/{strong}/revoke", new { })).Should().Be(403);

        async Task<int> PostAsync(string path, object body) => (int)(await keeper.PostAsJsonAsync($"/api/v1/{path}", body)).StatusCode;
    }

    [Fact]
    public async Task the_last_key_of_an_administrator_stays_while_no_person_is_one()
    {
        await using var own = await NotifyHost.StartAsync();
        var bootstrap = (string)(await own.GetAsync("api-keys"))["items"]![0]!["id"]!;
        (await own.SendAsync("POST", $"api-keys/{bootstrap}/revoke")).Detail
            .Should().Be("After this change neither a person nor a key would have all permissions. Make an administrator first.");
        await own.PostAsync("users", new { userName = "chief", name = "张伟", roles = new[] { "administrator" }, signIn = "password" });
        (await own.SendAsync("POST", $"api-keys/{bootstrap}/revoke")).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_key_is_read_changed_and_sent_back_and_keeps_a_history()
    {
        var (id, key) = await MakeAsync(new { name, roles = new[] { "viewer" }, expiresAt = "2100-01-01T00:00:00Z" });
        await StatusAsync(host, key);
        var read = await host.SendAsync("GET", $"api-keys/{id}");
        read.Body["paths"] = new JsonArray("Site1/**");
        var changed = await host.PutAsync($"api-keys/{id}", 1, read.Body);
        (changed.Status, changed.Version).Should().Be((200, 2L), changed.Text);
        (await StatusAsync(host, key)).Should().Be(HttpStatusCode.OK, "its secret stays the same");
        var history = (await host.GetAsync($"api-keys/{id}/history"))["items"]!.AsArray();
        history.Select(x => (string?)x!["type"]).Should().Equal("access.api_key_changed.v1", "access.api_key_issued.v1");
        ((string?)history[0]!["changes"]![0]!["path"]).Should().Be("paths[0]");
        (await host.GetAsync($"api-keys/{id}?version=1"))["paths"]!.AsArray().Should().BeEmpty();
        (await host.GetAsync($"api-keys/{id}/references"))["uses"]!.AsArray().Select(x => (string?)x!["name"]).Should().Equal("viewer");
    }

    [Fact]
    public async Task keys_of_earlier_versions_keep_working_and_their_rows_are_brought_up_to_date()
    {
        await using var own = await NotifyHost.StartAsync();
        // As the version before wrote it.
        await own.ExecuteAsync(
            """
            update notify.mt_doc_api_key set data = jsonb_build_object(
              'id', data->'id', 'name', data->'name', 'role', 'administrator', 'fingerprint', data #> '{settings,secrets,0,fingerprint}', 'revoked', false)
            """);
        await using var second = await NotifyHost.StartAsync(sameStoreAs: own);
        (await StatusAsync(second, NotifyHost.AdminKey)).Should().Be(HttpStatusCode.OK);
        var item = (await second.GetAsync("api-keys"))["items"]![0]!;
        ((string?)item["name"], (string?)item["roles"]![0]).Should().Be(("bootstrap", "administrator"));
        (await second.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
    }
}
