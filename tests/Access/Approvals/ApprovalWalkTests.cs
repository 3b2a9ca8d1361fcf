using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.Approvals;
using Notify.Access.Policies;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>There is no way around the approval policy: each endpoint that changes something is here, on one side or the other.</summary>
public sealed class ApprovalWalkTests(SharedHost shared) : IClassFixture<SharedHost>
{
    /// <summary>What changes something and never needs a second person.</summary>
    private static readonly string[] never =
    [
        // Nothing is changed: something is tried, checked or asked.
        "POST /api/v1/rules/explain", "POST /api/v1/rules/{id}/explain", "POST /api/v1/messages/preview", "POST /api/v1/schedules/calendar",
        "POST /api/v1/messages/test", "POST /api/v1/messages/{id}/test", "POST /api/v1/services/{id}/test", "POST /api/v1/services/{id}/connection-test",
        "POST /api/v1/services/accounts/import/preview", "POST /api/v1/drills/{id}/run",
        "POST /api/v1/audit/verify", "POST /api/v1/users/check", "POST /api/v1/groups/check", "POST /api/v1/roles/check",
        "POST /api/v1/api-keys/check", "POST /api/v1/drills/check", "POST /api/v1/expected-sources/check",
        "POST /api/v1/services/check", "POST /api/v1/messages/check", "POST /api/v1/schedules/check", "POST /api/v1/rules/check",
        // What sources and operators do, which cannot wait.
        "POST /api/v1/alarms", "POST /api/v1/alarms/{id}/acknowledge", "POST /api/v1/alarms/{id}/shelve", "POST /api/v1/alarms/{id}/unshelve",
        "POST /a/{token}",
        // A platform says that a message has arrived.
        "POST /api/v1/reports/{serviceId}",
        "POST /api/v1/intake/alertmanager", "PUT /api/v1/intake/alertmanager", "POST /api/v1/intake/cloudevents", "POST /api/v1/intake/grafana",
        "PUT /api/v1/intake/grafana", "POST /api/v2/alerts",
        "POST /api/v2/silences", "DELETE /api/v2/silence/{id}", "POST /api/v1/silences/{id}/expire",
        "POST /api/v1/notifications/bulk", "POST /api/v1/notifications/cancel", "POST /api/v1/notifications/dismiss",
        "POST /api/v1/notifications/resend", "POST /api/v1/replays/{id}/cancel",
        // Operation: what is on record is not changed by it.
        "POST /api/v1/audit/checkpoints/accept", "POST /api/v1/audit/keys/rotate", "POST /api/v1/audit/rebuild", "POST /api/v1/configuration/rebuild",
        "POST /api/v1/operation/keys/rotate",
        "POST /api/v1/operation/backup", "POST /api/v1/operation/rebuild", "POST /api/v1/operation/dead-letters/discard", "POST /api/v1/operation/dead-letters/replay",
        // Whoever learns that somebody else has come in does not wait.
        "DELETE /api/v1/users/{id}/sessions", "POST /api/v1/api-keys/{id}/revoke",
        // Decides on proposals.
        "POST /api/v1/proposals/{id}/approve", "POST /api/v1/proposals/{id}/reject", "POST /api/v1/proposals/{id}/withdraw",
        "POST /api/v1/proposals/{id}/sign",
        // Takes two people by itself, or ends what they have opened; a third reviews it.
        "POST /api/v1/emergency", "POST /api/v1/emergency/{id}/confirm", "POST /api/v1/emergency/{id}/end", "POST /api/v1/emergency/{id}/review",
        // Says that something was read.
        "POST /api/v1/history-reviews",
    ];

    private readonly NotifyHost host = shared.Host;

    [Fact]
    public void every_endpoint_that_changes_something_may_need_approval_or_is_listed_here() =>
        Changing().Where(x => x.Metadata.GetMetadata<MayNeedApproval>() is null).Select(EndpointPermissions.NameOf).Except(never)
            .Where(x => !IsOwn(x)).Should().BeEmpty("an endpoint that makes changes calls IApprovals.PassAsync and says .MayNeedApproval(kind), or is listed in this test with its reason");

