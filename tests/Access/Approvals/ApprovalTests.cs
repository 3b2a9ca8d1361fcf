using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>Changes that need a second person, with two keys for two people.</summary>
public sealed class ApprovalTests(ApprovalTests.ExampleHost shared) : IClassFixture<ApprovalTests.ExampleHost>, IAsyncLifetime
{
    private readonly NotifyHost host = shared.Host;
    private readonly HttpClient author = shared.Author;
    private readonly HttpClient approver = shared.Approver;
    private readonly string text = SharedHost.NewName();
    private string messageId = null!;

    private string Night => $"{text} at night";

    /// <summary>The example is there for documents; what is renamed and decided about is a message of each test's own.</summary>
    public sealed class ExampleHost : ApprovalHost
    {
        public Example Example { get; private set; } = null!;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Example = await Example.MakeAsync(Host);
        }
    }

    public async Task InitializeAsync() =>
        messageId = (string)(await host.PostAsync("messages", new { type = "wecom", name = text, format = "text", content = "{name}" }))["id"]!;

    public Task DisposeAsync() => shared.EndApprovalsAsync();

    [Fact]
    public async Task a_change_waits_until_another_person_approves_it_and_is_then_its_author_s_with_the_approver_on_record()
    {
        await RequireAsync("message");
        var proposed = await RenameMessageAsync(Night, "X-Change-Reason", "New wording");
        proposed.Status.Should().Be(202, proposed.Text);
        var id = (string)proposed.Body["id"]!;
        proposed.Headers.Location!.ToString().Should().EndWith($"/api/v1/proposals/{id}");
        ((string?)proposed.Body["state"], (string?)proposed.Body["verb"], (string?)proposed.Body["reason"])
            .Should().Be(("Open", "replace", "New wording"));
        proposed.Body["changes"]!.AsArray().Select(x => $"{x!["path"]}: {x["from"]} → {x["to"]}").Should().Equal($"name: {text} → {Night}");
        ((string?)(await host.GetAsync($"messages/{messageId}"))["name"]).Should().Be(text);

        var approved = await SendAsync(approver, "POST", $"proposals/{id}/approve", new { reason = "Read it" });
        (approved.Status, (string?)approved.Body["state"]).Should().Be((200, "Approved"), approved.Text);
        var message = await host.GetAsync($"messages/{messageId}");
        ((string?)message["name"], (long)message["version"]!).Should().Be((Night, 2));
        var change = (await host.GetAsync($"messages/{messageId}/history"))["items"]![0]!;
        ((string?)change["actor"]!["id"]).Should().Be((string?)proposed.Body["proposedBy"]!["id"]);
        ((string?)change["reason"], (string?)change["approvedBy"]!["proposal"], (string?)change["approvedBy"]!["id"]).Should()
            .Be(("New wording", id, (string?)approved.Body["decidedBy"]!["id"]));
        ((string?)change["approvedBy"]!["id"]).Should().NotBe((string?)change["actor"]!["id"]);
        var entries = await host.Client.GetAllFromAsync($"audit?resource={id}");
        entries.Select(x => (string?)x["type"]).Should().BeEquivalentTo("access.change_proposed.v1", "access.proposal_approved.v1");
        entries.Single(x => (string?)x["type"] == "access.proposal_approved.v1")["actor"]!["id"]!.GetValue<string>()
            .Should().Be((string?)approved.Body["decidedBy"]!["id"]);
    }

    [Fact]
    public async Task its_author_cannot_approve_it_nor_can_a_key_that_the_author_has_made()
    {
        using var twin = host.ClientWith((string)(await author.PostToAsync("api-keys", new { name = "Twin", roles = new[] { "administrator" } }))["key"]!);
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(Night)).Body["id"]!;
        // The answer says so before anybody tries.
        foreach (var (client, isOwn) in new[] { (author, true), (twin, true), (approver, false) })
            ((bool?)(await client.GetFromAsync($"proposals/{id}"))["own"]).Should().Be(isOwn);
        var own = await SendAsync(author, "POST", $"proposals/{id}/approve");
        (own.Status, own.Detail).Should().Be((403, "Nobody approves a change of their own, or one that a key of theirs has proposed. Somebody else must decide."));
        (await SendAsync(twin, "POST", $"proposals/{id}/approve")).Status.Should().Be(403);
        (await SendAsync(twin, "POST", $"proposals/{id}/withdraw")).Status.Should().Be(200);
        (await author.GetFromAsync($"proposals/{id}"))["own"].Should().BeNull("nobody decides about it any more");
        ((string?)(await host.GetAsync($"messages/{messageId}"))["name"]).Should().Be(text);
    }

    [Fact]
    public async Task keys_that_one_person_has_made_are_one_person()
    {
        using var first = await KeyOfAsync("user-1");
        using var second = await KeyOfAsync("user-1");
        using var other = await KeyOfAsync("user-2");
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(first, Night)).Body["id"]!;
        (await SendAsync(second, "POST", $"proposals/{id}/approve")).Status.Should().Be(403);
        (await SendAsync(other, "POST", $"proposals/{id}/approve")).Status.Should().Be(200);
    }

    [Fact]
    public async Task whoever_rotated_a_key_was_given_its_secret_and_approves_nothing_that_it_proposes()
    {
        var key = await host.PostAsync("api-keys", new { name = "Importer", roles = new[] { "administrator" } });
        var rotated = await approver.SendToAsync("POST", $"api-keys/{key["id"]}/rotate", new { overlapHours = 0 }, "If-Match", "*");
        rotated.Status.Should().Be(200, rotated.Text);
        using var importer = host.ClientWith((string)rotated.Body["key"]!);
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(importer, Night)).Body["id"]!;
        (await SendAsync(approver, "POST", $"proposals/{id}/approve")).Status.Should().Be(403);
        (await SendAsync(author, "POST", $"proposals/{id}/approve")).Status.Should().Be(200, "no secret of the key was given to that one");
    }

    [Fact]
    public async Task an_approval_sent_again_changes_nothing()
    {
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(Night)).Body["id"]!;
        (await SendAsync(approver, "POST", $"proposals/{id}/approve")).Status.Should().Be(200);
        var again = await SendAsync(approver, "POST", $"proposals/{id}/approve");
        (again.Status, again.Detail).Should().Be((409, "This proposal is approved already."));
        ((long)(await host.GetAsync($"messages/{messageId}"))["version"]!).Should().Be(2);
    }

    [Theory]
    [InlineData("reject", "This proposal was rejected. Propose the change again.")]
    [InlineData("withdraw", "This proposal was withdrawn. Propose the change again.")]
    public async Task what_was_rejected_or_withdrawn_is_not_approved(string end, string detail)
    {
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(Night)).Body["id"]!;
        (await SendAsync(end == "reject" ? approver : author, "POST", $"proposals/{id}/{end}", new { reason = "No" })).Status.Should().Be(200);
        var late = await SendAsync(approver, "POST", $"proposals/{id}/approve");
        (late.Status, late.Detail).Should().Be((409, detail));
        ((long)(await host.GetAsync($"messages/{messageId}"))["version"]!).Should().Be(1);
    }

    [Fact]
    public async Task a_proposal_is_void_when_what_it_is_based_on_has_changed()
    {
        await RequireAsync("message");
        var first = (string)(await RenameMessageAsync(Night)).Body["id"]!;
        var second = (string)(await RenameMessageAsync($"{text} by day")).Body["id"]!;
        (await SendAsync(approver, "POST", $"proposals/{first}/approve")).Status.Should().Be(200);
        (await host.GetAsync($"proposals/{second}"))["stale"]!.AsArray().Should().ContainSingle();
        var stale = await SendAsync(approver, "POST", $"proposals/{second}/approve");
        (stale.Status, stale.Detail).Should().Be(
            (409, $"This proposal is void: '{text}' was at version 1 when it was proposed and is at version 2 now. Propose the change again."));
        ((string?)(await host.GetAsync($"proposals/{second}"))["state"]).Should().Be("Void");
        ((string?)(await host.GetAsync($"messages/{messageId}"))["name"]).Should().Be(Night);
    }

    [Fact]
    public async Task a_proposal_that_somebody_has_altered_in_the_database_is_not_made()
    {
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(Night)).Body["id"]!;
        (await host.ChangeAsync(
            $"update notify.mt_events set data = jsonb_set(data, '{{input,data,name}}', '\"Forged\"') where stream_id = '{id}'")).Should().Be(1);
        var forged = await SendAsync(approver, "POST", $"proposals/{id}/approve");
        (forged.Status, forged.Detail).Should().Be(
            (409, "What would be made is not what was proposed: the proposal was altered. Withdraw it and propose the change again."));
        ((string?)(await host.GetAsync($"messages/{messageId}"))["name"]).Should().Be(text);
    }

    [Fact]
    public async Task the_policy_itself_needs_approval_while_anything_does()
    {
        await RequireAsync("message");
        var before = (await HistoryAsync()).Count;
        var raised = await PutPolicyAsync(author, new { kinds = new[] { "message", "rule" } });
        var lowered = await PutPolicyAsync(author, new { kinds = Array.Empty<string>() });
        (raised.Status, lowered.Status).Should().Be((202, 202));
        (await SendAsync(author, "POST", $"proposals/{lowered.Body["id"]}/approve")).Status.Should().Be(403);
        (await SendAsync(approver, "POST", $"proposals/{raised.Body["id"]}/approve")).Status.Should().Be(200);
        (await SendAsync(approver, "POST", $"proposals/{lowered.Body["id"]}/approve")).Status.Should().Be(409);
        var policy = await host.GetAsync("approval-policy");
        policy["kinds"]!.AsArray().Select(x => (string?)x).Should().Equal("rule", "message");
        var history = await HistoryAsync();
        history.Should().HaveCount(before + 1);
        history[0]!["approvedBy"]!["proposal"]!.GetValue<string>().Should().Be((string?)raised.Body["id"]);

        async Task<JsonArray> HistoryAsync() => (await host.GetAsync("approval-policy/history"))["items"]!.AsArray();
    }

    [Fact]
    public async Task secrets_of_a_proposal_are_sealed_and_destroyed_when_it_is_rejected()
    {
        await RequireAsync("service");
        var service = await host.GetAsync($"services/{shared.Example.ServiceId}");
        const string Secret = "the-other-secret-of-the-app-4711";
        service["wecom"]!["app"]!["secret"] = Secret;
        var before = await SecretsAsync();
        var proposed = await SendAsync(author, "PUT", $"services/{shared.Example.ServiceId}", service, "If-Match", "\"1\"");
        proposed.Status.Should().Be(202, proposed.Text);
        proposed.Text.Should().NotContain(Secret);
        (await SecretsAsync()).Should().Be(before + 1);
        (await SendAsync(approver, "POST", $"proposals/{proposed.Body["id"]}/reject")).Status.Should().Be(200);
        (await SecretsAsync()).Should().Be(before);

        var again = await SendAsync(author, "PUT", $"services/{shared.Example.ServiceId}", service, "If-Match", "\"1\"");
        (await SendAsync(approver, "POST", $"proposals/{again.Body["id"]}/approve")).Status.Should().Be(200);
        (await SecretsAsync()).Should().Be(before, "the old one is gone, the new one is there");
        (await host.Client.GetAllFromAsync($"audit?resource={again.Body["id"]}")).Should().OnlyContain(x => !x.ToJsonString(null).Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_document_of_the_configuration_is_one_proposal()
    {
        await RequireAsync("rule");
        var document = new
        {
            notify = 1,
            messages = new[] { new { name = "Other text", type = "wecom", format = "text", content = "{name}" } },
            rules = new[]
            {
                new
                {
                    name = "Everything else",
                    criteria = new { states = new[] { "ActiveUnacked" } },
                    actions = new[]
                    {
                        new
                        {
                            type = "wecom", service = "Plant WeCom", message = "Other text", schedule = "Default",
                            receivers = new[] { new { kind = "bot", alias = "Line 1" } },
                        },
                    },
                },
            },
        };
        (await SendAsync(author, "POST", "configuration/import?dryRun=true", document)).Status.Should().Be(200);
        var proposed = await SendAsync(author, "POST", "configuration/import", document);
        proposed.Status.Should().Be(202, proposed.Text);
        var twin = await SendAsync(author, "POST", "configuration/import", document);
        (await host.GetAsync("messages?search=Other"))["total"]!.GetValue<int>().Should().Be(0);
        (await SendAsync(approver, "POST", $"proposals/{proposed.Body["id"]}/approve")).Status.Should().Be(200);
        var rule = (await host.GetAsync("rules?search=else"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        var change = (await host.GetAsync($"rules/{rule["id"]}/history"))["items"]![0]!;
        ((string?)change["approvedBy"]!["proposal"]).Should().Be((string?)proposed.Body["id"]);
        var empty = await SendAsync(approver, "POST", $"proposals/{twin.Body["id"]}/approve");
        (empty.Status, empty.Detail).Should().Be(
            (409, "This proposal is void: the configuration already is as it proposes, so approving it would change nothing. Nothing was changed."));
        var ended = await host.GetAsync($"proposals/{twin.Body["id"]}");
        ((string?)ended["state"], ended["stale"]!.AsArray().Count).Should().Be(("Void", 2));
        (await host.Client.GetAllFromAsync("audit?type=kernel.configuration_imported.v1")).Should().ContainSingle();
        (await SendAsync(author, "POST", "configuration/import", document)).Status.Should().Be(200, "it changes nothing any more");

        // An action that is inserted is named in the same way each time when the document is tried, proposed, approved and made.
        var inserted = JsonSerializer.SerializeToNode(document)!;
        var actions = inserted["rules"]![0]!["actions"]!.AsArray();
        actions.Insert(0, actions[0]!.DeepClone());
        actions[0]!["receivers"]![0]!["alias"] = "Line 2";
        proposed = await SendAsync(author, "POST", "configuration/import", inserted);
        proposed.Status.Should().Be(202, proposed.Text);
        (await SendAsync(approver, "POST", $"proposals/{proposed.Body["id"]}/approve")).Status.Should().Be(200);
        (await host.GetAsync($"rules/{rule["id"]}"))["actions"]!.AsArray().Select(x => (string?)x!["key"]).Should().Equal("2-0", "1-0");
    }

    [Fact]
    public async Task of_a_proposed_document_only_the_secrets_are_struck_from_texts()
    {
        const string Secret = "the-secret-of-another-app-4712";
        await RequireAsync("rule", "service");
        var service = new
        {
            type = "wecom",
            name = "Second WeCom",
            wecom = new
            {
                sendTo = new[] { "account" },
                app = new { corpId = Example.CorpId, agentId = 7, secret = Secret },
                accounts = new[] { new { account = "zhangsan", name = "张三" } },
            },
        };
        var before = await SecretsAsync();
        var proposed = await SendAsync(author, "POST", "configuration/import", new { notify = 1, services = new[] { service } });
        proposed.Status.Should().Be(202, proposed.Text);
        const string Reason = "schedule changed for zhangsan";
        (await RenameMessageAsync(Night, "X-Change-Reason", Reason)).Status.Should().Be(200);
        var change = (await host.GetAsync($"messages/{messageId}/history"))["items"]![0]!;
        ((string?)change["reason"]).Should().Be(Reason);

        // As another node, or this one after a restart, reads what is stored.
        var known = new KnownSecrets(TimeProvider.System);
        var services = host.Services;
        using var others = new SecretsInUse(
            services.GetRequiredService<Npgsql.NpgsqlDataSource>(), services.GetRequiredService<MasterKey>(), known,
            NullLogger<SecretsInUse>.Instance);
        await others.StartAsync(default);
        await others.StopAsync(default);
        (known.Strike(Reason), known.Strike($"It is {Secret}.")).Should().Be((Reason, "It is …."));
        (await SendAsync(approver, "POST", $"proposals/{proposed.Body["id"]}/reject")).Status.Should().Be(200);
        (await SecretsAsync()).Should().Be(before);
    }

    [Fact]
    public async Task a_document_that_can_no_longer_be_opened_is_not_imported()
    {
        await RequireAsync("message");
        var document = new { notify = 1, messages = new[] { new { name = Night, type = "wecom", format = "text", content = "{name}" } } };
        var proposed = await SendAsync(author, "POST", "configuration/import", document);
        await host.ExecuteAsync("delete from notify.secret where created_at = (select max(created_at) from notify.secret)");
        var refused = await SendAsync(approver, "POST", $"proposals/{proposed.Body["id"]}/approve");
        (refused.Status, (string?)refused.Body["detail"]).Should()
            .Be((409, "The proposal on record cannot be read: somebody has changed it."), refused.Text);
    }

    [Fact]
    public async Task each_person_of_a_file_is_a_proposal()
    {
        await RequireAsync("user");
        var before = await ProposalsAsync();
        using var file = new MultipartFormDataContent { { new StringContent("userName,name\nli.na,Li Na\nwang.wei,Wang Wei\nx,Too Short\n"), "file", "people.csv" } };
        var imported = await SendAsync(author, "POST", "users/import?mode=merge", file);
        (imported.Status, imported.Body["skipped"]!.AsArray().Count, imported.Body["changes"]!.AsArray().Count).Should().Be((202, 1, 0), imported.Text);
        imported.Body["proposed"]!.AsArray().Select(x => $"{x!["row"]} {x["userName"]} {x["name"]} {x["change"]}").Should()
            .Equal("2 li.na Li Na added", "3 wang.wei Wang Wei added");
        (await host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(0);
        (await ProposalsAsync()).Except(before).Should().BeEquivalentTo(
            imported.Body["proposed"]!.AsArray().Select(x => (string?)x!["proposal"]));
        foreach (var row in imported.Body["proposed"]!.AsArray())
            (await SendAsync(approver, "POST", $"proposals/{row!["proposal"]}/approve")).Status.Should().Be(200);
        (await host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(2);
        (await host.GetAsync("audit?type=access.people_imported.v1"))["items"]![0]!["summary"]!.GetValue<string>()
            .Should().StartWith("People were imported from people.csv, 1 skipped, 2 wait for approval");
    }

    [Fact]
    public async Task a_reason_is_required_where_the_policy_says_so()
    {
        (await PutPolicyAsync(host.Client, new { kinds = Array.Empty<string>(), reason = "required", reasonKinds = new[] { "message" } })).Status
            .Should().Be(200);
        var without = await RenameMessageAsync(Night);
        (without.Status, string.Join(',', without.Faults)).Should().Be((400, "X-Change-Reason"));
        (await RenameMessageAsync(Night, "X-Change-Reason", "Because")).Status.Should().Be(200);
        (await host.SendAsync("POST", "schedules", new { kind = "standard", name = "Always" })).Status.Should().Be(201);
    }

    [Fact]
    public async Task an_approver_needs_the_permission()
    {
        await RequireAsync("message");
        var id = (string)(await RenameMessageAsync(Night)).Body["id"]!;
        using var auditor = await host.ClientOfRoleAsync("auditor");
        (await SendAsync(auditor, "POST", $"proposals/{id}/approve")).Status.Should().Be(403);
        using var engineer = await host.ClientOfRoleAsync("engineer");
        var policy = await PutPolicyAsync(author, new { kinds = Array.Empty<string>() });
        var refused = await SendAsync(engineer, "POST", $"proposals/{policy.Body["id"]}/approve");
        (refused.Status, refused.Detail).Should().Be((403, "This requires the permission people.manage."));
        (await SendAsync(engineer, "POST", $"proposals/{id}/approve")).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_repeat_with_the_same_key_is_the_same_proposal()
    {
        await RequireAsync("message");
        var before = await ProposalsAsync();
        var body = new { type = "wecom", name = "Other", format = "text", content = "{name}" };
        var first = await SendAsync(author, "POST", "messages", body, "Idempotency-Key", "one");
        var again = await SendAsync(author, "POST", "messages", body, "Idempotency-Key", "one");
        (first.Status, again.Status).Should().Be((202, 202));
        ((string?)again.Body["id"]).Should().Be((string?)first.Body["id"]);
        (await ProposalsAsync()).Except(before).Should().ContainSingle();
    }

    private async Task RequireAsync(params string[] kinds) =>
        (await PutPolicyAsync(host.Client, new { kinds })).Status.Should().Be(200);

    private static Task<RestAnswer> PutPolicyAsync(HttpClient client, object body) => SendAsync(client, "PUT", "approval-policy", body, "If-Match", "*");

    private async Task<List<string>> ProposalsAsync() => [.. (await host.Client.GetAllFromAsync("proposals")).Select(x => (string)x["id"]!)];

    private Task<RestAnswer> RenameMessageAsync(string name, params string[] headers) => RenameMessageAsync(author, name, headers);

    private async Task<RestAnswer> RenameMessageAsync(HttpClient client, string name, params string[] headers)
    {
        var message = await host.GetAsync($"messages/{messageId}");
        var version = message["version"]!.GetValue<long>();
        message["name"] = name;
        return await SendAsync(client, "PUT", $"messages/{messageId}", message, ["If-Match", $"\"{version}\"", .. headers]);
    }

    private async Task<long> SecretsAsync()
    {
        await using var command = host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>().CreateCommand("select count(*) from notify.secret");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>As this person would have made it.</summary>
    private async Task<HttpClient> KeyOfAsync(string person)
    {
        var key = await host.PostAsync("api-keys", new { name = Guid.NewGuid().ToString("N"), roles = new[] { "administrator" } });
        await host.ExecuteAsync(
            $"update notify.mt_events set user_name = '{person}', headers = headers || '{{\"actor-kind\":\"user\"}}' where stream_id = '{key["id"]}'");
        return host.ClientWith((string)key["key"]!);
    }

    private static Task<RestAnswer> SendAsync(HttpClient client, string method, string path, object? body = null, params string[] headers) =>
        client.SendToAsync(method, path, body, headers);
}
