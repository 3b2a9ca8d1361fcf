using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Format;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>Who is limited to paths sees and changes nothing outside them, wherever they look: with a key that may do everything, but only below
/// Site1.</summary>
public sealed class PathTests : IAsyncLifetime
{
    /// <summary>In the name and path of the other site's alarm, and so in all that speaks of it.</summary>
    private const string Marker = "Geheim-4711";

    private NotifyHost host = null!;
    private HttpClient limited = null!;
    private string mine = null!;
    private string foreign = null!;
    private string correlation = null!;
    private string[] foreignNotifications = null!;

    private static readonly ApprovalTypes types = new(
        "access.change_proposed.v1", "access.proposal_approved.v1", "access.proposal_signed.v1", "access.approval_policy_changed.v1",
        new Dictionary<string, string>(StringComparer.Ordinal));

    private string[] ForeignIds => [foreign, .. foreignNotifications];

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        limited = await host.ClientOfKeyAsync(new { name = "Site 1", roles = new[] { "administrator" }, paths = new[] { "site1/**" } });
        var accepted = (await host.PostAsync("alarms", new
        {
            alarms = new[]
            {
                new { name = "Pump", path = "Site1/Pump", sourceId = "pump", level = "High" },
                new { name = Marker, path = $"Site2/{Marker}", sourceId = "secret", level = "High" },
            },
        }))["accepted"]!.AsArray();
        (mine, foreign, correlation) = ((string)accepted[0]!["alarmId"]!, (string)accepted[1]!["alarmId"]!, (string)accepted[1]!["correlationId"]!);
        await NotifiedAsync(2);
        host.WeCom.RemoveRobot(Example.RobotKey);
        foreach (var id in (string[])[mine, foreign]) await host.PostAsync($"alarms/{id}/acknowledge", new { note = $"About {id}" });
        await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count >= 2);
        foreignNotifications = [.. (await host.GetAsync($"notifications?alarmId={foreign}"))["items"]!.AsArray().Select(x => (string)x!["id"]!)];
        foreignNotifications.Should().HaveCount(2);
        await Eventually.GetAsync(() => host.GetAsync($"audit?resource={foreign}"), x => x["items"]!.AsArray().Count == 2);
    }

    public async Task DisposeAsync()
    {
        limited.Dispose();
        await host.DisposeAsync();
    }

    private async Task NotifiedAsync(int count) =>
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == count);

    [Fact]
    public async Task no_address_shows_anything_of_what_lies_elsewhere()
    {
        var (shown, closed, leaks) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var address in await AddressesAsync())
        {
            var (status, text) = await ReadAsync(host.Client, address);
            if (text.Contains(Marker, StringComparison.Ordinal)) shown.Add(address);
            var (limitedStatus, limitedText) = await ReadAsync(limited, address);
            // Of an address that is not theirs, the answer may repeat what they asked for.
            if (limitedText.Contains(Marker, StringComparison.Ordinal)
                || (limitedStatus == 200 && ForeignIds.Any(x => limitedText.Contains(x, StringComparison.Ordinal)))) leaks.Add(address);
            if (limitedStatus == 403) closed.Add(address);
            (limitedStatus < 500 || limitedStatus == status).Should().BeTrue(address);
        }

        leaks.Should().BeEmpty();
        shown.Should().HaveCountGreaterThan(20, "else the walk shows nothing");
        closed.Should().NotBeEmpty();
        // What is closed altogether is what says of itself nothing about paths; these do.
        closed.Should().NotContain(x => x.StartsWith("/api/v1/alarms", StringComparison.Ordinal) || x.StartsWith("/api/v1/notifications?")
            || x.StartsWith("/api/v1/audit?", StringComparison.Ordinal) || x.StartsWith("/api/v2/alerts", StringComparison.Ordinal)
            || x.StartsWith("/api/v1/replays", StringComparison.Ordinal) || x.StartsWith("/api/v1/audit/export", StringComparison.Ordinal)
            || x.StartsWith("/api/v1/audit/proof", StringComparison.Ordinal) || x.EndsWith("/receipt", StringComparison.Ordinal));
        // What is about the whole history cannot be cut.
        closed.Should().Contain("/api/v1/audit/checkpoints");
    }

    [Fact]
    public async Task what_leaves_notify_is_cut_to_their_paths_and_proves_itself_all_the_same()
    {
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "rule" } }, "If-Match", "\"0\"")).Status.Should().Be(200);
        using var author = await host.ClientOfRoleAsync("administrator");
        using var approver = await host.ClientOfRoleAsync("administrator");
        var rule = (await host.GetAsync("rules"))["items"]![0]!;
        var proposed = await author.SendToAsync("POST", $"rules/{rule["id"]}/disable", null, "If-Match", "*");
        proposed.Body["whatIf"]!.ToJsonString().Should().Contain(Marker);
        (await approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve")).Status.Should().Be(200);
        var key = NoteKey.Parse((string)(await KeysAsync())["keys"]![0]!["vkey"]!);

        var (status, export) = await ReadAsync(limited, "/api/v1/audit/export");
        (status, Check(export).Fault).Should().Be((200, null));
        export.Should().Contain("Site1/Pump").And.Contain(proposed.Id).And.NotContain(Marker).And.NotContainAny(ForeignIds)
            .And.Contain("\"filter\":{\"paths\":[\"site1/**\"]}");
        Check((await ReadAsync(host.Client, "/api/v1/audit/export")).Text).Entries.Should().BeGreaterThan(Check(export).Entries);
        (await ReadAsync(limited, $"/api/v1/audit/export?resource={foreign}")).Text.Should().NotContain("\"entry\"");

        var own = (string)(await limited.GetFromAsync($"notifications?alarmId={mine}&status=Delivered"))["items"]![0]!["id"]!;
        var (_, receipt) = await ReadAsync(limited, $"/api/v1/notifications/{own}/receipt");
        Check(receipt).Fault.Should().BeNull();
        receipt.Should().Contain("delivery.notification_requested.v1").And.NotContain(Marker);
        await SameAsUnknownAsync($"notifications/{foreignNotifications[0]}/receipt", foreignNotifications[0], "notification-00000000000000000000000000");

        var entries = (await limited.GetFromAsync($"audit?resource={mine}"))["items"]!.AsArray();
        using var proof = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(
            (await ReadAsync(limited, $"/api/v1/audit/proof/{entries[0]!["sequence"]}")).Text));
        ProofCheck.Check(proof, [key], types).Should().Match<ExportResult>(x => x.Fault == null && x.Entries == 1);
        var elsewhere = (await host.GetAsync($"audit?resource={foreign}"))["items"]![0]!["sequence"]!.ToString();
        await SameAsUnknownAsync($"audit/proof/{elsewhere}", elsewhere, "999999999");
        var changed = (await limited.GetFromAsync($"audit?resource={rule["id"]}&order=desc&limit=1"))["items"]![0]!["sequence"]!;
        var (_, approved) = await ReadAsync(limited, $"/api/v1/audit/proof/{changed}");
        using var related = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(approved));
        ProofCheck.Check(related, [key], types).Should().Match<ExportResult>(x => x.Fault == null && x.Entries > 3);
        approved.Should().NotContain(Marker);

        ExportResult Check(string text)
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            return ExportCheck.Check(stream, [key], types);
        }

        async Task<JsonObject> KeysAsync()
        {
            await host.SendAsync("GET", "audit/checkpoint");
            return await limited.GetFromAsync("audit/keys");
        }
    }

    [Fact]
    public async Task their_replays_are_of_their_paths_and_those_of_others_do_not_exist_for_them()
    {
        var others = await ReplayAsync(host.Client, "review");
        await SameAsUnknownAsync($"replays/{others["id"]}", (string)others["id"]!, "replay-00000000000000000000000000");
        await SameAsUnknownAsync($"replays/{others["id"]}/report", (string)others["id"]!, "replay-00000000000000000000000000");
        (await PostAsync($"replays/{others["id"]}/cancel", new { })).Should().Be(404);
        ((long)(await limited.GetFromAsync("replays"))["total"]!).Should().Be(0);

        var review = await ReplayAsync(limited, "review");
        (review["paths"]!.ToJsonString(), (long)review["progress"]!["total"]!).Should().Be(("[\"site1/**\"]", 100));
        foreach (var format in (string[])["json", "html"])
        {
            var (status, report) = await ReadAsync(limited, $"/api/v1/replays/{review["id"]}/report?format={format}");
            status.Should().Be(200);
            report.Should().Contain("Site1/Pump").And.NotContain(Marker).And.NotContainAny(ForeignIds);
        }

        var whatIf = await ReplayAsync(limited, "whatIf");
        var whole = await ReplayAsync(host.Client, "whatIf");
        ((int)whatIf["result"]!["decisions"]!, (int)whole["result"]!["decisions"]! > 2).Should().Be((2, true));
        // Their robot is gone, so that the repeat waits, and the replay with it.
        var again = (string)(await AskAsync(limited, "redeliver", "Delivered"))["id"]!;
        var repeats = await Eventually.GetAsync(
            async () => (await host.GetAsync("notifications?limit=1000"))["items"]!.AsArray().Where(x => (string?)x!["replayId"] == again).ToList(),
            x => x.Count > 0);
        repeats.Should().ContainSingle().Which!["alarmId"]!.GetValue<string>().Should().Be(mine);
        (await PostAsync($"replays/{again}/cancel", new { })).Should().Be(200);
        (await limited.GetFromAsync("replays"))["items"]!.AsArray().Should().HaveCount(3);
        ((long)(await host.GetAsync("replays"))["total"]!).Should().Be(5);
    }

    private static async Task<JsonObject> ReplayAsync(HttpClient client, string mode)
    {
        var id = (await AskAsync(client, mode))["id"]!;
        return await Eventually.GetAsync(() => client.GetFromAsync($"replays/{id}"), x => (string?)x["status"] == "Completed");
    }

    private static Task<JsonObject> AskAsync(HttpClient client, string mode, string? state = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        return client.PostToAsync("replays", new
        {
            mode,
            from = now.AddHours(-1),
            to = now.AddMinutes(1),
            reason = "x",
            filter = state is null ? null : new { status = state },
        });
    }

    /// <summary>What lies elsewhere is answered as what does not exist, in the same words.</summary>
    private async Task SameAsUnknownAsync(string path, string id, string unknown)
    {
        var hidden = await limited.SendToAsync("GET", path);
        var none = await limited.SendToAsync("GET", path.Replace(id, unknown, StringComparison.Ordinal));
        (hidden.Status, hidden.Detail?.Replace(id, "", StringComparison.Ordinal)).Should()
            .Be((404, none.Detail?.Replace(unknown, "", StringComparison.Ordinal)), path);
    }

    [Fact]
    public async Task what_lies_below_their_paths_is_shown_and_counted()
    {
        (await limited.GetFromAsync("alarms"))["items"]!.AsArray().Select(x => (string)x!["id"]!).Should().Equal(mine);
        (await limited.GetFromAsync($"alarms/{mine}"))["timeline"]!.AsArray().Should().NotBeEmpty();
        (await limited.GetFromAsync("notifications"))["items"]!.AsArray().Should().HaveCount(2).And.OnlyContain(x => (string?)x!["alarmId"] == mine);
        (await limited.GetFromAsync("notifications/failed"))["items"]!.AsArray().Should().ContainSingle();
        ((long)(await limited.GetFromAsync("notifications/failed/count"))["count"]!).Should().Be(1);
        // The other site's, and Notify's own that nothing passes.
        ((long)(await host.GetAsync("notifications/failed/count"))["count"]!).Should().BeGreaterThan(1);
        (await limited.GetFromAsync($"audit?resource={mine}"))["items"]!.AsArray().Should().HaveCount(2);
        (await limited.GetFromAsync("audit?module=rules"))["items"]!.AsArray().Should().NotBeEmpty();
        (await limited.GetFromAsync($"alarms/{mine}/explain?receiver=bot:Line%201"))["items"]!.AsArray().Should().HaveCount(2);
        (await limited.GetFromAsync("rules"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task nothing_elsewhere_is_changed()
    {
        (await PostAsync($"alarms/{foreign}/shelve", new { minutes = 5 })).Should().Be(404);
        (await PostAsync($"alarms/{foreign}/unshelve", new { })).Should().Be(404);
        (await PostAsync($"alarms/{foreign}/acknowledge", new { note = "x" })).Should().Be(404);
        (await PostAsync($"alarms/{mine}/shelve", new { minutes = 5 })).Should().Be(200);
        foreach (var verb in (string[])["resend", "dismiss", "cancel"])
        {
            var answer = await limited.PostToAsync($"notifications/{verb}", new { ids = foreignNotifications, reason = "x" });
            answer["items"]!.AsArray().Should().HaveCount(2).And.OnlyContain(x => (string?)x!["outcome"] == "notFound", verb);
        }

        var bulk = await limited.PostToAsync("notifications/bulk", new { verb = "cancel", reason = "x", filter = new { status = "Scheduled" } });
        ((int)bulk["total"]!).Should().Be(1, bulk.ToJsonString());
        var byIds = await limited.PostToAsync("notifications/bulk", new { verb = "cancel", reason = "x", ids = foreignNotifications });
        ((int)byIds["total"]!).Should().Be(0, byIds.ToJsonString());
        (await host.GetAsync($"notifications?alarmId={foreign}"))["items"]!.AsArray().Select(x => (string?)x!["status"])
            .Should().BeEquivalentTo("Scheduled", "Delivered");
        foreach (var path in (string[])["audit/verify", "audit/erasures", "audit/keys/rotate"])
            (await PostAsync(path, new { })).Should().Be(403, path);
    }

    [Fact]
    public async Task a_proposal_that_reaches_beyond_their_paths_does_not_exist_for_them_and_a_redelivery_of_theirs_does()
    {
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "erasure", "hold", "redelivery" } }, "If-Match", "\"0\"")).Status.Should()
            .Be(200);
        var redelivery = new { mode = "redeliver", from = "2026-01-01T00:00:00Z", to = "2026-06-01T00:00:00Z", reason = Marker };
        foreach (var (path, body) in new (string, object)[]
        {
            ("audit/erasures", new { subject = "wangwu", reason = Marker }), ("audit/holds", new { name = Marker, reason = Marker, from = "2026-01-01T00:00:00Z" }),
            ("replays", redelivery),
        })
        {
            var proposed = await host.SendAsync("POST", path, body);
            proposed.Status.Should().Be(202, proposed.Text);
            using var read = await limited.GetAsync(new Uri($"/api/v1/proposals/{proposed.Id}", UriKind.Relative));
            read.StatusCode.Should().Be(HttpStatusCode.NotFound, path);
            foreach (var verb in (string[])["approve", "reject", "withdraw"]) (await PostAsync($"proposals/{proposed.Id}/{verb}", new { })).Should().Be(404, path);
        }

        (await limited.GetFromAsync("proposals"))["items"]!.AsArray().Should().BeEmpty();
        var own = await limited.SendToAsync("POST", "replays", redelivery);
        own.Status.Should().Be(202, own.Text);
        (await limited.GetFromAsync("proposals"))["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(own.Id);
        (await PostAsync($"proposals/{own.Id}/withdraw", new { })).Should().Be(200);
    }

    [Fact]
    public async Task a_key_reports_only_below_its_paths_whatever_the_format()
    {
        var mixed = await limited.PostToAsync("alarms", new
        {
            alarms = new object[] { new { name = "Fan", path = "SITE1/Fan" }, new { name = "Fan", path = "Site2/Fan" }, new { name = "Fan" } },
        });
        mixed["accepted"]!.AsArray().Select(x => (int)x!["index"]!).Should().Equal(0);
        mixed["rejected"]!.AsArray().Select(x => x!["errors"]!["path"]![0]!.GetValue<string>())
            .Should().Equal(Enumerable.Repeat("Only alarms below these paths may be reported with these credentials: site1/**.", 2));

        // An alarm of the other site, by the id that its source gives it.
        (await PostAsync("alarms", new { alarms = new[] { new { name = "Pump", path = "Site1/Pump", sourceId = "secret", state = "ClearedAcked" } } }))
            .Should().Be(400);
        ((string?)(await host.GetAsync($"alarms/{foreign}"))["state"]).Should().StartWith("Active");

        using var alerts = await limited.PostAsJsonAsync(
            "/api/v2/alerts", new[] { new { labels = new { alertname = "Down", path = "Site2/Down" } } });
        alerts.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await PostAsync("intake/cloudevents", new { specversion = "1.0", id = "1", source = "/x", type = "alarm", subject = "Site2/X" }))
            .Should().BeOneOf(400, 415);
        (await host.GetAsync("alarms?path=Site2"))["items"]!.AsArray().Should().ContainSingle();
    }

    private async Task<int> PostAsync(string path, object body) => (int)(await limited.PostAsJsonAsync($"/api/v1/{path}", body)).StatusCode;

    private static async Task<(int Status, string Text)> ReadAsync(HttpClient client, string address)
    {
        using var response = await client.GetAsync(new Uri(address, UriKind.Relative));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Every address that can be read, with every id there is for what has one, and with what a curious reader would ask for.</summary>
    private async Task<List<string>> AddressesAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var period = $"from={now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}&to={now.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}";
        var replay = (string)(await host.PostAsync(
            "replays", new { mode = "review", from = now.AddHours(-1), to = now.AddMinutes(1), reason = "x" }))["id"]!;
        await Eventually.GetAsync(() => host.GetAsync($"replays/{replay}"), x => (string?)x["status"] == "Completed");
        var bulk = (string)(await host.PostAsync("notifications/bulk", new { verb = "resend", ids = foreignNotifications }))["id"]!;
        var sequences = (await host.GetAsync($"audit?resource={foreign}"))["items"]!.AsArray().Select(x => x!["sequence"]!.ToString());
        string[] ids = [foreign, mine, .. foreignNotifications, correlation, replay, bulk];
        var paths = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(x => x.Metadata.GetMetadata<RequiredPermission>() is not null && x.RoutePattern.RawText != "/metrics"
                && x.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Contains("GET"))
            .Select(x => $"/{x.RoutePattern.RawText!.Trim('/')}").Distinct().ToList();
        paths.Should().HaveCountGreaterThan(50);
        return
        [
            .. paths.Where(x => !x.Contains('{')).Select(x => x switch
            {
                "/api/v1/state/diff" => $"{x}?{period}",
                "/api/v1/explain" => $"{x}?{period}&receiver=bot:Line%201",
                _ => x,
            }),
            .. from path in paths
               where path.Contains("{id}")
               from id in ids
               select path.Replace("{id}", id) + (path.EndsWith("/explain", StringComparison.Ordinal) ? "?receiver=bot:Line%201" : ""),
            .. paths.Where(x => x.Contains("{sequence}")).SelectMany(x => sequences.Select(s => x.Replace("{sequence}", s))),
            "/api/v1/alarms?path=Site2", $"/api/v1/alarms?search={Marker}", "/api/v1/alarms?state=ActiveAcked", "/api/v1/alarms?limit=1000",
            $"/api/v1/notifications?alarmId={foreign}", "/api/v1/notifications?status=Delivered", "/api/v1/notifications?receiver=bot:Line%201",
            $"/api/v1/notifications/failed?search={Marker}", $"/api/v1/notifications/failed?alarmId={foreign}",
            $"/api/v1/audit?resource={foreign}", $"/api/v1/audit?text={Marker}", $"/api/v1/audit?correlationId={correlation}",
            "/api/v1/audit?order=desc&limit=1000", "/api/v1/audit?module=delivery", "/api/v1/audit?module=audit",
            $"/api/v1/audit?resource={foreignNotifications[0]}", $"/api/v1/replays/{replay}/report?format=html",
            $"/api/v1/audit/export?format=csv&{period}", $"/api/v2/alerts?filter=alertname%3D{Marker}",
        ];
    }
}