    [Fact]
    public async Task under_a_policy_each_of_them_answers_202_and_nothing_is_changed()
    {
        var example = await Example.MakeAsync(host);
        var hold = await host.PostAsync("audit/holds", new { name = "Case 1", reason = "Asked for", resource = "notification" });
        var requests = new Dictionary<string, (string Path, object? Body)>(StringComparer.Ordinal)
        {
            ["PUT /api/v1/approval-policy"] = ("approval-policy", new { kinds = Array.Empty<string>() }),
            ["POST /api/v1/audit/holds"] = ("audit/holds", new { name = "Case 2", reason = "Asked for", resource = "notification" }),
            ["POST /api/v1/audit/erasures"] = ("audit/erasures", new { subject = "wangwu", reason = "Asked for it" }),
            ["DELETE /api/v1/audit/holds/{id}"] = ($"audit/holds/{hold["id"]}", null),
            ["POST /api/v1/replays"] = ("replays", new
            {
                mode = "redeliver",
                from = DateTimeOffset.UtcNow.AddHours(-1),
                to = DateTimeOffset.UtcNow,
                reason = "Incident 4711",
            }),
            ["POST /api/v1/configuration/import"] = ("configuration/import", new
            {
                notify = 1,
                schedules = new[] { new { name = "Imported", kind = "standard" } },
            }),
            ["POST /api/v1/users/import"] = ("users/import?mode=merge", new MultipartFormDataContent
            {
                { new StringContent("userName,name\nli.na,Li Na\n"), "file", "people.csv" },
            }),
            ["POST /api/v1/services/{id}/accounts/import"] = ($"services/{example.ServiceId}/accounts/import?mode=merge", new MultipartFormDataContent
            {
                { new StringContent("姓名,帐号\n王五,wangwu\n"), "file", "contacts.csv" },
            }),
        };
        var key = await host.PostAsync("api-keys", new { name = "SCADA", roles = new[] { "intake" } });
        requests["POST /api/v1/api-keys"] = ("api-keys", new { name = "Other", roles = new[] { "intake" } });
        requests["PUT /api/v1/api-keys/{id}"] = ($"api-keys/{key["id"]}", new { name = "Changed", roles = new[] { "intake" } });
        requests["POST /api/v1/api-keys/{id}/rotate"] = ($"api-keys/{key["id"]}/rotate", new { overlapHours = 1 });
        var drill = await host.PostAsync("drills", new
        {
            name = "Line 1",
            serviceId = example.ServiceId,
            messageId = example.MessageId,
            receivers = new[] { new { kind = "bot", alias = "Line 1" } },
            at = new { everyHours = 24 },
            provenEveryHours = 24,
        });
        var person = await host.PostAsync("users", new { userName = "li.si", name = "Li Si", signIn = "none" });
        var group = await host.PostAsync("groups", new { name = "Shift" });
        var role = await host.PostAsync("roles", new { name = "reader", permissions = new[] { "alarms.read" } });
        var source = await host.PostAsync("expected-sources", new { name = "Line 2", path = "Site1/Line2/**", expectEvery = 30 });
        foreach (var (kind, id) in new[] { ("service", example.ServiceId), ("message", example.MessageId), ("schedule", example.ScheduleId),
            ("rule", example.RuleId), ("drill", (string)drill["id"]!), ("user", (string)person["id"]!), ("group", (string)group["id"]!),
            ("role", (string)role["id"]!), ("expected-source", (string)source["id"]!) })
        {
            var (path, changed) = ($"{kind}s/{id}", await host.GetAsync($"{kind}s/{id}"));
            changed[kind == "user" ? "userName" : "name"] = "Changed";
            var created = changed.DeepClone();
            created[kind == "user" ? "userName" : "name"] = "Spare";
            if (kind == "service") created["wecom"] = System.Text.Json.Nodes.JsonNode.Parse(
                $$"""{ "bots": [ { "alias": "Line 1", "webhookUrl": "{{host.WeCom.RobotUrl(Example.RobotKey)}}" } ] }""");
            requests[$"PUT /api/v1/{kind}s/{{id}}"] = (path, changed);
            requests[$"POST /api/v1/{kind}s/{{id}}/disable"] = ($"{path}/disable{(kind == "service" ? "?confirm=1" : "")}", null);
            // Of something disabled, and used by nothing.
            var other = await host.PostAsync($"{kind}s", created);
            var spare = $"{kind}s/{other["id"]}";
            await host.SendAsync("POST", $"{spare}/disable", null, "If-Match", "*");
            requests[$"POST /api/v1/{kind}s/{{id}}/enable"] = ($"{spare}/enable", null);
            requests[$"DELETE /api/v1/{kind}s/{{id}}"] = (spare, null);
            created[kind == "user" ? "userName" : "name"] = "New";
            requests[$"POST /api/v1/{kind}s"] = ($"{kind}s", created);
        }

        using var locked = await host.SignedInAsync("wang.wu");
        await SecondFactor.SecondFactorTests.SetUpAsync(locked);
        var lockedId = (string?)(await locked.SendAsync("GET", "session")).Body["id"];
        requests["POST /api/v1/users/{id}/password"] = ($"users/{lockedId}/password", new { });
        requests["DELETE /api/v1/users/{id}/second-factor"] = ($"users/{lockedId}/second-factor", null);
        requests.Keys.Should().BeEquivalentTo(
            Changing().Where(x => x.Metadata.GetMetadata<MayNeedApproval>() is not null).Select(EndpointPermissions.NameOf),
            "a request that would succeed without a policy belongs here for each of them");
        var all = ApprovalPolicy.AllKinds.Select(x => x.Name).ToArray();
        (await host.SendAsync("PUT", "approval-policy", new { kinds = all }, "If-Match", "\"0\"")).Status.Should().Be(200);

        var before = await EventsAsync();
        foreach (var (endpoint, (path, body)) in requests)
        {
            var answer = await host.SendAsync(endpoint.Split(' ')[0], path, body, "If-Match", "*", "X-Change-Reason", "Because");
            // Of a file of people each row is a proposal of its own.
            var rows = answer.Body["proposed"]?.AsArray().Count;
            (answer.Status, (string?)answer.Body["state"], rows).Should().Be(rows is null ? (202, "Open", null) : (202, null, 1), $"{endpoint}: {answer.Text}");
        }

        (await EventsAsync()).Except(before).Select(x => x.Type).Where(x => x != "access.people_imported.v1").Should()
            .OnlyContain(x => x == "access.change_proposed.v1")
            .And.HaveCount(requests.Count);
    }

    /// <summary>A session and what proves who somebody is are their own.</summary>
    private static bool IsOwn(string endpoint) =>
        endpoint.Split(' ')[1].StartsWith("/api/v1/session", StringComparison.Ordinal);

    private async Task<List<(long Number, string Type)>> EventsAsync()
    {
        await using var command = host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>().CreateCommand(
            "select seq_id, type from notify.mt_events where split_part(stream_id, '-', 1) not in ('signin', 'refusal', 'node')");
        await using var reader = await command.ExecuteReaderAsync();
        var events = new List<(long, string)>();
        while (await reader.ReadAsync()) events.Add((reader.GetInt64(0), reader.GetString(1)));
        return events;
    }

    private IEnumerable<RouteEndpoint> Changing() =>
        host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            // A page changes nothing itself: it sends the commands that endpoints send.
            .Where(x => x.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is null)
            .Where(x => x.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IHttpMethodMetadata>()?.HttpMethods
                .Any(m => m is not ("GET" or "HEAD" or "OPTIONS")) == true);
}
